"""What a plan's step is done with comes to its agent, read from the log; here and over the socket."""

import json
from typing import Any

import pytest

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.inline_store import InlineEventStore
from reveille.agent_runner.application import socket_messages
from reveille.agent_runner.application.tasks import task_of
from reveille.agents import Input, Task
from reveille.agents.remote import _task_of
from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted, Work
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import PRIORITY_MEDIUM, EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputContent, SignalReceived, Start
from reveille.contracts.planner.v1.events_pb2 import StepReady, StepResult
from reveille.kernel.errors import Transient
from reveille.kernel.events import Recorded
from reveille.kernel.facts import Facts
from reveille.kernel.sealing import seal, seal_json
from tests.unit.log import EVENT_TYPES, Log

pytestmark = pytest.mark.asyncio


class CountingStore(InlineEventStore):
    """reads: of single events."""

    reads = 0

    async def read_one(self, stream: str, revision: int) -> Recorded:
        self.reads += 1
        return await super().read_one(stream, revision)


class Plan:
    """The log of one, and the task that a step of it becomes."""

    def __init__(self) -> None:
        self.store = CountingStore(EVENT_TYPES)
        self.log = Log(self.store)

    async def write(self, stream: str, message: Any) -> EventRef:
        (event,) = await self.log.write(stream, message)
        return EventRef(stream=event.stream, revision=event.revision)

    async def says(self, id: str, text: str, **other: Any) -> EventRef:
        content = InputContent(text=text, **other).SerializeToString()
        return await self.write("t.inputs-e", InputAdded(execution_id="e", input_id=id, content=seal(content)))

    async def came_to(self, run: str, result: Any) -> EventRef:
        return await self.write(f"t.run-{run}", RunCompleted(work=Work(run_id=run), result=seal_json(result)))

    async def task(self, **ready: Any) -> Task:
        work = Work(
            run_id="r", execution_id="e", step="venue", attempt=1, agent="venue-agent", priority=PRIORITY_MEDIUM
        )
        told = StepReady(execution_id="e", step="venue", blueprint="party", **ready)
        return await task_of(work, told, Facts(self.store), InlineBlobs(), "t")


@pytest.fixture
def plan() -> Plan:
    return Plan()


async def test_inputs_come_in_order_with_what_their_authors_said_of_them(plan: Plan) -> None:
    first = await plan.says("i-1", "a hall", source_type="chat", tags=["venue", "city:Austin"], added_by="ann")
    await plan.says("i-2", "a cake")
    third = await plan.says("i-3", "under $800")
    task = await plan.task(inputs=[third, first])
    assert task.blueprint == "party"
    assert task.inputs == (
        Input(id="i-3", text="under $800"),
        Input(id="i-1", text="a hall", source_type="chat", tags=("venue", "city:Austin"), added_by="ann"),
    )


async def test_a_rules_prompt_is_an_input_beside_the_signals_that_began_the_plan(plan: Plan) -> None:
    start = Start(blueprint="party", prompt="a party for the release")
    fired = await plan.write("t.watch-blueprint:party", TriggerFired(trigger_id="t-1", start=start))
    signal = await plan.write("t.signal-s", SignalReceived(signal=Signal(id="s", kind="release.published")))
    task = await plan.task(inputs=[fired], signals=[signal])
    assert task.inputs == (Input(id="t-1", text="a party for the release", source_type="rule"),)
    assert [one.id for one in task.signals] == ["s"]


async def test_facts_the_item_and_what_is_to_be_undone_are_json(plan: Plan) -> None:
    task = await plan.task(
        facts=seal_json({"guests": 75, "diet": {"vegan": None}}),
        item=seal_json(["any", 1]),
        undoes=await plan.came_to("r0", {"booking": 7}),
    )
    assert task.facts == {"guests": 75, "diet": {"vegan": None}}
    assert (task.item, task.undoes) == (["any", 1], {"booking": 7})


async def test_a_step_that_reads_nothing_has_nothing(plan: Plan) -> None:
    task = await plan.task()
    assert (task.inputs, task.facts, task.results, task.item, task.undoes) == ((), {}, {}, None, None)


