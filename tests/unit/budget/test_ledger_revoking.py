"""Work that nobody wants: what waits is withdrawn, what holds tokens is told once; they come free at its end."""

from reveille.contracts.budget.v1.events_pb2 import (
    ReservationRevoked,
    ReservationWithdrawn,
    TokensReleased,
    TokensSettled,
    TopUpDenied,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH
from tests.unit.budget.bookkeeping import (
    TODAY,
    account,
    close,
    deferred,
    given,
    goes,
    reservation,
    reserved,
    revoke,
    settle,
    top_up,
    updated,
)

AGENT = f"agent:a@{TODAY}"
REVOKED = ReservationRevoked(run_id="r1", execution_id="e-r1", agent="a")


def withdrawn(run: str) -> ReservationWithdrawn:
    return ReservationWithdrawn(run_id=run, agent="a")


def test_a_reservation_that_holds_tokens_is_revoked() -> None:
    given(reserved(reservation())).when(revoke()).then(REVOKED)


def test_it_is_revoked_once() -> None:
    given(reserved(reservation())).when(revoke()).when(revoke()).then()


def test_a_reservation_that_waits_is_withdrawn() -> None:
    ledger = given(updated(agent_a=100), reserved(reservation("r0")), deferred(reservation("r1"), AGENT)).when(revoke())
    ledger.then(withdrawn("r1"))
    assert not ledger.state.waiting


def test_what_waits_is_withdrawn_once() -> None:
    held = given(updated(agent_a=100), reserved(reservation("r0")), deferred(reservation("r1"), AGENT))
    held.when(revoke()).when(revoke()).then()


def test_whoever_stood_behind_one_that_is_withdrawn_goes_where_there_is_room() -> None:
    large, small = reservation("large", 90, priority=PRIORITY_HIGH), reservation("small", 40)
    waiting = given(
        updated(agent_a=100), reserved(reservation("r0", 60)), deferred(large, AGENT, 40), deferred(small, AGENT)
    )
    waiting.when(revoke("large")).then(withdrawn("large"), *goes(small))


def test_nobody_goes_while_the_revoked_one_holds_the_tokens() -> None:
    waiting = given(updated(agent_a=100), reserved(reservation("r1")), deferred(reservation("r2"), AGENT))
    waiting.when(revoke()).then(REVOKED)


def test_its_tokens_come_free_by_its_end_and_what_it_used_counts() -> None:
    waiting = given(updated(agent_a=130), reserved(reservation("r1")), deferred(reservation("r2"), AGENT))
    ended = waiting.when(revoke()).when(settle(used=30))
    ended.then(TokensSettled(run_id="r1", used=30), TokensReleased(run_id="r1", tokens=70), *goes(reservation("r2")))
    assert ended.state.account(AGENT) == account(reserved=100, used=30, runs=1)


def test_a_run_that_has_ended_is_not_revoked() -> None:
    given(reserved(reservation())).when(settle(used=100)).when(revoke()).then()


def test_a_run_that_nobody_knows_is_not_revoked() -> None:
    given(reserved(reservation())).when(revoke("r9")).then()


def test_a_revoked_run_gets_no_more_tokens() -> None:
    denied = TopUpDenied(run_id="r1", agent="a", request=1, tokens=50, account="execution:e-r1")
    given(reserved(reservation())).when(revoke()).when(top_up()).then(denied)


def test_it_stays_revoked_where_it_had_got_more_before() -> None:
    given(reserved(reservation())).when(top_up()).when(revoke()).when(revoke()).then()


def test_what_is_settled_in_two_events_is_revoked_until_the_second() -> None:
    half = given(reserved(reservation()), REVOKED, TokensSettled(run_id="r1", used=30))
    half.when(revoke()).then()


def test_a_run_whose_execution_has_ended_is_revoked_all_the_same() -> None:
    given(reserved(reservation())).when(close()).when(revoke()).then(REVOKED)
