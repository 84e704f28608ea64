"""Real faults on the real stack, under 50 webhooks a second: nothing is lost, doubled or out of order.

`python -m tests.chaos` does the same for longer, and tells of it while it goes on.
"""

import pytest

from reveille.adapters.kafka_consumer import STUCK_SECONDS
from tests.chaos.conftest import Faults
from tests.seeds import session_seed

seeded = pytest.mark.parametrize("seed", [session_seed()])


@seeded
def test_a_minute_of_kills_of_services_broker_and_database_changes_nothing(faults: Faults, seed: int) -> None:
    assert faults("kills", seed, 60).problems == {}


@seeded
def test_who_needs_a_broker_that_is_away_says_so_and_comes_back_by_itself(faults: Faults, seed: int) -> None:
    """Longer than clients are waited for that bring nothing: what gives up on them must be there again afterwards."""
    assert faults("broker", seed, STUCK_SECONDS + 5).problems == {}


@seeded
def test_who_needs_a_database_that_is_away_says_so_and_comes_back_by_itself(faults: Faults, seed: int) -> None:
    assert faults("database", seed, 5).problems == {}


@seeded
def test_a_replica_that_was_stopped_beyond_its_session_changes_nothing(faults: Faults, seed: int) -> None:
    assert faults("stopped", seed, 5).problems == {}


@seeded
def test_replicas_that_come_and_go_change_nothing(faults: Faults, seed: int) -> None:
    assert faults("churn", seed, 5).problems == {}


@seeded
def test_replicas_that_come_and_go_under_new_names_change_nothing(faults: Faults, seed: int) -> None:
    assert faults("nameless", seed, 5).problems == {}


@seeded
def test_poison_is_parked_once_with_its_reason_while_its_neighbours_go_on(faults: Faults, seed: int) -> None:
    assert faults("poison", seed, 5).problems == {}


@seeded
def test_a_service_whose_needs_are_away_at_its_start_says_so_in_one_line(faults: Faults, seed: int) -> None:
    assert faults("start-up", seed, 0).problems == {}


@seeded
def test_of_two_processes_with_one_name_one_gives_up(faults: Faults, seed: int) -> None:
    assert faults("one-name", seed, 0).problems == {}
