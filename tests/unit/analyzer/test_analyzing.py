"""What people do to a plan, what a rule begins and what a model answers become commands for the plan's own stream."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.analyzer.application.analyzing import Analyzing, answers_of
from reveille.analyzer.application.input_history import InputHistory
from reveille.analyzer.application.routing import ROUTES
from reveille.analyzer.domain.analysis import Analyze, Answer, decider
from reveille.analyzer.domain.inputs import UNTOUCHED
from reveille.contracts.analyzer.v1.events_pb2 import Beginning, InputsAnalyzed, TriggerFired
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, PRIORITY_MEDIUM, EventRef
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    Autopilot,
    BlueprintDefined,
    CancelRequested,
    ExecutionAdopted,
    ExecutionForked,
    ExecutionRequested,
    FleetApplied,
    InputAdded,
    InputContent,
    InputRemoved,
    InputsChanged,
    Start,
)
from reveille.contracts.ingress.v1.events_pb2 import AgentDefined as Defined
from reveille.contracts.planner.v1.events_pb2 import StepCompleted
from reveille.kernel.classifying import classifying_step
from reveille.kernel.errors import Poison, Transient, UnknownEventType
from reveille.kernel.events import Recorded
from reveille.kernel.facts import Facts
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal, seal_json
from tests.unit.analyzer.party import blueprint, party
from tests.unit.log import Log
from tests.unit.manual_clock import NOON

pytestmark = pytest.mark.asyncio
CASTLE = "a bouncy castle"
PLAN = derive("execution", "trigger-1")


@pytest.fixture
def log() -> Log:
    return Log()


async def fleet(log: Log, *agents: Agent, **categories: Sequence[str]) -> int:
    """The revision that is in force from here on."""
    other = [BlueprintDefined(blueprint=blueprint(**categories))] if categories else []
    defined = [Defined(agent=agent) for agent in agents]
    events = (*defined, BlueprintDefined(blueprint=party()), *other, FleetApplied(digest="d"))
    return (await log.write("t.fleet", *events))[-1].revision


def analyzing(log: Log) -> Analyzing:
    return Analyzing(log.store, Facts(log.store))


def added(input_id: str, text: str, *tags: str) -> InputAdded:
    content = InputContent(text=text, tags=tags).SerializeToString()
    return InputAdded(execution_id="e", input_id=input_id, content=seal(content), digest=f"digest of {text}")


def changed(of: str = "party", revision: int = 1) -> InputsChanged:
    return InputsChanged(execution_id="e", blueprint=of, fleet_revision=revision)


async def change(log: Log, *messages: Message, **how: Any) -> Recorded:
    return (await log.write("t.inputs-e", *messages, changed(**how)))[-1]


async def told(to: Analyzing, event: Recorded) -> Any:
    ((stream, command),) = await to.reactors()[event.type](event, NOON + 5)
    assert isinstance(command, Analyze | Answer)
    assert command.now == NOON + 5
    assert stream == f"t.analysis-{command.execution_id}"
    return command


async def analysis(to: Analyzing, event: Recorded) -> Analyze:
    command = await told(to, event)
    assert isinstance(command, Analyze)
    return command


def texts(command: Analyze) -> list[str]:
    return [one.given.text for one in command.understood.inputs]


async def test_a_change_is_analyzed_with_all_inputs_that_are_there(log: Log) -> None:
    await fleet(log)
    to = analyzing(log)
    first = await change(log, ExecutionRequested(conversation_id="c"), added("a", "jungle theme"))
    second = await change(log, added("b", "balloons, please"), InputRemoved(input_id="a"))
    assert texts(await analysis(to, first)) == ["jungle theme"]
    command = await analysis(to, second)
    assert texts(command) == ["balloons, please"]
    assert (command.revision, command.blueprint, command.fleet_revision) == (5, "party", 1)
    (one,) = command.understood.inputs
    assert (one.given.ref, one.given.digest) == (
        EventRef(stream="t.inputs-e", revision=3),
        "digest of balloons, please",
    )
    assert command.beginning == Beginning(conversation_id="c", priority=PRIORITY_MEDIUM)
    assert command.cancellation is None


async def test_a_change_is_analyzed_as_things_were_then(log: Log) -> None:
    await fleet(log)
    first = await change(log, ExecutionRequested(), added("a", "jungle theme"))
    await change(log, InputRemoved(input_id="a"))
    assert texts(await analysis(analyzing(log), first)) == ["jungle theme"]


async def test_an_older_change_that_comes_again_is_analyzed_as_before(log: Log) -> None:
    await fleet(log)
    to = analyzing(log)
    events = [await change(log, added(f"{number}", "cake")) for number in range(4)]
    again = [*events, events[1], events[0], events[3]]
    assert [len(texts(await analysis(to, event))) for event in again] == [1, 2, 3, 4, 2, 1, 4]


async def test_parameters_are_facts(log: Log) -> None:
    await fleet(log)
    event = await change(log, ExecutionRequested(parameters=seal_json({"guests": 75})), added("a", "cake"))
    assert (await analysis(analyzing(log), event)).understood.facts == {"guests": 75}


async def test_a_fork_begins_with_what_it_has_of_another(log: Log) -> None:
    await fleet(log)
    at = EventRef(stream="t.execution-other", revision=9)
    event = await change(log, ExecutionForked(from_execution="other", at=at, conversation_id="c"), added("a", "cake"))
    assert (await analysis(analyzing(log), event)).beginning == Beginning(
        conversation_id="c", priority=PRIORITY_MEDIUM, from_execution="other", at=at
    )


@pytest.mark.parametrize("opening", [ExecutionRequested, ExecutionForked])
async def test_how_much_is_left_to_the_autopilot_is_passed_on(
    log: Log, opening: type[ExecutionRequested] | type[ExecutionForked]
) -> None:
    await fleet(log)
    event = await change(log, opening(autopilot=Autopilot.AUTOPILOT_AUTO), added("a", "cake"))
    later = await change(log, added("b", "balloons"))
    to = analyzing(log)
    for one in (event, later):
        beginning = (await analysis(to, one)).beginning
        assert beginning is not None
        assert beginning.autopilot == Autopilot.AUTOPILOT_AUTO


async def test_a_cancellation_is_told_with_its_reason(log: Log) -> None:
    await fleet(log)
    await change(log, added("a", "cake"))
    command = await analysis(
        analyzing(log), await change(log, CancelRequested(execution_id="e", reason=seal(b"rain"), by="ann"))
    )
    assert command.cancellation is not None
    assert (command.cancellation.reason, command.cancellation.by) == (seal(b"rain"), "ann")
    assert texts(command) == ["cake"]


async def test_the_blueprint_is_the_one_of_the_changes_fleet(log: Log) -> None:
    older = await fleet(log, plan=["tree"], shop=["bark"])
    newer = await fleet(log, plan=["bark"])
    to = analyzing(log)
    one = await analysis(to, await change(log, added("a", "bark"), of="b", revision=older))
    two = await analysis(to, await change(log, added("a", "bark"), of="b", revision=newer))
    assert [command.understood.inputs[0].scores[0][0] for command in (one, two)] == ["shop", "plan"]


async def test_an_unknown_blueprint_is_poison(log: Log) -> None:
    await fleet(log)
    event = await change(log, added("a", "cake"), of="wedding")
    with pytest.raises(Poison, match="fleet 1 of t has no blueprint wedding"):
        await told(analyzing(log), event)


async def test_a_log_that_is_behind_is_waited_for(log: Log) -> None:
    with pytest.raises(Transient, match=r"t.inputs-e has no revision 3 yet"):
        await InputHistory(log.store).at("t.inputs-e", 3)


async def test_an_act_of_a_newer_build_is_waited_for(log: Log) -> None:
    await fleet(log)
    await log.write_unknown("t.inputs-e")
    with pytest.raises(UnknownEventType):
        await told(analyzing(log), await change(log, added("a", "cake")))


class Counting:
    """A log that counts what is read of it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.read = 0

    async def read_streams(self, after: Any) -> dict[str, list[Recorded]]:
        found = await self._log.store.read_streams(after)
        self.read += sum(map(len, found.values()))
        return found


