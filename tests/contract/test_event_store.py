"""What every EventStore promises."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict, EventStore, follow
from reveille.kernel.events import MAX_EVENT_BYTES, About, Meta, New, Origin, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.sealing import seal
from tests.contract.stores import STORES, TYPES

IDS = UuidV7Ids()


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventStore]:
    async with STORES[request.param](tmp_path) as store:
        yield store


@pytest.fixture
async def start(store: EventStore) -> int:
    """Where the log stood before the test."""
    return await store.head()


@pytest.fixture
def t() -> str:
    """A tenant of the test's own: its streams are new also where the log is not."""
    return f"t{uuid4().hex[:12]}"


def event(text: str = "x") -> New:
    meta = Meta(7, About("c", "t", 2), Origin(b"cause", "planner", 3, 11), "replica")
    return new_event(IDS.new(), MessageParked(error=text, record=seal(text.encode())), meta)


def texts(events: Sequence[Recorded]) -> list[str]:
    return [recorded.msg.error for recorded in events if isinstance(recorded.msg, MessageParked)]


async def appended(store: EventStore, *batch: Append) -> list[Appended]:
    outcomes = await store.append(batch)
    done = [outcome for outcome in outcomes if isinstance(outcome, Appended)]
    assert len(done) == len(outcomes), outcomes
    return done


async def test_an_appended_event_is_read_as_it_was_written(store: EventStore, start: int, t: str) -> None:
    new = event("hello")
    (outcome,) = await appended(store, Append(f"{t}.a-1", NO_STREAM, [new]))
    assert (outcome.revision, outcome.repeated) == (0, False)
    assert outcome.position > start
    (read,) = (await store.read_streams({f"{t}.a-1": NO_STREAM}))[f"{t}.a-1"]
    assert (read.id, read.type, read.meta, read.stream, read.revision, read.position) == (
        new.id,
        "reveille.common.v1.MessageParked",
        new.meta,
        f"{t}.a-1",
        0,
        outcome.position,
    )
    assert read.msg == new.msg
    assert (read.data == new.data) is not bool(read.keys)


async def test_a_batch_has_a_result_for_each_stream(store: EventStore, t: str) -> None:
    await appended(store, Append(f"{t}.a-1", NO_STREAM, [event()]))
    results = await store.append(
        [
            Append(f"{t}.a-1", NO_STREAM, [event()]),
            Append(f"{t}.b-1", NO_STREAM, [event(), event()]),
            Append(f"{t}.a-2", 4, ()),
        ]
    )
    assert results[0] == Conflict(f"{t}.a-1", NO_STREAM, 0)
    assert isinstance(results[1], Appended)
    assert results[1].revision == 1
    assert results[2] == Conflict(f"{t}.a-2", 4, NO_STREAM)


async def test_the_position_of_an_append_is_that_of_its_last_event(store: EventStore, t: str) -> None:
    batch = [Append(f"{t}.a-{n}", NO_STREAM, [event(), event()]) for n in range(3)]
    for outcome, append in zip(await appended(store, *batch), batch, strict=True):
        assert (await store.read_one(append.stream, 1)).position == outcome.position
    assert await store.head() == max(outcome.position for outcome in await appended(store, *batch))


async def test_the_same_events_again_at_the_same_place_change_nothing(store: EventStore, t: str) -> None:
    first, more = [event(), event()], [event()]
    (done,) = await appended(store, Append(f"{t}.a-1", NO_STREAM, first))
    await appended(store, Append(f"{t}.a-1", 1, more))
    again, other = await appended(store, Append(f"{t}.a-1", NO_STREAM, first), Append(f"{t}.b-1", NO_STREAM, [event()]))
    assert again == Appended(1, done.position, repeated=True)
    assert not other.repeated
    assert len((await store.read_streams({f"{t}.a-1": NO_STREAM}))[f"{t}.a-1"]) == 3


async def test_other_events_at_the_same_place_are_a_conflict(store: EventStore, t: str) -> None:
    first = [event(), event()]
    await appended(store, Append(f"{t}.a-1", NO_STREAM, first))
    conflict = [Conflict(f"{t}.a-1", NO_STREAM, 1)]
    assert await store.append([Append(f"{t}.a-1", NO_STREAM, [event(), event()])]) == conflict
    assert await store.append([Append(f"{t}.a-1", NO_STREAM, [first[0], event()])]) == conflict
    assert await store.append([Append(f"{t}.a-1", NO_STREAM, [*first, event()])]) == conflict