async def test_results_are_by_step_and_a_list_where_it_was_done_for_each(plan: Plan) -> None:
    theme = await plan.came_to("r1", {"theme": "jungle"})
    shots = [await plan.came_to(f"r{number}", {"shot": number}) for number in (2, 3)]
    one = await plan.came_to("r4", {"scene": 1})
    task = await plan.task(
        results=[
            StepResult(step="theme", ref=theme),
            StepResult(step="shots", ref=shots[1]),
            StepResult(step="shots", ref=shots[0]),
            # A list of one, and one of none, are marked as lists.
            StepResult(step="scenes[]", ref=one),
            StepResult(step="songs[]"),
        ]
    )
    assert task.results == {
        "theme": {"theme": "jungle"},
        "shots": [{"shot": 3}, {"shot": 2}],
        "scenes": [{"scene": 1}],
        "songs": [],
    }


async def test_each_event_is_read_once_however_often_it_is_named(plan: Plan) -> None:
    ref = await plan.came_to("r1", {"n": 1})
    task = await plan.task(results=[StepResult(step="a", ref=ref), StepResult(step="b", ref=ref)], undoes=ref)
    assert (task.results, task.undoes) == ({"a": {"n": 1}, "b": {"n": 1}}, {"n": 1})
    assert plan.store.reads == 1


async def test_hundreds_of_inputs_are_all_there(plan: Plan) -> None:
    refs = [await plan.says(f"i-{number}", f"wish {number}") for number in range(300)]
    task = await plan.task(inputs=refs)
    assert [one.id for one in task.inputs] == [f"i-{number}" for number in range(300)]


async def test_what_cannot_be_read_yet_is_read_later(plan: Plan) -> None:
    with pytest.raises(Transient, match=r"stream t\.run-r9 has no revision 0 yet"):
        await plan.task(results=[StepResult(step="theme", ref=EventRef(stream="t.run-r9"))])


async def test_an_event_of_another_type_is_no_input_and_no_result(plan: Plan) -> None:
    wrong = await plan.write("t.signal-s", SignalReceived(signal=Signal(id="s")))
    with pytest.raises(ValueError, match=r"is a reveille\.ingress\.v1\.SignalReceived, expected an InputAdded"):
        await plan.task(inputs=[wrong])
    with pytest.raises(ValueError, match="expected a RunCompleted"):
        await plan.task(results=[StepResult(step="theme", ref=wrong)])
    of_an_agent = await plan.write("t.watch-a", TriggerFired(trigger_id="t", agent="a"))
    with pytest.raises(ValueError, match="that starts a plan"):
        await plan.task(inputs=[of_an_agent])


def over_the_socket(task: Task) -> Task:
    said = socket_messages.trigger(task, mark="m", agents={}, deadline=0, used=0)
    return _task_of(json.loads(said))


async def test_an_agent_that_runs_elsewhere_is_told_the_same(plan: Plan) -> None:
    task = await plan.task(
        inputs=[await plan.says("i-1", "a hall", tags=["venue"], added_by="ann")],
        facts=seal_json({"guests": 75}),
        results=[
            StepResult(step="theme", ref=await plan.came_to("r1", {"theme": "jungle"})),
            StepResult(step="shots[]", ref=await plan.came_to("r2", {"shot": 1})),
        ],
        item=seal_json({"name": "x"}),
        undoes=await plan.came_to("r3", {"booking": 7}),
    )
    assert over_the_socket(task) == task


async def test_results_that_are_too_many_for_the_socket_are_left_out(plan: Plan) -> None:
    large = "x" * (socket_messages.MAX_RESULTS // 3)
    refs = [await plan.came_to("r1", {"text": "short"})] * 2
    task = await plan.task(results=[StepResult(step="small", ref=refs[0])])
    results = {"a": {"text": large}, "b": [{"text": large}, {"text": large}, {"n": 1}], **task.results}
    told = over_the_socket(Task(**{**_fields(task), "results": results}))
    assert told.results == {"a": {"text": large}, "b": [{"text": large}, None, {"n": 1}], "small": {"text": "short"}}


async def test_a_trigger_of_a_platform_that_knows_no_plans_is_a_task_too() -> None:
    bare = Task(run_id="r", execution_id="e", agent="a", step="wake", attempt=1, priority="high", tokens=1)
    said = json.loads(socket_messages.trigger(bare, mark="m", agents={}, deadline=0, used=0))
    for name in ("blueprint", "inputs", "facts", "results", "item", "undoes"):
        del said["task"][name]
    assert _task_of(said) == bare


def _fields(task: Task) -> dict[str, Any]:
    return {name: getattr(task, name) for name in task.__dataclass_fields__}
