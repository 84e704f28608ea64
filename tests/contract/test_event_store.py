"""What every EventStore promises."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict, EventStore, follow
from reveille.kernel.events import MAX_EVENT_BYTES, About, EventTypes, Meta, New, Origin, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids

TYPES = EventTypes([common_pb2])
IDS = UuidV7Ids()


@pytest.fixture(params=["sqlite", "inline"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventStore]:
    store: SqliteEventStore | InlineEventStore
    match request.param:
        case "sqlite":
            store = SqliteEventStore.open(tmp_path / "log.db", TYPES)
        case "inline":
            store = InlineEventStore(TYPES)
    yield store
    await store.close()


def event(text: str = "x") -> New:
    meta = Meta(7, About("c", "t", 2), Origin(b"cause", "planner", 3, 11), "replica")
    return new_event(IDS.new(), MessageParked(error=text), meta)


def texts(events: Sequence[Recorded]) -> list[str]:
    return [recorded.msg.error for recorded in events if isinstance(recorded.msg, MessageParked)]


async def test_an_appended_event_is_read_as_it_was_written(store: EventStore) -> None:
    new = event("hello")
    assert await store.append([Append("t.a-1", NO_STREAM, [new])]) == [Appended(0, 1)]
    (read,) = (await store.read_streams({"t.a-1": NO_STREAM}))["t.a-1"]
    assert (read.id, read.type, read.data, read.meta, read.stream, read.revision, read.position) == (
        new.id,
        "reveille.common.v1.MessageParked",
        new.data,
        new.meta,
        "t.a-1",
        0,
        1,
    )
    assert read.msg == new.msg


async def test_the_streams_of_a_batch_have_a_result_each(store: EventStore) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event()])])
    results = await store.append(
        [Append("t.a-1", NO_STREAM, [event()]), Append("t.b-1", NO_STREAM, [event(), event()]), Append("t.a-2", 4, ())]
    )
    assert results == [Conflict("t.a-1", NO_STREAM, 0), Appended(1, 3), Conflict("t.a-2", 4, NO_STREAM)]


async def test_the_same_events_again_at_the_same_place_change_nothing(store: EventStore) -> None:
    first, more = [event(), event()], [event()]
    await store.append([Append("t.a-1", NO_STREAM, first)])
    await store.append([Append("t.a-1", 1, more)])
    again = await store.append([Append("t.a-1", NO_STREAM, first), Append("t.b-1", NO_STREAM, [event()])])
    assert again == [Appended(1, 2, repeated=True), Appended(0, 4)]
    assert len((await store.read_streams({"t.a-1": NO_STREAM}))["t.a-1"]) == 3


async def test_the_same_events_sent_twice_at_once_stand_once(store: EventStore) -> None:
    same = [event()]
    results = await asyncio.gather(*(store.append([Append("t.a-1", NO_STREAM, same)]) for _ in range(5)))
    assert sorted((r[0].repeated for r in results if isinstance(r[0], Appended)), reverse=False) == [False] + [True] * 4


async def test_a_check_alone_writes_nothing_and_sees_a_stream_that_moved(store: EventStore) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event()])])
    held, moved = await store.append([Append("t.a-1", 0)]), await store.append([Append("t.a-1", NO_STREAM)])
    assert isinstance(held[0], Appended)
    assert moved == [Conflict("t.a-1", NO_STREAM, 0)]
    assert await store.head() == 1


async def test_of_many_writers_on_one_revision_one_wins(store: EventStore) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event()])])
    results = await asyncio.gather(*(store.append([Append("t.a-1", 0, [event()])]) for _ in range(20)))
    assert sum(isinstance(result[0], Appended) for result in results) == 1


async def test_an_event_that_is_too_large_is_refused_with_its_whole_batch(store: EventStore) -> None:
    large = event("x" * MAX_EVENT_BYTES)
    with pytest.raises(ValueError, match="at most 262144"):
        await store.append([Append("t.b-1", NO_STREAM, [event()]), Append("t.a-1", NO_STREAM, [large])])
    assert await store.head() == 0


async def test_a_stream_is_read_forwards_from_a_revision_and_backwards(store: EventStore) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event(str(n)) for n in range(5)])])
    assert texts((await store.read_streams({"t.a-1": 2}))["t.a-1"]) == ["3", "4"]
    assert texts(await store.read_backwards("t.a-1", 2)) == ["4", "3"]
    assert await store.read_streams({"t.none-1": NO_STREAM}) == {"t.none-1": []}
    assert await store.read_backwards("t.none-1", 2) == []


async def test_one_event_is_read_by_its_address(store: EventStore) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event("0"), event("1")])])
    assert (await store.read_one("t.a-1", 1)).msg == MessageParked(error="1")
    with pytest.raises(KeyError):
        await store.read_one("t.a-1", 2)
    with pytest.raises(KeyError):
        await store.read_one("t.none-1", 0)


async def test_everything_is_read_in_the_order_of_positions(store: EventStore) -> None:
    for n in range(6):
        await store.append([Append(f"t.{'ab'[n % 2]}-{n}", NO_STREAM, [event(str(n))])])
    assert texts(await store.read_all(2, 3)) == ["2", "3", "4"]
    assert texts(await store.read_all(0, 10, category="b")) == ["1", "3", "5"]
    assert texts(await store.read_all(2, 1, category="b")) == ["3"]
    assert await store.read_all(6, 10) == []


async def test_following_turns_live_without_a_hole(store: EventStore) -> None:
    async def write(count: int) -> None:
        for n in range(count):
            await store.append([Append(f"t.a-{n}", NO_STREAM, [event(str(n)), event(str(n))])])

    await store.append([Append("t.before-1", NO_STREAM, [event()])])
    seen: list[int] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write(100))
        async for events in follow(store, 0, limit=7):
            seen += [recorded.position for recorded in events]
            if len(seen) == 201:
                break
    assert seen == list(range(1, 202))


async def test_a_reader_sees_what_was_appended_before_it_asked(store: EventStore) -> None:
    for n in range(50):
        (result,) = await store.append([Append(f"t.a-{n}", NO_STREAM, [event()])])
        assert isinstance(result, Appended)
        assert (await store.read_all(result.position - 1, 1))[0].position == result.position


async def test_a_snapshot_is_the_last_one_saved(store: EventStore) -> None:
    assert await store.snapshot("t.a-1") is None
    await store.save_snapshot("t.a-1", b"one")
    await store.save_snapshot("t.a-1", b"two")
    await store.append([Append("t.a-1", NO_STREAM, [event()])])  # saved behind it, for stores that save late
    assert await store.snapshot("t.a-1") == b"two"


async def test_the_log_goes_on_where_it_was_when_it_is_opened_again(tmp_path: Path) -> None:
    first = SqliteEventStore.open(tmp_path / "log.db", TYPES)
    await first.append([Append("t.a-1", NO_STREAM, [event("0")])])
    await first.close()
    second = SqliteEventStore.open(tmp_path / "log.db", TYPES)
    assert await second.append([Append("t.a-1", NO_STREAM, [event()])]) == [Conflict("t.a-1", NO_STREAM, 0)]
    assert await second.append([Append("t.a-1", 0, [event("1")])]) == [Appended(1, 2)]
    assert texts(await second.read_all(0, 10)) == ["0", "1"]
    await second.close()
