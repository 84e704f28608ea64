"""News of executions, for whoever waits for the next event of one, and nobody else: once the views have taken it in.

Listeners are told before that, as soon as the log is read.

It rests on the log alone: each replica's follower sees all events, so that a socket may be open on any of them.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

from reveille.ingress.application.projections.conversations import BEGINNINGS, conversation_of
from reveille.ingress.application.projections.timeline import NAMES, execution_stream
from reveille.kernel.events import Recorded, stream_name, tenant_of

Key = TypeVar("Key")


class Watch:
    """version: rises with every event. What was looked up before it rose may be old."""

    def __init__(self) -> None:
        self.version = 0
        self._woken = asyncio.Event()

    async def wait(self, version: int) -> None:
        """Return when there is news since this version."""
        while self.version == version:
            self._woken.clear()
            await self._woken.wait()

    def wake(self) -> None:
        self.version += 1
        self._woken.set()


class Listener(Protocol):
    """Who is told the events of streams themselves."""

    def told(self, event: Recorded) -> None:
        """In the log's order, each at least once. It may begin to listen to a stream of which only later events tell.

        What it raises ends the follower.
        """
        ...

    def leave(self) -> None:
        """No more is to be waited for."""
        ...


class News:
    """An observer of the follower that keeps the timeline."""

    def __init__(self) -> None:
        # By stream of an execution, by stream, and by tenant and conversation.
        self._watches: dict[str, tuple[Watch, int]] = {}
        self._listeners: dict[str, tuple[Listener, ...]] = {}
        self._conversations: dict[tuple[str, str], tuple[Watch, int]] = {}
        # How far listeners have been told of everything; 0: nothing has come yet.
        self.position = 0
        self.left = False
        # Woken when the streams that are listened to are others.
        self.listened = Watch()

    @property
    def streams(self) -> Collection[str]:
        """Those that are listened to."""
        return self._listeners.keys()

    def coming(self, events: Sequence[Recorded]) -> None:
        """Those who listen to streams ask no view."""
        self.position = max(self.position, events[-1].position)
        if listeners := self._listeners:
            for event in events:
                for listener in listeners.get(event.stream, ()):
                    listener.told(event)

    def seen(self, events: Sequence[Recorded]) -> None:
        if self._watches:
            watches = self._watches
            about = {
                stream for event in events if event.type in NAMES and (stream := execution_stream(event)) in watches
            }
            for stream in about:
                watches[stream][0].wake()
        if self._conversations:
            for event in events:
                if event.type in BEGINNINGS:
                    found = self._conversations.get((tenant_of(event.stream), conversation_of(event)))
                    if found is not None:
                        found[0].wake()

    def is_waiting(self) -> bool:
        return bool(self._watches or self._listeners or self._conversations)

    def leave(self) -> None:
        """No more is to be waited for: all are woken."""
        self.left = True
        for watch, _ in (*self._watches.values(), *self._conversations.values()):
            watch.wake()
        for listener in {one for listeners in self._listeners.values() for one in listeners}:
            listener.leave()

    @contextmanager
    def of(self, tenant: str, execution_id: str) -> Iterator[Watch]:
        """All who watch a plan share one."""
        with _shared(self._watches, stream_name(tenant, "execution", execution_id)) as watch:
            yield watch

    @contextmanager
    def of_conversation(self, tenant: str, conversation_id: str) -> Iterator[Watch]:
        """Woken when the conversation gets an execution. All who watch it share one."""
        with _shared(self._conversations, (tenant, conversation_id)) as watch:
            yield watch

    def listen(self, stream: str, listener: Listener) -> None:
        """Again: it changes nothing."""
        listeners = self._listeners.get(stream, ())
        if listener not in listeners:
            self._listeners[stream] = (*listeners, listener)
            if not listeners:
                self.listened.wake()

    def unlisten(self, stream: str, listener: Listener) -> None:
        left = tuple(one for one in self._listeners.pop(stream, ()) if one is not listener)
        if left:
            self._listeners[stream] = left
        else:
            self.listened.wake()


@contextmanager
def _shared(watches: dict[Key, tuple[Watch, int]], key: Key) -> Iterator[Watch]:
    watch, others = watches.get(key, (Watch(), 0))
    watches[key] = (watch, others + 1)
    try:
        yield watch
    finally:
        watch, count = watches.pop(key)
        if count > 1:
            watches[key] = (watch, count - 1)
