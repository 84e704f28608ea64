"""EventStoreDB's protocol as its clients speak it: Streams and Gossip, with faults that can be switched on."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import grpc
from esdbclient.protos.Grpc import (
    gossip_pb2,
    gossip_pb2_grpc,
    shared_pb2,
    status_pb2,
    streams_pb2,
    streams_pb2_grpc,
)
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.empty_pb2 import Empty

from reveille.kernel.event_store import NO_STREAM
from tests.eventstoredb.log import Kept, Log, Proposed, Wrong, for_ever

MAX_APPEND_BYTES = 1024 * 1024

Fits = Callable[[Kept], bool]


class Counter:
    """How often something has happened, and a way to wait until it has."""

    def __init__(self) -> None:
        self.value = 0
        self._moved = asyncio.Event()

    def count(self) -> None:
        self.value += 1
        self._moved.set()

    async def reach(self, value: int) -> None:
        while self.value < value:
            self._moved.clear()
            await self._moved.wait()


@dataclass(slots=True)
class Node:
    """A node of the cluster as gossip tells of it, what is wrong with it, and what it was asked for."""

    port: int
    leads: bool = True
    # Subscriptions that began before it was raised send nothing more, and stay open.
    muted: int = 0
    # While it is not set, appends are done and not answered, and reads have no end.
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    subscriptions: Counter = field(default_factory=Counter)
    stream_reads: Counter = field(default_factory=Counter)
    looks_at_the_end: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.answering.set()


class Gossip(gossip_pb2_grpc.GossipServicer):
    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = nodes

    async def Read(self, request: Any, context: Any) -> gossip_pb2.ClusterInfo:
        states = gossip_pb2.MemberInfo.VNodeState
        return gossip_pb2.ClusterInfo(
            members=[
                gossip_pb2.MemberInfo(
                    state=states.Leader if node.leads else states.Follower,
                    is_alive=True,
                    http_end_point=gossip_pb2.EndPoint(address="127.0.0.1", port=node.port),
                )
                for node in self._nodes
            ]
        )


class Streams(streams_pb2_grpc.StreamsServicer):
    def __init__(self, log: Log, node: Node, nodes: list[Node]) -> None:
        self._log = log
        self._node = node
        self._nodes = nodes

    async def BatchAppend(
        self, requests: AsyncIterator[streams_pb2.BatchAppendReq], context: Any
    ) -> AsyncIterator[streams_pb2.BatchAppendResp]:
        options, proposed = streams_pb2.BatchAppendReq.Options(), list[Any]()
        async for request in requests:
            await self._lead(context)
            if request.HasField("options"):
                options = request.options
            proposed += request.proposed_messages
            if not request.is_final:
                continue
            stream = options.stream_identifier.stream_name.decode()
            expected = options.WhichOneof("expected_stream_position")
            events, proposed = [_proposed(message) for message in proposed], []
            response = streams_pb2.BatchAppendResp(
                correlation_id=request.correlation_id, stream_identifier=options.stream_identifier
            )
            if sum(len(event.data) + len(event.metadata) for event in events) > MAX_APPEND_BYTES:
                _fail(response, shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=MAX_APPEND_BYTES))
                yield response
                continue
            outcome = await self._append(stream, expected, options.stream_position, events)
            if isinstance(outcome, Wrong):
                _fail(response, _wrong(outcome, expected, options.stream_position))
            else:
                revision, position = outcome
                response.success.current_revision = revision
                response.success.position.commit_position = position
                response.success.position.prepare_position = position
            await self._node.answering.wait()
            yield response

    async def _append(
        self, stream: str, expected: str | None, revision: int, events: list[Proposed]
    ) -> tuple[int, int] | Wrong:
        match expected:
            case "stream_position":
                return await self._log.append(stream, revision, events)
            case "no_stream":
                return await self._log.append(stream, NO_STREAM, events)
            case "stream_exists" if not await self._log.exists(stream):
                return Wrong(NO_STREAM)
            case _:
                return await self._log.append(stream, None, events)

    async def Read(self, request: streams_pb2.ReadReq, context: Any) -> AsyncIterator[streams_pb2.ReadResp]:
        await self._lead(context)
        options = request.options
        match options.WhichOneof("stream_option"), options.WhichOneof("count_option"):
            case "stream", "count":
                responses = self._read_stream(options)
            case "all", "count":
                await self._check_position(options, context)
                responses = self._read_all(options)
            case "all", "subscription":
                await self._check_position(options, context)
                responses = self._subscribe(options)
            case other:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{other} is not served here")
                raise AssertionError("abort raises")
        async for response in responses:
            yield response

    async def _read_stream(self, options: streams_pb2.ReadReq.Options) -> AsyncIterator[streams_pb2.ReadResp]:
        stream = options.stream.stream_identifier.stream_name.decode()
        start = options.stream.revision if options.stream.WhichOneof("revision_option") == "revision" else None
        limit = min(options.count, 2**63 - 1)
        if not await self._log.exists(stream):
            missing = streams_pb2.ReadResp.StreamNotFound(stream_identifier=options.stream.stream_identifier)
            yield streams_pb2.ReadResp(stream_not_found=missing)
            return
        if options.read_direction == streams_pb2.ReadReq.Options.Forwards:
            found = await self._log.read_stream(stream, start or 0, limit)
        else:
            found = await self._log.read_backwards(stream, start, limit)
        for kept in found:
            yield _event(kept)
        self._node.stream_reads.count()
        await self._node.answering.wait()

    async def _read_all(self, options: streams_pb2.ReadReq.Options) -> AsyncIterator[streams_pb2.ReadResp]:
        """Forwards it begins with the position that is asked for, backwards before it."""
        fits, left = _filter(options), options.count
        backwards = options.read_direction == streams_pb2.ReadReq.Options.Backwards
        position = _position(options)
        if backwards:
            self._node.looks_at_the_end.count()
        else:
            position = 0 if position is None else position - 1
        while left:
            page = await (self._log.before(position) if backwards else self._log.after(position or 0))
            if not page:
                return
            for kept in page:
                if left and fits(kept):
                    left -= 1
                    yield _event(kept)
            position = page[-1].position

    async def _subscribe(self, options: streams_pb2.ReadReq.Options) -> AsyncIterator[streams_pb2.ReadResp]:
        """It begins after the position that is asked for."""
        fits, position, began = _filter(options), _position(options) or 0, self._node.muted
        every = max(1, options.filter.max * options.filter.checkpointIntervalMultiplier)
        considered, caught_up = 0, False
        self._node.subscriptions.count()
        confirmation = streams_pb2.ReadResp.SubscriptionConfirmation(subscription_id=str(uuid4()))
        yield streams_pb2.ReadResp(confirmation=confirmation)
        while True:
            page = await self._log.after(position)
            if not page:
                if not caught_up:
                    caught_up = True
                    yield streams_pb2.ReadResp(caught_up=streams_pb2.ReadResp.CaughtUp())
                await self._log.wait(position)
                continue
            for kept in page:
                if self._node.muted != began:
                    await for_ever()
                position = kept.position
                considered += 1
                if fits(kept):
                    yield _event(kept)
                if considered % every == 0:
                    checkpoint = streams_pb2.ReadResp.Checkpoint(commit_position=position, prepare_position=position)
                    yield streams_pb2.ReadResp(checkpoint=checkpoint)

    async def _check_position(self, options: streams_pb2.ReadReq.Options, context: Any) -> None:
        """As the server does since 23.10: a position must be that of an event."""
        position = _position(options)
        if position is not None and not await self._log.holds(position):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Trying to read from an invalid position.")

    async def _lead(self, context: Any) -> None:
        if self._node.leads or ("requires-leader", "true") not in context.invocation_metadata():
            return
        leader = next(node for node in self._nodes if node.leads)
        context.set_trailing_metadata(
            (("leader-endpoint-host", "127.0.0.1"), ("leader-endpoint-port", str(leader.port)))
        )
        await context.abort(grpc.StatusCode.NOT_FOUND, "Leader info available")


def _proposed(message: Any) -> Proposed:
    return Proposed(
        id=UUID(message.id.string).bytes,
        type=message.metadata["type"],
        data=message.data,
        metadata=message.custom_metadata,
        content_type=message.metadata["content-type"],
    )


def _event(kept: Kept) -> streams_pb2.ReadResp:
    event = kept.event
    recorded = streams_pb2.ReadResp.ReadEvent.RecordedEvent(
        id=shared_pb2.UUID(string=str(UUID(bytes=event.id))),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=kept.stream.encode()),
        stream_revision=kept.revision,
        commit_position=kept.position,
        prepare_position=kept.position,
        # In ticks of 100 ns.
        metadata={"type": event.type, "content-type": event.content_type, "created": str(kept.created * 10)},
        custom_metadata=event.metadata,
        data=event.data,
    )
    return streams_pb2.ReadResp(event=streams_pb2.ReadResp.ReadEvent(event=recorded, commit_position=kept.position))


def _position(options: streams_pb2.ReadReq.Options) -> int | None:
    """None: from the start, or from the end."""
    all_streams = options.all
    return all_streams.position.commit_position if all_streams.WhichOneof("all_option") == "position" else None


def _filter(options: streams_pb2.ReadReq.Options) -> Fits:
    match options.filter.WhichOneof("filter"):
        case "stream_identifier":
            by_stream = _expression(options.filter.stream_identifier)
            return lambda kept: by_stream(kept.stream)
        case "event_type":
            by_type = _expression(options.filter.event_type)
            return lambda kept: by_type(kept.event.type)
        case _:
            return lambda kept: True


def _expression(expression: streams_pb2.ReadReq.Options.FilterOptions.Expression) -> Callable[[str], bool]:
    if expression.prefix:
        prefixes = tuple(expression.prefix)
        return lambda text: text.startswith(prefixes)
    pattern = re.compile(expression.regex)
    return lambda text: pattern.search(text) is not None


def _wrong(outcome: Wrong, expected: str | None, revision: int) -> shared_pb2.WrongExpectedVersion:
    details = shared_pb2.WrongExpectedVersion()
    if outcome.actual == NO_STREAM:
        details.current_no_stream.CopyFrom(Empty())
    else:
        details.current_stream_revision = outcome.actual
    if expected == "stream_position":
        details.expected_stream_position = revision
    else:
        details.expected_no_stream.CopyFrom(Empty())
    return details


def _fail(response: streams_pb2.BatchAppendResp, details: Any) -> None:
    packed = Packed()
    packed.Pack(details)
    response.error.CopyFrom(status_pb2.Status(message=type(details).__name__, details=packed))