async def test_a_change_reads_only_what_is_new(log: Log) -> None:
    store: Any = Counting(log)
    history = InputHistory(store)
    for number in range(100):
        event = await change(log, added(f"{number}", "cake"))
        assert len((await history.at("t.inputs-e", event.revision)).by_id) == number + 1
    assert store.read == 200
    await history.at("t.inputs-e", 199)
    assert store.read == 200


async def test_a_burst_of_changes_is_read_once(log: Log) -> None:
    events = [await change(log, added(f"{number}", "cake")) for number in range(100)]
    store: Any = Counting(log)
    history = InputHistory(store)
    for number, event in enumerate(events, 1):
        assert len((await history.at("t.inputs-e", event.revision)).by_id) == number
    assert store.read == 200


async def test_what_is_kept_of_plans_is_bounded_by_its_letters(log: Log) -> None:
    history = InputHistory(log.store)
    for number in range(30):
        stream = f"t.inputs-{number}"
        await log.write(stream, *(added(f"{one}", "x" * 4_000) for one in range(100)))
        assert (await history.at(stream, 99)).letters == 400_000
    assert history.kept_letters <= 8_000_000
    assert (await history.at("t.inputs-0", 99)).letters == 400_000


def fired(prompt: str = "jungle theme for 20 kids", fleet_revision: int = 1) -> TriggerFired:
    return TriggerFired(
        trigger_id="trigger-1",
        rule="r",
        rules=["r"],
        priority=PRIORITY_HIGH,
        signal_ids=["s"],
        signals=[EventRef(stream="t.signal-1", revision=0)],
        fleet_revision=fleet_revision,
        start=Start(blueprint="party", prompt=prompt),
    )


