"""Real faults on the real stack, under 50 webhooks a second: nothing is lost, doubled or out of order.

`python -m tests.chaos` does the same for longer, and tells of it while it goes on.
"""

import pytest

from reveille.adapters.kafka_consumer import STUCK_SECONDS
from tests.chaos.conftest import Faults
from tests.seeds import session_seed

seeded = pytest.mark.parametrize("seed", [session_seed()])


@seeded
def test_kills_of_every_service_the_broker_the_database_and_redis_change_nothing(faults: Faults, seed: int) -> None:
    """Each once; `make chaos` goes on for two minutes."""
    assert faults("kills", seed, 0).problems == {}


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


@seeded
def test_a_full_disk_loses_nothing_of_what_one_process_has_accepted(faults_alone: Faults, seed: int) -> None:
    assert faults_alone("embedded-disk", seed, 3).problems == {}


@seeded
def test_one_process_refuses_what_nobody_should_send_and_goes_on(faults_alone: Faults, seed: int) -> None:
    assert faults_alone("embedded-poison", seed, 0).problems == {}


@seeded
def test_one_process_that_is_stopped_and_continued_goes_on(faults_alone: Faults, seed: int) -> None:
    assert faults_alone("embedded-stopped", seed, 0).problems == {}
