"""What a run tells stands in the log once, whatever becomes of the answers."""

import asyncio

import pytest

from reveille.agent_runner.application.reporting import Reporting
from reveille.agent_runner.application.thinking import Thinking
from reveille.agent_runner.domain import run
from reveille.contracts.agent_runner.v1.events_pb2 import AgentThinking, RunStarted, Work
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.kernel.errors import Unknown
from reveille.kernel.handling import MAX_RESENDS, Desk, Handling
from reveille.kernel.handling import Work as Handled
from tests.unit.kernel.tally import WatchedStore
from tests.unit.log import Log
from tests.unit.manual_clock import ManualClock
from tests.unit.running import running
from tests.unit.spec import HERE

pytestmark = pytest.mark.asyncio
STREAM = "t.run-r1"


async def nowhere(work: Handled, error: Exception) -> None:
    raise AssertionError(f"a report was parked: {error}")


def thinking(text: str) -> AgentThinking:
    return AgentThinking(run_id="r1", text=Sealed(data=text.encode()))


async def test_reports_that_landed_unheard_and_are_sent_again_stand_once() -> None:
    store = WatchedStore()
    log = Log(store)
    (started,) = await log.write(STREAM, RunStarted(work=Work(run_id="r1")))
    desk = Desk(Handling([run.decider], store=store, ids=log.ids, replica="here"), nowhere)
    clock = ManualClock()
    reporting = Reporting(
        STREAM, HERE, started.id, execution_id="e", thinking=Thinking(10, clock), desk=desk, clock=clock
    )
    store.faults = [Unknown("no answer", retry_after=0.0) for _ in range(MAX_RESENDS + 1)]
    async with running(desk.run()):
        await asyncio.wait_for(reporting.report(thinking("one")), 5)
        await asyncio.wait_for(reporting.report(thinking("one")), 5)
        await asyncio.wait_for(reporting.report(thinking("two")), 5)
    assert [event.msg for event in (await log.read(STREAM))[1:]] == [thinking("one"), thinking("one"), thinking("two")]