async def test_a_rule_begins_a_plan_with_its_prompt(log: Log) -> None:
    await fleet(log)
    (event,) = await log.write("t.watch-blueprint:party", fired())
    command = await analysis(analyzing(log), event)
    assert (command.execution_id, command.revision) == (PLAN, UNTOUCHED)
    (one,) = command.understood.inputs
    assert (one.given.input_id, one.given.text) == ("trigger-1", "jungle theme for 20 kids")
    assert one.given.ref == EventRef(stream="t.watch-blueprint:party", revision=0)
    assert one.given.digest == derive("prompt", "jungle theme for 20 kids")
    assert command.beginning == Beginning(
        rule="r",
        trigger_id="trigger-1",
        priority=PRIORITY_HIGH,
        signal_ids=["s"],
        signals=[EventRef(stream="t.signal-1", revision=0)],
    )


async def test_a_trigger_that_wakes_an_agent_begins_no_plan(log: Log) -> None:
    (event,) = await log.write("t.watch-a", TriggerFired(trigger_id="trigger-1", agent="a"))
    assert await analyzing(log).on_trigger(event, NOON) == []


async def test_inputs_join_the_prompt_of_a_plan_that_a_rule_began(log: Log) -> None:
    await fleet(log)
    await log.write("t.watch-blueprint:party", fired())
    adopted = ExecutionAdopted(trigger=EventRef(stream="t.watch-blueprint:party", revision=0))
    first = await change(log, adopted, added("a", "cake"))
    second = await change(log, InputRemoved(input_id="trigger-1"))
    to = analyzing(log)
    assert texts(await analysis(to, first)) == ["jungle theme for 20 kids", "cake"]
    assert texts(await analysis(to, second)) == ["cake"]
    assert (await analysis(to, first)).understood.facts == {"guests": 20}


def answer(step: str, result: Any = None, execution: str = "e") -> StepCompleted:
    said = {"inputs": [{"input_id": "a", "categories": [{"category": "vendor", "confidence": 0.9}]}]}
    return StepCompleted(execution_id=execution, step=step, result=seal_json(said if result is None else result))


async def test_a_models_answer_goes_to_the_plan_that_asked(log: Log) -> None:
    await fleet(log)
    asked = await change(log, added("a", CASTLE))
    (done,) = await log.write("t.execution-e", answer(classifying_step(asked.revision)))
    command = await told(analyzing(log), done)
    assert command == Answer(now=NOON + 5, execution_id="e", revision=1, answers={"a": (("vendor", 0.9),)})


