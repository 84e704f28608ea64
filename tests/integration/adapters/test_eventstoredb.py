"""The log on EventStoreDB through its real client: what goes wrong on the way, and what others see and write."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from esdbclient import AsyncEventStoreDBClient, NewEvent, RecordedEvent, StreamState

from reveille.adapters.eventstoredb import EventStoreDb
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.kernel.errors import Misconfigured, Transient, Unknown
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict, follow
from reveille.kernel.events import About, EventTypes, Meta, New, Origin, Recorded, new_event
from reveille.kernel.ids import UuidV7Ids
from tests.eventstoredb.server import ProtocolServer, running

IDS = UuidV7Ids()
TYPES = EventTypes([common_pb2])
CAUSE = IDS.new()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ProtocolServer]:
    async with running(tmp_path) as server:
        yield server


@pytest.fixture
async def store(server: ProtocolServer) -> AsyncIterator[EventStoreDb]:
    async with opened(server.uri) as store:
        yield store


@asynccontextmanager
async def opened(uri: str, *, deadline: float = 5.0, silence: float = 15.0) -> AsyncIterator[EventStoreDb]:
    store = await EventStoreDb.open(uri, TYPES, deadline=deadline, silence=silence)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def plain(server: ProtocolServer) -> AsyncIterator[AsyncEventStoreDBClient]:
    """Somebody else's client."""
    client = AsyncEventStoreDBClient(server.uri)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def process(folder: Path, port: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The protocol server as a process, and its URI."""
    arguments = ["-m", "tests.eventstoredb", "--port", str(port), "--folder", str(folder)]
    started = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert started.stdout is not None
        yield started, (await started.stdout.readline()).decode().split()[-1]
    finally:
        if started.returncode is None:
            started.terminate()
        await started.wait()


def event(text: str = "x") -> New:
    meta = Meta(7, About("c-1", "00-4bf9-00f0-01", 2), Origin(CAUSE, "planner", 3, 11), "replica-1")
    return new_event(IDS.new(), MessageParked(error=text), meta)


def texts(events: Sequence[Recorded]) -> list[str]:
    return [recorded.msg.error for recorded in events if isinstance(recorded.msg, MessageParked)]


async def surely(store: EventStoreDb, *batch: Append) -> list[Appended | Conflict]:
    """The same bytes again until there is an answer, as the kernel does it."""
    while True:
        try:
            return await store.append(batch)
        except Transient:
            await asyncio.sleep(0.02)


async def followed(store: EventStoreDb, count: int, after: int = 0) -> list[str]:
    seen: list[str] = []
    while len(seen) < count:
        try:
            async with aclosing(follow(store, after)) as batches:  # type: ignore[type-var]
                async for events in batches:
                    seen += texts(events)
                    after = events[-1].position
                    if len(seen) >= count:
                        break
        except Transient:
            await asyncio.sleep(0.02)
    return seen


async def refused(store: EventStoreDb, append: Append) -> Transient:
    with pytest.raises(Transient) as raised:
        await store.append([append])
    return raised.value


# What goes wrong on the way


@pytest.mark.parametrize("restart", [True, False], ids=["restarted", "cut off"])
async def test_a_follower_misses_and_doubles_nothing_when_the_server_is(
    server: ProtocolServer, store: EventStoreDb, restart: bool
) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(followed(store, 90))
        for n in range(90):
            outcomes = await surely(store, Append("t.a-1", n - 1, [event(str(n))]))
            assert isinstance(outcomes[0], Appended)
            if n in (30, 60) and restart:
                await server.stop()
                await refused(store, Append("t.b-1", NO_STREAM, [event()]))
                await server.start()
            elif n in (30, 60):
                await server.cut()
    assert following.result() == [str(n) for n in range(90)]


async def test_a_server_that_was_killed_goes_on_with_what_it_had_answered(tmp_path: Path) -> None:
    async with process(tmp_path, 0) as (first, uri), opened(uri) as store, asyncio.timeout(60):
        following = asyncio.ensure_future(followed(store, 20))
        for n in range(10):
            await store.append([Append("t.a-1", n - 1, [event(str(n))])])
        first.kill()
        await first.wait()
        async with process(tmp_path, int(uri.rpartition(":")[2].partition("?")[0])):
            for n in range(10, 20):
                (outcome,) = await surely(store, Append("t.a-1", n - 1, [event(str(n))]))
                assert isinstance(outcome, Appended)
            assert await following == [str(n) for n in range(20)]


async def test_writers_at_once_write_each_event_once_while_connections_are_cut(
    server: ProtocolServer, store: EventStoreDb
) -> None:
    async def write(writer: int) -> None:
        for n in range(20):
            (outcome,) = await surely(store, Append(f"t.w-{writer}", n - 1, [event(f"{writer}/{n}")]))
            assert isinstance(outcome, Appended)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(followed(store, 160))
        writers = [tasks.create_task(write(writer)) for writer in range(8)]
        for count in (30, 60, 90):
            await followed(store, count)
            await server.cut()
        await asyncio.wait(writers)
    assert sorted(following.result()) == sorted(f"{writer}/{n}" for writer in range(8) for n in range(20))
    assert len(await store.read_all(0, 1000)) == 160


async def test_what_could_not_be_sent_was_not_written(server: ProtocolServer, store: EventStoreDb) -> None:
    append = Append("t.a-1", NO_STREAM, [event()])
    await server.stop()
    try:
        async with asyncio.timeout(30):
            # The first ones may still be sent into a connection that is just ending.
            while type(error := await refused(store, append)) is Unknown:
                pass
    finally:
        await server.start()
    assert "failed to connect" in str(error)
    assert "\n" not in str(error)


async def test_an_append_without_an_answer_is_settled_by_the_same_bytes_again(server: ProtocolServer) -> None:
    async with opened(server.uri, deadline=0.5) as store:
        append = Append("t.a-1", NO_STREAM, [event("0"), event("1")])
        async with server.answering_later():
            assert type(await refused(store, append)) is Unknown
        async with asyncio.timeout(30):
            (outcome,) = await surely(store, append)
            read = (await store.read_streams({"t.a-1": NO_STREAM}))["t.a-1"]
        assert outcome == Appended(1, read[-1].position, repeated=True)
        assert texts(read) == ["0", "1"]


async def test_a_batch_of_which_a_part_was_written_is_unknown_and_goes_well_again(
    server: ProtocolServer, store: EventStoreDb
) -> None:
    large = [event("x" * 250_000) for _ in range(5)]
    small = Append("t.b-1", NO_STREAM, [event("small")])
    with pytest.raises(Unknown, match="Max size is 1048576"):
        await store.append([Append("t.a-1", NO_STREAM, large), small])
    again = await store.append([Append("t.a-1", NO_STREAM, large[:2]), small])
    assert [isinstance(outcome, Appended) and outcome.repeated for outcome in again] == [False, True]


async def test_an_append_that_the_server_refuses_is_not_written(store: EventStoreDb) -> None:
    error = await refused(store, Append("t.a-1", NO_STREAM, [event("x" * 250_000) for _ in range(5)]))
    assert type(error) is Transient
    assert await store.read_backwards("t.a-1", 1) == []


async def test_a_silent_subscription_is_noticed(server: ProtocolServer) -> None:
    async with opened(server.uri, silence=0.2) as store, asyncio.timeout(30):
        await store.append([Append("t.a-1", NO_STREAM, [event("before")])])
        await store.wait(0)
        server.mute()
        (outcome,) = await store.append([Append("t.a-1", 0, [event("after")])])
        assert isinstance(outcome, Appended)
        assert texts(await store.read_all(0, 10)) == ["before", "after"]  # though the tail does not show it
        await store.wait(outcome.position - 1)
        assert await followed(store, 2) == ["before", "after"]


async def test_a_log_in_which_nothing_happens_keeps_its_subscription(server: ProtocolServer) -> None:
    async with opened(server.uri, silence=0.05) as store, asyncio.timeout(30):
        await store.append([Append("t.a-1", NO_STREAM, [event()])])
        await store.wait(0)
        subscriptions = server.node.subscriptions.value
        await server.node.looks_at_the_end.reach(server.node.looks_at_the_end.value + 5)
        assert server.node.subscriptions.value == subscriptions


async def test_a_read_that_is_cancelled_does_not_end_as_if_it_were_complete(
    server: ProtocolServer, store: EventStoreDb
) -> None:
    await store.append([Append("t.a-1", NO_STREAM, [event()])])
    async with server.answering_later(), asyncio.timeout(30):
        reading = asyncio.ensure_future(store.read_streams({"t.a-1": NO_STREAM}))
        await server.node.stream_reads.reach(1)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


@pytest.mark.parametrize("way", ["cut off", "not answered in time"])
async def test_a_read_that_does_not_come_to_its_end_is_no_answer(server: ProtocolServer, way: str) -> None:
    async with opened(server.uri, deadline=30 if way == "cut off" else 0.3) as store, asyncio.timeout(30):
        await surely(store, Append("t.a-1", NO_STREAM, [event()]))
        async with server.answering_later():
            reading = asyncio.ensure_future(store.read_streams({"t.a-1": NO_STREAM}))
            if way == "cut off":
                await server.node.stream_reads.reach(1)
                await server.cut()
            with pytest.raises(Transient) as raised:
                await reading
        assert type(raised.value) is Transient


async def test_another_node_that_leads_now_is_found(tmp_path: Path) -> None:
    first = ProtocolServer(tmp_path)
    second = ProtocolServer(tmp_path, nodes=first.nodes)
    second.node.leads = False
    async with AsyncExitStack() as stack:
        log = await first.start()
        stack.push_async_callback(first.stop)
        await second.start(log)
        stack.push_async_callback(second.stop)
        uri = f"esdb://127.0.0.1:{first.node.port},127.0.0.1:{second.node.port}?tls=false"
        store = await stack.enter_async_context(opened(uri, silence=0.2))
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            following = tasks.create_task(followed(store, 20))
            for n in range(20):
                await surely(store, Append("t.a-1", n - 1, [event(str(n))]))
                if n == 9:
                    first.node.leads, second.node.leads = False, True
                    first.mute()
        assert following.result() == [str(n) for n in range(20)]
        assert second.node.subscriptions.value


async def test_a_cluster_is_discovered(server: ProtocolServer) -> None:
    async with opened(server.uri.replace("esdb:", "esdb+discover:")) as store:
        (outcome,) = await store.append([Append("t.a-1", NO_STREAM, [event()])])
        assert isinstance(outcome, Appended)


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("esdb://admin:secret@127.0.0.1:1?tls=false", "cannot be used: read of the last event at 127.0.0.1:1: failed"),
        ("esdb://admin:secret@127.0.0.1:1,127.0.0.1:2?tls=false&MaxDiscoverAttempts=1", "no leading node .* was found"),
        ("http://admin:secret@127.0.0.1:1", "the URI of EventStoreDB is no good: Invalid URI scheme: 'http'"),
        ("esdb://127.0.0.1:1?colour=secret", "the URI of EventStoreDB is no good: Unknown field .*: COLOUR"),
        ("esdb://admin:secret@127.0.0.1:1?tls=maybe", "the URI of EventStoreDB is no good: 'maybe' not one of"),
        ("esdb://admin:secret@127.0.0.1:1?tls=false&nodePreference=follower", "nodePreference must be leader"),
        ("esdb://:secret@", "the URI of EventStoreDB is no good: No targets specified"),
    ],
)
async def test_what_cannot_be_opened_is_said_in_one_line_without_its_password(uri: str, reason: str) -> None:
    with pytest.raises(Misconfigured, match=reason) as raised:
        await EventStoreDb.open(uri, TYPES)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


# What others see and write


async def test_an_event_is_written_so_that_the_servers_own_projections_find_it(
    server: ProtocolServer, store: EventStoreDb
) -> None:
    new = event("hello")
    await store.append([Append("t.a-1", NO_STREAM, [new])])
    async with plain(server) as client:
        (read,) = await client.get_stream("t.a-1")
    assert (read.id, read.type, read.data) == (UUID(bytes=new.id), "reveille.common.v1.MessageParked", new.data)
    assert read.content_type == "application/octet-stream"
    assert json.loads(read.metadata) == {
        "time": "7",
        "$correlationId": "c-1",
        "$causationId": str(UUID(bytes=CAUSE)),
        "trace": "00-4bf9-00f0-01",
        "hop": "2",
        "sender": "planner",
        "partition": "3",
        "position": "11",
        "replica": "replica-1",
    }


@pytest.mark.parametrize(
    "metadata", [b"", b"\xff\x00", b"[1]", b'"text"', b'{"time":[]}', b'{"$correlationId":7}', b'{"$causationId":"?"}']
)
async def test_what_others_write_in_their_ways_is_read_without_a_message(
    server: ProtocolServer, store: EventStoreDb, metadata: bytes
) -> None:
    news = [
        NewEvent("OrderPlaced", b'{"total": 3}', metadata),
        NewEvent("reveille.common.v1.MessageParked", b"{}", metadata),
        NewEvent("reveille.common.v1.MessageParked", b"\xff\xff", metadata, "application/octet-stream"),
    ]
    await store.append([Append("t.a-1", NO_STREAM, [event("ours")])])
    async with plain(server) as client:
        await client.append_to_stream("shop.orders-1", current_version=StreamState.ANY, events=news)
    await store.append([Append("t.a-1", 0, [event("ours too")])])
    async with opened(server.uri) as other:
        for read in (await store.read_all(0, 10), await other.read_all(0, 10)):
            assert [(one.stream, one.type) for one in read[1:4]] == [("shop.orders-1", new.type) for new in news]
            assert [one.msg for one in read[1:4]] == [None, None, None]
            assert all(one.meta.about == About("") and one.meta.time > 0 for one in read[1:4])
            assert texts(read) == ["ours", "ours too"]


async def test_streams_of_other_shapes_are_left_out(server: ProtocolServer, store: EventStoreDb) -> None:
    others = ["orders", "Shop.orders-1", "$et-x", "$$t.a-1", "snapshot-t.a-1", "a-b.c", ".a", "t."]
    (first,) = await store.append([Append("t.a-1", NO_STREAM, [event("1")])])
    async with plain(server) as client:
        for stream in others:
            await client.append_to_stream(
                stream, current_version=StreamState.ANY, events=[NewEvent("Other", b"{}", b"")]
            )
    assert isinstance(first, Appended)
    assert await store.head() == first.position
    await store.append([Append("t.b", NO_STREAM, [event("2")])])
    assert texts(await store.read_all(0, 10)) == ["1", "2"]
    async with opened(server.uri) as other:
        assert [one.stream for one in await other.read_all(0, 10)] == ["t.a-1", "t.b"]


async def test_the_head_is_no_snapshot(store: EventStoreDb) -> None:
    (outcome,) = await store.append([Append("t.a-1", NO_STREAM, [event()])])
    for n in range(3):
        await store.save_snapshot("t.a-1", b"%d" % n)
    assert isinstance(outcome, Appended)
    assert await store.head() == outcome.position


async def test_of_a_streams_snapshots_the_last_one_is_kept(server: ProtocolServer, store: EventStoreDb) -> None:
    for n in range(3):
        await store.save_snapshot("t.a-1", b"%d" % n)
    async with plain(server) as client:
        kept: Sequence[RecordedEvent] = await client.get_stream("snapshot-t.a-1")
    assert [one.data for one in kept] == [b"2"]


async def test_what_is_older_than_the_tail_is_read_from_the_server(server: ProtocolServer, store: EventStoreDb) -> None:
    names = ["t.run-1", "t.running-1", "t.run", "other_t.run-2", "t.a-run-1", "t.run_x-1"]
    for name in names:
        await store.append([Append(name, NO_STREAM, [event(name)])])
    everything = await store.read_all(0, 10)
    async with opened(server.uri) as other:
        assert texts(await other.read_all(0, 10)) == names
        assert texts(await other.read_all(0, 10, category="run")) == ["t.run-1", "t.run", "other_t.run-2"]
        assert texts(await other.read_all(everything[1].position, 2)) == names[2:4]
        assert await other.read_all(everything[-1].position, 2) == []
        assert [one.position for one in await other.read_all(0, 10)] == [one.position for one in everything]


async def test_what_another_process_appends_is_seen(server: ProtocolServer, store: EventStoreDb) -> None:
    async with opened(server.uri) as other, asyncio.timeout(30):
        start = await store.head()
        waiting = asyncio.ensure_future(store.wait(start))
        (outcome,) = await other.append([Append("t.a-1", NO_STREAM, [event("theirs")])])
        assert isinstance(outcome, Appended)
        assert await store.head() == outcome.position
        await waiting
        assert texts(await store.read_all(start, 10)) == ["theirs"]
        assert await store.append([Append("t.a-1", NO_STREAM, [event()])]) == [Conflict("t.a-1", NO_STREAM, 0)]
