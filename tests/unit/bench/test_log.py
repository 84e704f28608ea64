"""A figure counts only work that was done, whichever database says so."""

import pytest

from bench.log import COMPLETED, Log
from bench.running import BenchFailed

FAILED = "reveille.agent_runner.v1.RunFailed"


class Looks:
    """`Rows` of which each look finds the next part."""

    pause = 0.0

    def __init__(self, *parts: list[tuple[str, int, int]]) -> None:
        self._parts = list(parts)
        self.asked: list[int] = []

    def since(self, position: int) -> list[tuple[str, int, int]]:
        self.asked.append(position)
        return self._parts.pop(0) if self._parts else []

    def sizes(self, after: int, type_name: str | None) -> list[int]:
        return []

    def close(self) -> None:
        pass


def nothing() -> None:
    pass


def test_each_look_begins_where_the_last_one_ended() -> None:
    looks = Looks([("a", 2, 3), ("b", 1, 7)], [("a", 1, 9)])
    log = Log(looks)
    log.look()
    assert looks.asked == [0, 7]
    assert (log.counts["a"], log.counts["b"], log.position) == (3, 1, 9)


def test_it_waits_until_all_have_completed() -> None:
    looks = Looks([], [(COMPLETED, 2, 5)], [], [(COMPLETED, 1, 6)])
    log = Log(looks)
    log.until_completed(3, nothing)
    assert (log.counts[COMPLETED], len(looks.asked)) == (3, 4)


def test_completions_beside_a_failure_are_no_figure() -> None:
    log = Log(Looks([], [(FAILED, 1, 2), (COMPLETED, 3, 5)]))
    with pytest.raises(BenchFailed, match=r"expected completed executions alone: .*1 RunFailed"):
        log.until_completed(3, nothing)


def test_a_platform_that_has_ended_ends_the_wait() -> None:
    def ended() -> None:
        raise BenchFailed("it ended")

    with pytest.raises(BenchFailed, match="it ended"):
        Log(Looks()).until_completed(1, ended)