async def test_a_models_answer_about_a_prompt_goes_to_the_plan_of_the_rule(log: Log) -> None:
    await fleet(log, Agent(name="input-classifier", model="big"))
    (event,) = await log.write("t.watch-blueprint:party", fired(prompt=CASTLE, fleet_revision=2))
    ((stream, command),) = await analyzing(log).on_trigger(event, NOON)
    events = [one for one in decider.decide(command, decider.initial) if isinstance(one, Message)]
    await log.write(stream, *events)
    assert isinstance(events[-1], InputsAnalyzed)
    assert list(events[-1].unclear) == ["trigger-1"]
    said = {"inputs": [{"input_id": "trigger-1", "categories": [{"category": "venue", "confidence": 0.7}]}]}
    (done,) = await log.write(f"t.execution-{PLAN}", answer(classifying_step(-1), said, PLAN))
    answered = await told(analyzing(log), done)
    assert (answered.revision, answered.answers) == (-1, {"trigger-1": (("venue", 0.7),)})


async def test_a_step_of_the_blueprint_is_no_answer(log: Log) -> None:
    (done,) = await log.write("t.execution-e", answer("theme"))
    assert await analyzing(log).on_answer(done, NOON) == []


async def test_nonsense_is_as_if_nothing_was_answered(log: Log) -> None:
    await fleet(log)
    asked = await change(log, added("a", CASTLE))
    (done,) = await log.write("t.execution-e", answer(classifying_step(asked.revision), ["what?"]))
    assert await analyzing(log).on_answer(done, NOON) == []


@pytest.mark.parametrize(
    ("model", "asks"), [("offline", False), ("", False), ("claude-sonnet", True)], ids=["offline", "none", "a model"]
)
async def test_a_model_is_asked_where_the_fleet_has_one_for_it(log: Log, model: str, asks: bool) -> None:
    revision = await fleet(log, Agent(name="input-classifier", model=model))
    assert (await analysis(analyzing(log), await change(log, added("a", CASTLE), revision=revision))).ask is asks


@pytest.mark.parametrize(
    "said",
    [
        None,
        "vendor",
        {},
        {"inputs": {}},
        {"inputs": [None, 3, {}, {"input_id": 4}, {"input_id": "a"}, {"input_id": "a", "categories": "vendor"}]},
        {"inputs": [{"input_id": "a", "categories": [None, "vendor", {"category": "vendor"}]}]},
        {"inputs": [{"input_id": "a", "categories": [{"category": "wedding", "confidence": 0.9}]}]},
        {"inputs": [{"input_id": "a", "categories": [{"category": ["vendor"], "confidence": 0.9}]}]},
        {"inputs": [{"input_id": "a", "categories": [{"category": "vendor", "confidence": 1.1}]}]},
        {"inputs": [{"input_id": "a", "categories": [{"category": "vendor", "confidence": -1}]}]},
        {"inputs": [{"input_id": "a", "categories": [{"category": "vendor", "confidence": 0.2}]}]},
        {"inputs": [{"input_id": "a", "categories": [{"category": "vendor", "confidence": True}]}]},
        {"inputs": [{"input_id": "a", "categories": [{"category": "vendor", "confidence": float("nan")}]}]},
    ],
    ids=str,
)
async def test_what_a_model_makes_up_is_left_out(said: Any) -> None:
    assert answers_of(json.dumps(said).encode(), ["vendor", "venue"]) == {}


async def test_of_an_answer_what_can_be_used_is_used_the_surest_first() -> None:
    categories = [
        {"category": "venue", "confidence": 0.6},
        {"category": "wedding", "confidence": 1},
        {"category": "vendor", "confidence": 0.9},
        {"category": "venue", "confidence": 0.7},
    ]
    said = json.dumps({"inputs": [{"input_id": "a", "categories": categories}, "what?"]}).encode()
    assert answers_of(said, ["vendor", "venue"]) == {"a": (("vendor", 0.9), ("venue", 0.7))}


async def test_text_that_is_no_json_is_no_answer() -> None:
    assert answers_of(b"It is a vendor.", ["vendor"]) == {}


async def test_the_whole_goes_to_the_planner_and_single_inputs_to_nobody(log: Log) -> None:
    (event,) = await log.write("t.analysis-e", InputsAnalyzed(execution_id="e"))
    assert {service: key(event) for service, key in ROUTES[event.type].items()} == {"planner": "e"}
    assert "reveille.analyzer.v1.InputClassified" not in ROUTES
