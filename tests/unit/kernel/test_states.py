"""What a service keeps of streams is bounded, in number and in weight."""

from reveille.kernel.snapshots import Loaded
from reveille.kernel.states import States


def loaded(revision: int) -> Loaded:
    return Loaded("state", revision, {})


def test_what_is_taken_is_kept_no_more() -> None:
    states = States()
    states.put("a", loaded(1), 1)
    assert states.take("a") == loaded(1)
    assert states.take("a") is None


def test_more_streams_than_fit_let_go_of_the_one_that_was_put_longest_ago() -> None:
    states = States(streams=2, weight=100)
    for name in ("a", "b", "a", "c"):
        states.put(name, loaded(1), 1)
    assert states.take("b") is None
    assert states.take("a") == states.take("c") == loaded(1)


def test_heavy_states_let_go_of_others_earlier() -> None:
    states = States(streams=100, weight=10)
    for name in ("a", "b", "c"):
        states.put(name, loaded(1), 4)
    assert [states.take(name) is not None for name in ("a", "b", "c")] == [False, True, True]


def test_one_that_is_heavier_than_all_may_be_is_kept_alone() -> None:
    states = States(streams=100, weight=10)
    states.put("a", loaded(1), 1)
    states.put("b", loaded(1), 50)
    assert len(states) == 1
    assert states.take("b") == loaded(1)
    states.put("c", loaded(1), 10)
    assert states.take("c") == loaded(1)


def test_what_is_put_again_weighs_as_it_does_now() -> None:
    states = States(streams=100, weight=10)
    states.put("a", loaded(1), 9)
    states.put("a", loaded(2), 1)
    states.put("b", loaded(1), 9)
    assert states.take("a") == loaded(2)


def test_nothing_is_kept_of_what_may_be_stale() -> None:
    states = States()
    states.put("a", loaded(1), 1)
    states.clear()
    assert len(states) == 0
