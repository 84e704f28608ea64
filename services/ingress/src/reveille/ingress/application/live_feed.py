"""What is new of one execution, for all who watch it: folded once, told once."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted, RunFailed
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.ingress.application.live_entries import LiveEntry
from reveille.ingress.application.live_history import History
from reveille.ingress.application.news import News, Watch
from reveille.kernel.events import Recorded

# Who is told an event at once. False: it does not take it.
Ear = Callable[[LiveEntry], bool]
# Times that an ear is told in one turn, of 10 µs each: what is more must not keep everybody else waiting.
AT_ONCE: Final = 4_000
logger = logging.getLogger(__name__)


class Feed:
    """One execution's live events, shared by all who watch it.

    `watch` is woken by each of them, and when the platform shuts down. It listens before it reads, and reads only up
    to what the follower has told by then; what is told meanwhile waits. So nothing is missed or taken twice.
    """

    def __init__(self, history: History, *, news: News, reached: Callable[[], int]) -> None:
        """reached: how far the follower is whose observer is `news`."""
        self.history = history
        self.watch = Watch()
        self.watchers = 0
        self._news = news
        self._reached = reached
        self._streams: set[str] = set()
        # What was told while it opens; None: it is open.
        self._pending: list[Recorded] | None = []
        self._opening = asyncio.Lock()
        self._ears: dict[asyncio.Future[None], Ear] = {}
        self._at_once = 0

    @property
    def last(self) -> int:
        """Sequence of the newest; 0: there is none."""
        return self.history.fold.last

    @property
    def ended(self) -> bool:
        """Nothing follows: it has come to its end, and is no living plan."""
        return self.history.fold.ended

    async def after(self, sequence: int, limit: int = 100) -> list[LiveEntry]:
        """What follows, without a hole; []: nothing newer yet. Raises Transient."""
        return list(await self.history.after(sequence, limit))

    async def tell(self, ear: Ear) -> None:
        """Give each event to one who has all so far, as it comes, without the turn that it takes to wake him.

        Return when there was one that he has not taken, or nothing follows: he asks for what he lacks by `after`.
        """
        missed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ears[missed] = ear
        try:
            await missed
        finally:
            del self._ears[missed]

    @property
    def is_open(self) -> bool:
        return self._pending is None

    async def open(self) -> None:
        """Return when it has what the follower has told. Raises Transient; then it may be tried again."""
        async with self._opening:
            if self._pending is None:
                return
            self._listen(self.history.stream)
            await self.history.read(self._reached())
            for run in self.history.fold.open_runs:
                self._listen(self.history.run_stream(run))
            # What came of these runs before it listened to them; a follower that begins again stands before that.
            await self.history.read(max(self._reached(), *(event.position for event in self._pending), 0))
            pending, self._pending = self._pending, None
            for event in sorted(pending, key=lambda event: event.position):
                self.history.take(event)

    def close(self) -> None:
        for stream in self._streams:
            self._news.unlisten(stream, self)
        self._streams.clear()

    def told(self, event: Recorded) -> None:
        if self._pending is None and event.position <= self.history.position:
            return
        if isinstance(event.msg, StepReady):
            self._listen(self.history.run_stream(event.msg.run_id))
        elif isinstance(event.msg, RunCompleted | RunFailed):
            self._news.unlisten(event.stream, self)
            self._streams.discard(event.stream)
        if self._pending is not None:
            self._pending.append(event)
        elif self.history.take(event):
            if self._ears:
                self._tell_at_once()
            self.watch.wake()

    def leave(self) -> None:
        self.watch.wake()

    def _tell_at_once(self) -> None:
        if not self._at_once:
            asyncio.get_running_loop().call_soon(self._turn)
        entry = self._newest() if self._at_once < AT_ONCE else None
        self._at_once += len(self._ears)
        for missed, ear in self._ears.items():
            if not missed.done() and (entry is None or not ear(entry) or self.ended):
                missed.set_result(None)

    def _turn(self) -> None:
        self._at_once = 0

    def _newest(self) -> LiveEntry | None:
        try:
            return self.history.newest()
        except Exception:
            # The follower of the views must not end with it: whoever asks for the event gets the error.
            logger.exception("an event of %s cannot be told", self.history.execution_id)
            return None

    def _listen(self, stream: str) -> None:
        self._streams.add(stream)
        self._news.listen(stream, self)
