"""What a run tells of itself goes to its stream, in order and each once."""

import asyncio
from dataclasses import replace

from reveille.agent_runner.application.thinking import Thinking
from reveille.agent_runner.domain.run import Complete, Fail, Report
from reveille.contracts.agent_runner.v1.events_pb2 import AgentThinking, ToolCalled, ToolReturned, WorkHandedOn
from reveille.kernel.clock import Clock
from reveille.kernel.decider import Command
from reveille.kernel.errors import Rejected, Transient
from reveille.kernel.events import About, Origin, tenant_of
from reveille.kernel.handling import Cause, Desk, Work
from reveille.kernel.sealing import seal


class Reporting:
    """The one writer of reports for a run."""

    def __init__(
        self,
        stream: str,
        about: About,
        cause: bytes,
        *,
        execution_id: str,
        thinking: Thinking,
        desk: Desk,
        clock: Clock,
        reported: int = 0,
    ) -> None:
        """reported: so many reports of the run stand in the log already. thinking: how much of it may be recorded."""
        self._stream = stream
        self._execution = tenant_of(stream), execution_id
        self._thinking = thinking
        self._cause = Cause(about, Origin(cause))
        self._desk = desk
        self._clock = clock
        self._reported = reported
        self._turn = asyncio.Lock()

    async def think(self, run_id: str, text: str) -> None:
        """Where the execution says too much at a time, it is counted in place of being recorded, and nobody waits."""
        if not self._thinking.admits(*self._execution):
            return
        dropped = self._thinking.take_dropped(*self._execution)
        said = AgentThinking(run_id=run_id, text=seal(text.encode(errors="replace")), dropped=dropped)
        try:
            await self.report(said)
        except Rejected:
            self._thinking.give_back(*self._execution, dropped)
            raise

    async def end(self, command: Complete | Fail) -> None:
        """As `tell`; it says what of the execution's thoughts was dropped and is not told of yet."""
        dropped = self._thinking.take_dropped(*self._execution)
        try:
            await self.tell(replace(command, dropped=dropped))
        except Rejected:
            self._thinking.give_back(*self._execution, dropped)
            raise

    async def report(self, event: AgentThinking | ToolCalled | ToolReturned | WorkHandedOn) -> None:
        """Numbered by what was recorded before: a report whose first sending landed unheard stands once.

        Only one is under way at a time, and to its end also where the run is cancelled: or the numbers would lie.
        """
        under_way = asyncio.ensure_future(self._report(event))
        under_way.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(under_way)

    async def _report(self, event: AgentThinking | ToolCalled | ToolReturned | WorkHandedOn) -> None:
        async with self._turn:
            await self.tell(Report(now=self._clock.now(), number=self._reported, event=event))
            self._reported += 1

    async def tell(self, command: Command) -> None:
        """Return when it is recorded, however long the log is away. Raises Rejected where the run does not allow it."""
        while True:
            work = Work(self._cause, [(self._stream, command)])
            await self._desk.submit([work])
            match work.error:
                case None:
                    return
                case Transient() as error:
                    await self._clock.sleep(min(5.0, error.retry_after))
                case error:
                    raise error
