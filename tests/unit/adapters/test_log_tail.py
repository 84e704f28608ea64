"""The tail of a log, whose positions may have gaps."""

import asyncio

import pytest

from reveille.adapters.log_tail import LogTail
from reveille.kernel.events import About, Meta, Recorded


def recorded(position: int, stream: str = "t.a-1", size: int = 1) -> Recorded:
    return Recorded(b"", "type", b"x" * size, Meta(0, About("")), None, position, stream, position)


def positions(events: list[Recorded] | None) -> list[int] | None:
    return None if events is None else [event.position for event in events]


def test_it_holds_what_came_after_it_began() -> None:
    tail = LogTail(100)
    tail.extend([recorded(117), recorded(217)])
    tail.extend([recorded(250, "t.b-1")])
    assert tail.head == 250
    assert positions(tail.after(100, 10)) == [117, 217, 250]
    assert positions(tail.after(117, 10)) == [217, 250]
    assert positions(tail.after(118, 1)) == [217]
    assert positions(tail.after(250, 10)) == []
    assert positions(tail.after(100, 10, "b")) == [250]
    assert positions(tail.after(99, 10)) is None


def test_what_comes_twice_is_held_once() -> None:
    tail = LogTail(100)
    tail.extend([recorded(117), recorded(217)])
    tail.extend([recorded(100), recorded(117), recorded(217), recorded(300)])
    assert positions(tail.after(100, 10)) == [117, 217, 300]


@pytest.mark.parametrize(("kept", "kept_bytes", "size"), [(4, 1_000_000, 1), (1_000_000, 4_000, 1_000)])
def test_it_forgets_the_oldest_and_says_so(kept: int, kept_bytes: int, size: int) -> None:
    tail = LogTail(0, kept, kept_bytes)
    for position in range(10, 100, 10):
        tail.extend([recorded(position, size=size)])
    assert positions(tail.after(50, 10)) == [60, 70, 80, 90]
    assert tail.after(49, 10) is None
    assert tail.one("t.a-1", 50) is None
    assert tail.one("t.a-1", 60) is not None


async def test_who_waits_is_told_what_the_tail_ended_with() -> None:
    tail = LogTail(0)
    waiting = asyncio.ensure_future(tail.wait(0))
    await asyncio.sleep(0)
    tail.end(RuntimeError("gone"))
    with pytest.raises(RuntimeError, match="gone"):
        await waiting
    with pytest.raises(RuntimeError, match="gone"):
        await tail.wait(0)
