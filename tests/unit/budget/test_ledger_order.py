"""A decision is the same in every process, though the order in maps is not."""

import pytest

from tests.unit.budget.bookkeeping import TODAY, deferred, given, reservation, reserve, reserved, updated


@pytest.mark.parametrize("other", ["b", "c", "d", "e", "f", "g", "h", "i"])
def test_who_is_held_up_by_two_is_held_up_by_his_own_agent(other: str) -> None:
    # Whichever of the two the map gives first: the order of text in it differs with the process's hash seed.
    asked, own, foreign = reservation("r3", 10), reservation("r2", 100), reservation("r1", 100, agent=other)
    ledger = given(
        updated(tenant=150, agent_a=150),
        reserved(reservation("r0", 90)),
        deferred(foreign, f"tenant@{TODAY}"),
        deferred(own, f"agent:a@{TODAY}"),
    )
    ledger.when(reserve(asked)).then(deferred(asked, f"agent:a@{TODAY}"))