async def test_the_same_events_sent_twice_at_once_stand_once(store: EventStore, t: str) -> None:
    same = [event()]
    results = await asyncio.gather(*(store.append([Append(f"{t}.a-1", NO_STREAM, same)]) for _ in range(5)))
    assert sorted(r[0].repeated for r in results if isinstance(r[0], Appended)) == [False] + [True] * 4


async def test_a_check_alone_writes_nothing_and_sees_a_stream_that_moved(store: EventStore, t: str) -> None:
    (done,) = await appended(store, Append(f"{t}.a-1", NO_STREAM, [event()]))
    held, moved = await store.append([Append(f"{t}.a-1", 0)]), await store.append([Append(f"{t}.a-1", NO_STREAM)])
    assert isinstance(held[0], Appended)
    assert held[0].revision == 0
    assert held[0].position >= done.position
    assert moved == [Conflict(f"{t}.a-1", NO_STREAM, 0)]
    assert await store.head() == done.position


async def test_of_many_writers_on_one_revision_one_wins(store: EventStore, t: str) -> None:
    await appended(store, Append(f"{t}.a-1", NO_STREAM, [event()]))
    results = await asyncio.gather(*(store.append([Append(f"{t}.a-1", 0, [event()])]) for _ in range(20)))
    assert sum(isinstance(result[0], Appended) for result in results) == 1


async def test_an_event_that_is_too_large_is_refused_with_its_whole_batch(
    store: EventStore, start: int, t: str
) -> None:
    large = event("x" * MAX_EVENT_BYTES)
    with pytest.raises(ValueError, match="at most 262144"):
        await store.append([Append(f"{t}.b-1", NO_STREAM, [event()]), Append(f"{t}.a-1", NO_STREAM, [large])])
    assert await store.head() == start


async def test_a_stream_is_read_forwards_from_a_revision_and_backwards(store: EventStore, t: str) -> None:
    await appended(store, Append(f"{t}.a-1", NO_STREAM, [event(str(n)) for n in range(5)]))
    assert texts((await store.read_streams({f"{t}.a-1": 2}))[f"{t}.a-1"]) == ["3", "4"]
    assert texts(await store.read_backwards(f"{t}.a-1", 2)) == ["4", "3"]
    assert await store.read_streams({f"{t}.none-1": NO_STREAM}) == {f"{t}.none-1": []}
    assert await store.read_backwards(f"{t}.none-1", 2) == []


async def test_many_streams_are_read_at_once_each_from_its_own_revision(store: EventStore, t: str) -> None:
    await appended(store, *(Append(f"{t}.a-{n}", NO_STREAM, [event(f"{n}{k}") for k in range(3)]) for n in range(20)))
    found = await store.read_streams({f"{t}.a-{n}": n % 3 - 1 for n in range(20)})
    assert {stream: texts(events) for stream, events in found.items()} == {
        f"{t}.a-{n}": [f"{n}{k}" for k in range(n % 3, 3)] for n in range(20)
    }


async def test_one_event_is_read_by_its_address(store: EventStore, t: str) -> None:
    await appended(store, Append(f"{t}.a-1", NO_STREAM, [event("0"), event("1")]))
    assert texts([await store.read_one(f"{t}.a-1", 1)]) == ["1"]
    with pytest.raises(KeyError):
        await store.read_one(f"{t}.a-1", 2)
    with pytest.raises(KeyError):
        await store.read_one(f"{t}.none-1", 0)


async def test_everything_is_read_in_the_order_of_positions(store: EventStore, start: int, t: str) -> None:
    for n in range(6):
        await appended(store, Append(f"{t}.{'ab'[n % 2]}-{n}", NO_STREAM, [event(str(n))]))
    at = [recorded.position for recorded in await store.read_all(start, 10)]
    assert at == sorted(set(at))
    assert len(at) == 6
    assert texts(await store.read_all(at[1], 3)) == ["2", "3", "4"]
    assert texts(await store.read_all(start, 10, category="b")) == ["1", "3", "5"]
    assert texts(await store.read_all(at[1], 1, category="b")) == ["3"]
    assert await store.read_all(at[5], 10) == []


async def test_events_are_read_by_their_positions(store: EventStore, start: int, t: str) -> None:
    await appended(store, *(Append(f"{t}.a-{n}", NO_STREAM, [event(str(n))]) for n in range(5)))
    at = [recorded.position for recorded in await store.read_all(start, 10)]
    assert [recorded.position for recorded in await store.read_at(at)] == at
    assert [recorded.position for recorded in await store.read_at([at[1], at[3]])] == [at[1], at[3]]
    assert await store.read_at([]) == []
    (many,) = await appended(store, Append(f"{t}.b-1", NO_STREAM, [event() for _ in range(600)]))
    positions = [recorded.position for recorded in (await store.read_streams({f"{t}.b-1": NO_STREAM}))[f"{t}.b-1"]]
    assert positions[-1] == many.position
    assert [recorded.position for recorded in await store.read_at(positions)] == positions


