"""The connections of remote agents that this replica has: opened, followed by the log's tail, and closed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from google.protobuf.message import Message

from reveille.agent_runner.application.assignment import Known, Workplace
from reveille.agent_runner.application.link import Link
from reveille.agent_runner.domain.agent import Connect, Disconnect
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentConnected,
    AgentDisconnected,
    RunCompleted,
    RunFailed,
    RunResumed,
    RunStarted,
    TokensGranted,
    TokensRefused,
)
from reveille.contracts.ingress.v1.events_pb2 import Agent
from reveille.kernel.errors import Transient
from reveille.kernel.events import Origin, Recorded, tenant_of
from reveille.kernel.handling import Cause, Work

logger = logging.getLogger(__name__)

DEFAULT_HEARTBEAT_MS: Final = 15_000
# What is left of a drain's grace is for runs.
CLOSING_SECONDS: Final = 3.0
# Events of an agent among which its latest connections are looked for.
LOOK_BACK: Final = 1_000
RESTARTING: Final = (1012, "the platform restarts; come again")

# An agent of the fleet in force. Raises KeyError where there is none that connects.
AgentOf = Callable[[str, str], Awaitable[Agent]]
StateOf = Callable[[str, Agent], Awaitable[str]]


class Links:
    """One per replica. A connection's work is decided on in its agent's stream; here it is told what was decided."""

    def __init__(self, place: Workplace, *, agent_of: AgentOf, state_of: StateOf) -> None:
        self._place = place
        self._agent_of = agent_of
        self._state_of = state_of
        self._links: dict[str, Link] = {}
        # Runs that a connection has taken over before they had started, by tenant and id.
        self._awaited: dict[tuple[str, str], str] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._leaving = False
        self.watches: Mapping[type[Message], Callable[[Recorded], None]] = {
            RunStarted: self._started,
            RunResumed: self._resumed,
            RunCompleted: self._ended,
            RunFailed: self._ended,
            TokensGranted: self._answered,
            TokensRefused: self._answered,
            AgentDisconnected: self._disconnected,
        }

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                await asyncio.get_running_loop().create_future()  # until cancelled
            finally:
                self._tasks = None

    async def open(self, *, tenant: str, agent: str, session: str, capacity: int) -> Link:
        """A link whose agent is told that it is welcome once that stands in the log.

        Raises KeyError for an agent that does not connect, Rejected where it has too many connections, Transient.
        """
        if self._tasks is None or self._leaving:
            raise Transient("this replica takes no connections now")
        known = await self._agent_of(tenant, agent)
        beat = (known.heartbeat_ms or DEFAULT_HEARTBEAT_MS) / 1000
        link = Link(self._place, tenant=tenant, agent=agent, session=session, beat=beat)
        # Before its connection is recorded: what follows from that is for it.
        self._links[session] = link
        link.task = self._tasks.create_task(self._live(link, known, capacity), name=f"link {agent} {session}")
        try:
            await asyncio.shield(link.opened)
        except BaseException:
            link.close(*RESTARTING)
            raise
        return link

    async def drain(self, grace: float) -> None:
        """Clients come again elsewhere, or when this is back; what they have waits for them."""
        self._leaving = True
        tasks = [link.task for link in self._links.values() if link.task is not None]
        for link in list(self._links.values()):
            link.close(*RESTARTING)
        if tasks:
            await asyncio.wait(tasks, timeout=min(grace, CLOSING_SECONDS) or CLOSING_SECONDS)

    async def _connect(self, link: Link, capacity: int) -> bytes:
        now = self._place.clock.now()
        connect = Connect(now=now, agent=link.agent, session=link.session, capacity=capacity)
        work = Work(Cause(link.about), [(link.stream, connect)])
        await self._place.desk.submit([work])
        if work.error is not None:
            raise work.error
        # Where an answer was lost, it stands in the log and the connection does not know under which id.
        return work.events[0].id if work.events else await self._recorded(link)

    async def _recorded(self, link: Link) -> bytes:
        """The event that its connection is recorded by, b"" where none is."""
        for event in await self._place.store.read_backwards(link.stream, LOOK_BACK):
            if isinstance(event.msg, AgentConnected) and event.msg.session == link.session:
                return event.id
        return b""

    async def _live(self, link: Link, known: Agent, capacity: int) -> None:
        """By whatever it ends, what it has is to go on elsewhere; where this replica ends too, its lease tells that."""
        try:
            link.cause = await self._connect(link, capacity)
            state = await self._state_of(link.tenant, known)
            link.say("welcome", agent=link.agent, state=state, heartbeatSeconds=link.beat)
            link.opened.set_result(None)
            await link.live()
        except Exception as error:  # one agent's connection must not end all others'
            if not link.opened.done():
                link.opened.set_exception(error)
            else:
                logger.exception("the connection of agent %s failed", link.agent, exc_info=error)
        finally:
            self._forget(link.session)
        # Also where nobody knows whether its connection was recorded.
        await self._disconnect(link)
        logger.info("agent %s is disconnected: %s", link.agent, link.reason)

    async def _disconnect(self, link: Link) -> None:
        while True:
            try:
                link.cause = link.cause or await self._recorded(link)
                now = self._place.clock.now()
                gone = Disconnect(now=now, agent=link.agent, session=link.session, reason=link.reason[:200])
                work = Work(Cause(link.about, Origin(link.cause)), [(link.stream, gone)])
                await self._place.desk.submit([work])
                if not isinstance(work.error, Transient):
                    return
                raise work.error
            except Transient as error:
                await self._place.clock.sleep(min(5.0, error.retry_after))

    def _forget(self, session: str) -> None:
        self._links.pop(session, None)
        for run in [run for run, awaiting in self._awaited.items() if awaiting == session]:
            del self._awaited[run]

    def _started(self, event: Recorded) -> None:
        assert isinstance(event.msg, RunStarted)
        work, run = event.msg.work, (tenant_of(event.stream), event.msg.work.run_id)
        if work.remote and (link := self._links.get(self._awaited.pop(run, work.session))):
            link.give(Known(started=event))

    def _resumed(self, event: Recorded) -> None:
        """The run may have started long ago, or not yet: then its start, which comes behind this, is waited for."""
        assert isinstance(event.msg, RunResumed)
        work, run = event.msg.work, (tenant_of(event.stream), event.msg.work.run_id)
        self._awaited.pop(run, None)
        link = self._links.get(work.session)
        if link is not None:
            self._awaited[run] = work.session
            link.resume(work, lambda: self._awaited.pop(run, None))

    def _ended(self, event: Recorded) -> None:
        assert isinstance(event.msg, RunCompleted | RunFailed)
        if event.msg.work.remote:
            for link in self._of_tenant(event):
                link.ended(event.msg.work.run_id)

    def _answered(self, event: Recorded) -> None:
        assert isinstance(event.msg, TokensGranted | TokensRefused)
        for link in self._of_tenant(event):
            link.answered(event.msg)

    def _of_tenant(self, event: Recorded) -> list[Link]:
        """Another tenant's may have a run of the same id."""
        tenant = tenant_of(event.stream)
        return [link for link in self._links.values() if link.tenant == tenant]

    def _disconnected(self, event: Recorded) -> None:
        """Another replica took this one for dead."""
        assert isinstance(event.msg, AgentDisconnected)
        if link := self._links.get(event.msg.session):
            link.close(*RESTARTING)
