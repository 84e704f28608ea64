"""One connection of a remote agent: what it says is checked and recorded, and what is recorded for it is said to it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from reveille.agent_runner.application import socket_messages as messages
from reveille.agent_runner.application.assignment import Assignment, Known, Workplace, find
from reveille.agent_runner.application.socket_messages import Wrong, text_of
from reveille.agent_runner.domain.run import Acknowledge, Ask, Complete, Fail, ReportUsage
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_ERROR,
    RunCompleted,
    TokensGranted,
    TokensRefused,
    Work,
)
from reveille.kernel.clock import SECOND
from reveille.kernel.errors import Rejected
from reveille.kernel.events import About, stream_name
from reveille.kernel.sealing import seal

logger = logging.getLogger(__name__)

# So many messages are read ahead of what has been recorded; then the agent's sending waits.
READ_AHEAD: Final = 64
# An agent that reads nothing while it answers pings fills memory.
MAX_UNREAD: Final = 1_000
MISSED_BEATS: Final = 2
# Wrong messages within a minute: a client that works sends none, one that reconnects may send a few late ones.
MAX_WRONG: Final = 20
SILENT: Final = 1011
POLICY: Final = 1008


@dataclass(frozen=True, slots=True)
class Close:
    code: int
    reason: str


class _Ended(Exception):
    """The connection is to end."""


class Link:
    """cause: the event that its connection is recorded by. task: what keeps it alive. reason: why it ended."""

    def __init__(self, place: Workplace, *, tenant: str, agent: str, session: str, beat: float) -> None:
        self.tenant = tenant
        self.agent = agent
        self.session = session
        self.beat = beat
        self.stream = stream_name(tenant, "agent", agent)
        self.about = About(session)
        self.cause = b""
        self.task: asyncio.Task[None] | None = None
        self.reason = ""
        # Done when its agent was told that it is welcome, or why it is not.
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.opened.add_done_callback(lambda opened: opened.cancelled() or opened.exception())
        # What the agent is told, a text at a time; a Close is the last.
        self.outbox: asyncio.Queue[str | Close] = asyncio.Queue()
        self._inbox: asyncio.Queue[str] = asyncio.Queue(READ_AHEAD)
        self._place = place
        self._heard = True
        self._ending = asyncio.Event()
        self._runs: dict[str, Assignment] = {}
        self._coming: dict[str, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        # What the log shows for it may come before its own task has begun.
        self._first: list[Coroutine[Any, Any, None]] = []
        self._wrong: list[int] = []

    async def take(self, text: str) -> None:
        """What the agent says, in its order. Waits while too much of it is not recorded yet."""
        self._heard = True
        if not self._ending.is_set():
            await self._inbox.put(text)

    def say(self, type_name: str, **fields: Any) -> None:
        self._send(text_of(type_name, **fields))

    def close(self, code: int, reason: str) -> None:
        """The first reason counts."""
        if not self._ending.is_set():
            self.reason = reason
            self.outbox.put_nowait(Close(code, reason))
            self._ending.set()
            for work in self._first:
                work.close()
            self._first.clear()
            while not self._inbox.empty():  # whoever waits to put more in has nothing to wait for
                self._inbox.get_nowait()

    async def live(self) -> str:
        """Until it is closed; why it was."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                for work in self._first:
                    self._tasks.create_task(work)
                self._first.clear()
                self._tasks.create_task(self._reads(), name="reads")
                self._tasks.create_task(self._beats(), name="beats")
                await self._ending.wait()
                raise _Ended
        except* _Ended:
            pass
        finally:
            self.close(SILENT, "the connection failed")
        return self.reason

    def give(self, run: Known) -> None:
        """A run that has started is this agent's to do; given twice it is told once."""
        run_id = run.work.run_id
        if run_id not in self._runs:
            assignment = self._runs[run_id] = Assignment(run, self._place)
            if coming := self._begin(self._trigger(assignment)):
                self._coming[run_id] = coming

    def resume(self, work: Work, done: Callable[[], object]) -> None:
        """A run that another connection had. done: is called when it was found to have started."""
        self._begin(self._resume(work, done))

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        """None where it has not begun to live, and does the work when it does; or where it ends, and does none."""
        if not self._ending.is_set():
            if self._tasks is None:
                self._first.append(work)
                return None
            try:
                return self._tasks.create_task(work)
            except RuntimeError:  # its group is failing
                pass
        work.close()
        return None

    def ended(self, run_id: str) -> None:
        """It ended by itself where this connection ended it, which is said when it is recorded."""
        assignment = self._runs.get(run_id)
        if assignment is not None and not assignment.ending:
            self._drop(run_id)
            self.say("cancel", runId=run_id)

    def answered(self, answer: TokensGranted | TokensRefused) -> None:
        if answer.run_id in self._runs:
            granted = isinstance(answer, TokensGranted)
            tokens = answer.tokens if isinstance(answer, TokensGranted) else 0
            self.say("tokens", runId=answer.run_id, tokens=tokens, granted=granted)

    async def _trigger(self, assignment: Assignment) -> None:
        run_id = assignment.work.run_id
        try:
            text = await assignment.trigger()
        except Rejected:  # it ended meanwhile, which `ended` tells
            return
        finally:
            self._coming.pop(run_id, None)
        if text is None:
            self._drop(run_id)
        elif run_id in self._runs:
            self._send(text)

    async def _resume(self, work: Work, done: Callable[[], object]) -> None:
        run = await find(self.tenant, work.run_id, self._place)
        if run is not None:
            done()
            if run.end is None:
                self.give(run)

    async def _reads(self) -> None:
        while True:
            text = await self._inbox.get()
            try:
                await self._hear(messages.parse(text))
            except Wrong as wrong:
                self._refuse(wrong)

    async def _beats(self) -> None:
        missed = 0
        while True:
            await self._place.clock.sleep(self.beat)
            # Who is made to wait with what it has to say is not silent.
            missed = 0 if self._heard or self._inbox.full() else missed + 1
            self._heard = False
            if missed >= MISSED_BEATS:
                return self.close(SILENT, f"nothing was heard for {missed} heartbeats")
            self.say("ping")

    def _refuse(self, wrong: Wrong) -> None:
        self.say("error", code=wrong.code, message=str(wrong), runId=wrong.run_id)
        now = self._place.clock.now()
        self._wrong = [at for at in self._wrong if now - at < 60 * SECOND] + [now]
        if len(self._wrong) > MAX_WRONG:
            self.close(POLICY, f"more than {MAX_WRONG} wrong messages within a minute")

    async def _hear(self, said: messages.Said) -> None:
        if isinstance(said, messages.Pong):
            return None
        assignment = self._runs.get(said.run_id)
        if assignment is None:
            return await self._hear_late(said)
        attempt = getattr(said, "attempt", assignment.work.attempt)
        if attempt != assignment.work.attempt:
            raise _wrong_attempt(assignment.work, attempt)
        try:
            await self._record(said, assignment)
        except Rejected:
            self._drop(said.run_id)
            self.say("cancel", runId=said.run_id)

    async def _record(self, said: messages.Said, assignment: Assignment) -> None:
        now, run_id, reporting = self._place.clock.now(), assignment.work.run_id, assignment.reporting
        match said:
            case messages.Ack():
                await reporting.tell(Acknowledge(now=now, session=self.session))
            case messages.Progress(text=text, tokens=tokens):
                if text:
                    await reporting.think(run_id, text)
                if tokens is not None:
                    await reporting.tell(ReportUsage(now=now, tokens=tokens))
            case messages.MoreTokens(tokens=tokens):
                assignment.asked += 1
                await reporting.tell(Ask(now=now, request=assignment.asked, tokens=tokens))
            case messages.HandOn():
                await self._hand_on(said, assignment)
            case messages.TaskComplete(result=result, tokens=tokens):
                assignment.ending = True
                complete = Complete(now=now, result=seal(result), tokens=tokens, partial=said.partial)
                await reporting.end(complete)
                await self._tell_end(said)
            case messages.TaskFailed(error=error, retry=retry, tokens=tokens):
                assignment.ending = True
                sealed = seal(_bytes(error or "the agent gave no reason"))
                fail = Fail(now=now, reason=FAILURE_ERROR, error=sealed, retry=retry, tokens=tokens)
                await reporting.end(fail)
                await self._tell_end(said)

    async def _hand_on(self, said: messages.HandOn, assignment: Assignment) -> None:
        if assignment.handing is None:
            raise Wrong("not_ready", f"run {said.run_id} has not been given out yet", said.run_id)
        error = None
        try:
            await assignment.handing.hand_on(
                said.agent, said.note, priority=said.priority, payload=said.payload, number=said.number
            )
        except ValueError as refused:
            error = str(refused)
        self.say("handed_on", runId=said.run_id, number=said.number, error=error)

    async def _hear_late(self, said: messages.Said) -> None:
        """About a run that this connection does not have: an end that was told again, or what is not its own."""
        assert not isinstance(said, messages.Pong)
        run = await find(self.tenant, said.run_id, self._place)
        if run is None or run.work.agent != self.agent:
            raise Wrong("unknown_run", f"there is no run {said.run_id} of agent {self.agent}", said.run_id)
        if not isinstance(said, messages.TaskComplete | messages.TaskFailed) or run.end is None:
            raise Wrong("not_yours", f"run {said.run_id} is not with this connection now", said.run_id)
        if said.attempt != run.work.attempt:
            raise _wrong_attempt(run.work, said.attempt)
        # It changes nothing any more but what it used.
        usage = ReportUsage(now=self._place.clock.now(), tokens=said.tokens)
        await Assignment(run, self._place).reporting.tell(usage)
        self._say_end(said, run)

    async def _tell_end(self, said: messages.TaskComplete | messages.TaskFailed) -> None:
        """Whether it ended as the agent said: its time may have been up a moment before."""
        run = await find(self.tenant, said.run_id, self._place)
        assert run is not None
        self._drop(said.run_id)
        self._say_end(said, run)

    def _say_end(self, said: messages.TaskComplete | messages.TaskFailed, run: Known) -> None:
        as_told = isinstance(run.end, RunCompleted) == isinstance(said, messages.TaskComplete) and not run.taken
        self.say("recorded" if as_told else "cancel", runId=said.run_id)

    def _drop(self, run_id: str) -> None:
        self._runs.pop(run_id, None)
        if coming := self._coming.pop(run_id, None):
            coming.cancel()

    def _send(self, text: str) -> None:
        if self.outbox.qsize() >= MAX_UNREAD:
            self.close(SILENT, f"{MAX_UNREAD} messages wait to be read")
        elif not self._ending.is_set():
            self.outbox.put_nowait(text)


def _wrong_attempt(work: Work, attempt: int) -> Wrong:
    return Wrong("wrong_attempt", f"run {work.run_id} is attempt {work.attempt}, not {attempt}", work.run_id)


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
