"""The analyzer as it runs, on what people do to their plans."""

from reveille.analyzer import bootstrap as analyzer
from reveille.contracts.analyzer.v1.events_pb2 import InputClassified, InputsAnalyzed, TriggerFired
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    AgentDefined,
    BlueprintDefined,
    ExecutionRequested,
    FleetApplied,
    InputAdded,
    InputContent,
    InputRemoved,
    InputsChanged,
    Start,
)
from reveille.contracts.planner.v1.events_pb2 import StepCompleted
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal_json
from tests.integration.services.house import House, names
from tests.unit.analyzer.party import party


def added(execution: str, input_id: str, text: str) -> InputAdded:
    content = Sealed(data=InputContent(text=text).SerializeToString())
    return InputAdded(execution_id=execution, input_id=input_id, content=content, digest=derive("digest", text))


async def plans(house: House, model: str = "offline") -> int:
    """The fleet's revision that knows the party."""
    classifier = Agent(name="input-classifier", model=model)
    told = await house.tell(
        "default.fleet", AgentDefined(agent=classifier), BlueprintDefined(blueprint=party()), FleetApplied(digest="p")
    )
    return told[-1].revision


async def test_what_people_ask_of_a_plan_is_analyzed_change_by_change(house: House) -> None:
    revision = await plans(house)
    changed = InputsChanged(execution_id="e", blueprint="party", fleet_revision=revision)
    await house.tell("default.inputs-e", ExecutionRequested(), added("e", "a", "jungle theme"), changed)
    service = await house.run("analyzer", analyzer.build)
    events = await house.written("analyzer", 2)
    assert names(events) == ["InputClassified", "InputsAnalyzed"]
    assert {event.stream for event in events} == {"default.analysis-e"}
    both = (added("e", "b", "outdoor venue in Austin"), InputRemoved(execution_id="e", input_id="a"), changed)
    (*_, cause) = await house.tell("default.inputs-e", *both, about="second")
    events = (await house.written("analyzer", 4))[2:]
    assert isinstance(events[0].msg, InputClassified)
    assert isinstance(events[1].msg, InputsAnalyzed)
    assert [list(one.categories) for one in events[1].msg.inputs] == [["venue"]]
    assert list(events[1].msg.losing) == ["theme"]
    assert (events[1].meta.origin.cause, events[1].meta.about.correlation) == (cause.id, "second")
    await service.caught_up()
    assert len(await house.written("analyzer", 4)) == 4


async def test_a_hundred_plans_at_once_see_nothing_of_each_other(house: House) -> None:
    revision = await plans(house)
    await house.run("analyzer", analyzer.build)
    for number in range(100):
        one = f"e{number}"
        changed = InputsChanged(execution_id=one, blueprint="party", fleet_revision=revision)
        await house.tell(f"default.inputs-{one}", added(one, "a", f"cake for {number + 2} guests"), changed)
    events = await house.written("analyzer", 200)
    found = {event.msg.execution_id: event.msg for event in events if isinstance(event.msg, InputsAnalyzed)}
    assert len(found) == 100
    for number in range(100):
        assert found[f"e{number}"].facts == seal_json({"guests": number + 2})
        assert [one.ref.stream for one in found[f"e{number}"].inputs] == [f"default.inputs-e{number}"]


async def test_a_rule_begins_a_plan_and_a_model_says_what_its_prompt_means(house: House) -> None:
    revision = await plans(house, model="a-model")
    await house.run("analyzer", analyzer.build)
    start = Start(blueprint="party", prompt="a bouncy castle")
    fired = TriggerFired(trigger_id="trigger-1", rule="r", fleet_revision=revision, start=start)
    plan = derive("execution", "trigger-1")
    await house.tell("default.watch-blueprint:party", fired)
    events = await house.written("analyzer", 3)
    assert names(events) == ["TriggerFired", "InputClassified", "InputsAnalyzed"]
    assert isinstance(events[2].msg, InputsAnalyzed)
    assert (events[2].stream, list(events[2].msg.unclear)) == (f"default.analysis-{plan}", ["trigger-1"])
    said = {"inputs": [{"input_id": "trigger-1", "categories": [{"category": "vendor", "confidence": 0.8}]}]}
    done = StepCompleted(execution_id=plan, step="classify:-1", result=seal_json(said))
    await house.tell(f"default.execution-{plan}", done)
    events = (await house.written("analyzer", 5))[3:]
    assert names(events) == ["InputClassified", "InputsAnalyzed"]
    assert isinstance(events[1].msg, InputsAnalyzed)
    assert [list(one.categories) for one in events[1].msg.inputs] == [["vendor"]]
