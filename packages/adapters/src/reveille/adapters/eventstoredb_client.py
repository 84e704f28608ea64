"""A connection to EventStoreDB: the one module that knows esdbclient, and the place where that library's errors end.

Three of its ways are not ours. It calls again by itself after an error, and before that closes the channel under
everybody's other calls; so it is called below its decorators. A read that is cancelled ends as if it were complete,
whoever cancelled it; so each read's status is looked at. And its channels wait up to two minutes before they connect
again, for which there are options.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from inspect import unwrap
from typing import Any, Final
from uuid import UUID

from esdbclient import AsyncEventStoreDBClient, NewEvent, RecordedEvent, StreamState
from esdbclient.connection_spec import ConnectionSpec
from esdbclient.exceptions import (
    AccessDeniedError,
    CancelledByClient,
    DeadlineExceeded,
    EventStoreDBClientException,
    MaximumAppendSizeExceededError,
    NodeIsNotLeader,
    NotFound,
    ServiceUnavailable,
    StreamIsDeleted,
    WrongCurrentVersion,
)
from google.protobuf.message import DecodeError, Message

from reveille.adapters import eventstoredb_metadata
from reveille.adapters.cancelling import cancellations, raise_if_cancelled
from reveille.adapters.tls import explained
from reveille.kernel.errors import Misconfigured, Transient, Unknown
from reveille.kernel.event_store import NO_STREAM
from reveille.kernel.events import EventTypes, New, Recorded

_append: Final = unwrap(AsyncEventStoreDBClient.append_to_stream)
_read_stream: Final = unwrap(AsyncEventStoreDBClient.read_stream)
_read_all: Final = unwrap(AsyncEventStoreDBClient.read_all)
_subscribe: Final = unwrap(AsyncEventStoreDBClient.subscribe_to_all)

DATA: Final = "application/octet-stream"
KEEPALIVE_MS: Final = 10_000
_CHANNEL_OPTIONS: Final = (
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A channel that replaces another one would otherwise wait as long as that one still had to.
    ("grpc.use_local_subchannel_pool", 1),
)
# Events that the server looks at between two signs that it is still searching for one that fits; its default is 30.
_WINDOW: Final = 1_000
FILES: Final = "see tlsCaFile, userCertFile and userKeyFile in its URI"
# gRPC says so, and only so, where a call has never left this process.
_NEVER_SENT: Final = ("failed to connect", "DNS resolution failed")


class Connection:
    """One channel to the node that leads, made when it is first needed; another one when that node leads no more."""

    def __init__(self, uri: str, types: EventTypes, *, deadline: float) -> None:
        """deadline: seconds that any one call may take, unless the URI says defaultDeadline."""
        try:
            spec = AsyncEventStoreDBClient(uri).connection_spec
        except (ValueError, OSError) as error:
            # Not `from error`: some of its messages hold the URI, and that the password.
            raise Misconfigured(
                f"the URI of EventStoreDB is no good: {str(error).replace(uri, '').strip(': ')}"
            ) from None
        if spec.options.NodePreference != "leader":
            raise Misconfigured("the URI of EventStoreDB is no good: nodePreference must be leader, others lag behind")
        self.where = ",".join(spec.targets)
        self._uri = uri
        self._types = types
        self._spec: ConnectionSpec = spec
        self._deadline = spec.options.DefaultDeadline or deadline
        self._discovers = spec.scheme == "esdb+discover" or len(spec.targets) > 1
        self._client: AsyncEventStoreDBClient | None = None
        self._connecting = asyncio.Lock()
        self._attempts = 0
        self._left: asyncio.Queue[AsyncEventStoreDBClient] = asyncio.Queue()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            self._left.put_nowait(client)
        while not self._left.empty():
            await self._left.get_nowait().close()

    async def close_what_was_left(self) -> None:
        """Runs for as long as the connection is used: calls that still run on a channel have some seconds to end."""
        while True:
            client = await self._left.get()
            await client.close()

    async def append(self, stream: str, expected: int, events: Sequence[New]) -> int | None:
        """The position of the last event; None where the stream is at another revision and has not these events."""
        client = await self._connected()
        version = StreamState.NO_STREAM if expected == NO_STREAM else expected
        news = [
            NewEvent(new.type, new.data, eventstoredb_metadata.encode(new.meta), DATA, UUID(bytes=new.id))
            for new in events
        ]
        return await self._write(client, stream, version, news)

    async def append_raw(self, stream: str, type: str, data: bytes, *, content_type: Any = DATA) -> None:
        """An event without our metadata, at whatever revision the stream is."""
        client = await self._connected()
        await self._write(client, stream, StreamState.ANY, [NewEvent(type, data, b"", content_type)])

    async def _write(
        self, client: AsyncEventStoreDBClient, stream: str, version: int | StreamState, news: list[NewEvent]
    ) -> int | None:
        position: int | None
        with self._translated(client, f"append to stream {stream}", writes=True):
            try:
                position = await _append(client, stream, current_version=version, events=news, timeout=self._deadline)
            except WrongCurrentVersion:
                position = None
        return position

    async def read_stream(self, stream: str, start: int, limit: int | None = None) -> list[Recorded]:
        """Events from a revision on; of a stream that is not there, none."""
        found = await self._read_stream(stream, stream_position=start, **({} if limit is None else {"limit": limit}))
        return [self._recorded(event) for event in found]

    async def read_backwards(self, stream: str, limit: int) -> list[Recorded]:
        return [self._recorded(event) for event in await self._read_stream(stream, backwards=True, limit=limit)]

    async def last_data(self, stream: str) -> bytes | None:
        """What the last event of a stream holds, whatever it is."""
        found = await self._read_stream(stream, backwards=True, limit=1)
        return found[0].data if found else None

    async def read_all(self, after: int, limit: int, streams: str) -> list[Recorded]:
        """Events of the streams whose whole name fits the pattern."""
        # Reading begins with the event at the position that is asked for, which is left out.
        found = await self._read(
            _read_all,
            "all events",
            commit_position=after if after > 0 else None,
            limit=limit + 1,
            filter_include=(streams,),
            filter_by_stream_name=True,
        )
        return [self._recorded(event) for event in found if (event.commit_position or 0) > after][:limit]

    async def read_at(self, position: int, streams: str) -> Recorded | None:
        """The event at a position, of the streams whose whole name fits the pattern."""
        found = await self._read(
            _read_all,
            "an event",
            commit_position=position,
            limit=1,
            filter_include=(streams,),
            filter_by_stream_name=True,
        )
        return self._recorded(found[0]) if found and found[0].commit_position == position else None

    async def last_position(self, streams: str) -> int:
        """The position of the last event of the streams whose whole name fits the pattern; 0 where there is none."""
        found = await self._read(
            _read_all, "the last event", backwards=True, limit=1, filter_include=(streams,), filter_by_stream_name=True
        )
        return found[0].commit_position or 0 if found else 0

    async def subscription(self, after: int, streams: str) -> AsyncGenerator[Recorded, None]:
        """Every event after this one, then what comes. `after` must be the position of an event (0: from the start).

        Not that of a checkpoint: the server leaves out the first event that it finds at the position or behind it.
        """
        client, since = await self._connected(), cancellations()
        with self._translated(client, "the subscription"):
            async with asyncio.timeout(self._deadline):
                response = await _subscribe(
                    client,
                    commit_position=after if after > 0 else None,
                    filter_include=(streams,),
                    filter_by_stream_name=True,
                    window_size=_WINDOW,
                )
            try:
                async for event in response:
                    yield self._recorded(event)
            finally:
                await response.stop()
            await _ended(response, since)

    async def _read_stream(self, stream: str, **options: Any) -> list[RecordedEvent]:
        return await self._read(_read_stream, f"stream {stream}", stream_name=stream, **options)

    async def _read(self, call: Any, what: str, **options: Any) -> list[RecordedEvent]:
        client, since = await self._connected(), cancellations()
        with self._translated(client, f"read of {what}"):
            response = await call(client, timeout=self._deadline, **options)
            try:
                found = [event async for event in response]
            except NotFound:
                if "stream_name" not in options:
                    raise
                return []
            await _ended(response, since)
        return found

    async def _connected(self) -> AsyncEventStoreDBClient:
        if self._client is not None:
            return self._client
        attempts = self._attempts
        async with self._connecting:
            if self._client is None:
                # Who waited while another one tried in vain does not try again, and wait as long, for itself.
                if self._attempts != attempts:
                    raise Transient(f"no leading node of EventStoreDB was found at {self.where}")
                self._attempts += 1
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> AsyncEventStoreDBClient:
        client = AsyncEventStoreDBClient(self._uri)
        every = self._spec.options.KeepAliveInterval or KEEPALIVE_MS
        client.grpc_options += (("grpc.keepalive_time_ms", every), *_CHANNEL_OPTIONS)
        try:
            async with asyncio.timeout(self._deadline):
                await client.connect()
        except (TimeoutError, EventStoreDBClientException) as error:
            told = f"no leading node of EventStoreDB was found at {self.where}"
            why = explained(error)
            raise Transient(f"{told}: {why}, {FILES}" if why else told) from error
        return client

    @contextmanager
    def _translated(self, client: AsyncEventStoreDBClient, what: str, *, writes: bool = False) -> Iterator[None]:
        """esdbclient's errors as ours, by what they mean for a write."""
        no_answer, since = Unknown if writes else Transient, cancellations()
        try:
            yield
        except asyncio.CancelledError as error:
            raise_if_cancelled(since)
            # The channel was closed under the call.
            raise no_answer(f"{what} at {self.where} was interrupted", retry_after=0.2) from error
        except NodeIsNotLeader as error:
            self._leave(client)
            raise Transient(f"{what} at {self.where}: another node leads EventStoreDB now", retry_after=0.2) from error
        except (DeadlineExceeded, TimeoutError) as error:
            raise no_answer(f"{what} at {self.where} was not answered in {self._deadline:g} s") from error
        except ServiceUnavailable as error:
            self._leave(client)
            sent = not str(error).startswith(_NEVER_SENT)
            raise (no_answer if sent else Transient)(f"{what} at {self.where}: {_reason(error)}") from error
        except (AccessDeniedError, MaximumAppendSizeExceededError, StreamIsDeleted) as error:
            # For a person to put right: to grant it, to raise the server's MaxAppendSize, to restore what was deleted.
            raise Transient(f"{what} at {self.where} was refused: {_reason(error)}", retry_after=10.0) from error
        except EventStoreDBClientException as error:
            raise_if_cancelled(since)
            raise no_answer(f"{what} at {self.where} failed: {_reason(error)}") from error

    def _leave(self, client: AsyncEventStoreDBClient) -> None:
        """A single node's channel connects again by itself; of a cluster, another node may lead."""
        if self._discovers and self._client is client:
            self._client = None
            self._left.put_nowait(client)

    def _recorded(self, event: RecordedEvent) -> Recorded:
        if event.commit_position is None:
            raise Misconfigured(f"EventStoreDB at {self.where} is too old, version 22.10 or a newer one is needed")
        at = 0 if event.recorded_at is None else int(event.recorded_at.timestamp() * 1_000_000)
        return Recorded(
            event.id.bytes,
            event.type,
            event.data,
            eventstoredb_metadata.decode(event.metadata, at),
            self._message(event),
            event.commit_position,
            event.stream_name,
            event.stream_position,
        )

    def _message(self, event: RecordedEvent) -> Message | None:
        """None also for what others wrote under one of our names."""
        if event.content_type != DATA:
            return None
        try:
            return self._types.decode(event.type, event.data)
        except DecodeError:
            return None


async def _ended(response: Any, since: int) -> None:
    """Raises where the server did not come to an end by itself."""
    raise_if_cancelled(since)
    status = await response.aio_call.code()
    if status.name != "OK":
        raise CancelledByClient(status.name)


def _reason(error: Exception) -> str:
    """In one line: what gRPC says about an error of its own is a page."""
    cause = error.args[0] if error.args else ""
    details = getattr(cause, "details", None)
    text = str(details() if callable(details) else cause) or type(error).__name__
    if why := explained(text):
        return f"{why}, {FILES}"
    return text.splitlines()[0]