async def test_a_category_is_told_from_those_that_begin_alike(store: EventStore, start: int, t: str) -> None:
    for stream in (f"{t}.run-1", f"{t}.running-1", f"{t}.run", f"other_{t}.run-2", f"{t}.a-run-1"):
        await appended(store, Append(stream, NO_STREAM, [event(stream)]))
    assert texts(await store.read_all(start, 10, category="run")) == [f"{t}.run-1", f"{t}.run", f"other_{t}.run-2"]


async def test_following_turns_live_without_a_hole(store: EventStore, start: int, t: str) -> None:
    async def write(count: int) -> None:
        for n in range(count):
            await store.append([Append(f"{t}.a-{n}", NO_STREAM, [event(str(n)), event(str(n))])])

    await appended(store, Append(f"{t}.before-1", NO_STREAM, [event("before")]))
    seen: list[Recorded] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write(100))
        async with asyncio.timeout(30):
            async for events in follow(store, start, limit=7):
                seen += events
                if len(seen) >= 201:
                    break
    positions = [recorded.position for recorded in seen]
    assert positions == sorted(set(positions))
    assert texts(seen) == ["before", *(str(n) for n in range(100) for _ in range(2))]


async def test_a_reader_who_follows_many_writers_skips_nothing(store: EventStore, start: int, t: str) -> None:
    async def write(writer: int) -> None:
        for n in range(25):
            await store.append([Append(f"{t}.w{writer}-{n}", NO_STREAM, [event(f"{writer}/{n}")])])

    seen: list[str] = []
    async with asyncio.TaskGroup() as tasks:
        for writer in range(8):
            tasks.create_task(write(writer))
        async with asyncio.timeout(30):
            async for events in follow(store, start, limit=50):
                seen += texts(events)
                if len(seen) >= 200:
                    break
    assert sorted(seen) == sorted(f"{writer}/{n}" for writer in range(8) for n in range(25))


async def test_a_reader_sees_what_was_appended_before_it_asked(store: EventStore, t: str) -> None:
    for n in range(50):
        (result,) = await appended(store, Append(f"{t}.a-{n}", NO_STREAM, [event()]))
        assert (await store.read_all(result.position - 1, 1))[0].position == result.position
        assert await store.head() >= result.position


async def test_who_waits_is_woken_by_an_append(store: EventStore, start: int, t: str) -> None:
    waiting = asyncio.ensure_future(store.wait(start))
    await asyncio.sleep(0)
    assert not waiting.done()
    await appended(store, Append(f"{t}.a-1", NO_STREAM, [event()]))
    await asyncio.wait_for(waiting, 10)
    await asyncio.wait_for(store.wait(start), 10)


async def test_a_snapshot_is_the_last_one_saved(store: EventStore, t: str) -> None:
    assert await store.snapshot(f"{t}.a-1") is None
    await store.save_snapshot(f"{t}.a-1", b"one")
    await store.save_snapshot(f"{t}.a-1", b"two\x00\xff")
    await appended(store, Append(f"{t}.a-1", NO_STREAM, [event()]))  # saved behind it, for stores that save late
    assert await store.snapshot(f"{t}.a-1") == b"two\x00\xff"


async def test_a_snapshot_is_no_event(store: EventStore, start: int, t: str) -> None:
    await store.save_snapshot(f"{t}.a-1", b"one")
    await appended(store, Append(f"{t}.a-1", NO_STREAM, [event("after")]))
    assert texts(await store.read_all(start, 10)) == ["after"]
    assert len(await store.read_all(start, 10)) == 1


async def test_the_log_goes_on_where_it_was_when_it_is_opened_again(tmp_path: Path) -> None:
    first = SqliteEventStore.open(tmp_path / "log.db", TYPES)
    await first.append([Append("t.a-1", NO_STREAM, [event("0")])])
    await first.close()
    second = SqliteEventStore.open(tmp_path / "log.db", TYPES)
    assert await second.append([Append("t.a-1", NO_STREAM, [event()])]) == [Conflict("t.a-1", NO_STREAM, 0)]
    assert await second.append([Append("t.a-1", 0, [event("1")])]) == [Appended(1, 2)]
    assert texts(await second.read_all(0, 10)) == ["0", "1"]
    await second.close()
