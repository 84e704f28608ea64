"""Each service by itself: what comes in by the bus, and what it writes for it, once."""

from collections import Counter
from functools import partial

from reveille.analyzer import bootstrap as analyzer
from reveille.budget import bootstrap as budget
from reveille.contracts.agent_runner.v1.events_pb2 import RunCompleted, Work
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.budget.v1.events_pb2 import TokensReserved
from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked, Sealed, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.ids import derive
from reveille.planner import bootstrap as planner
from tests.integration.services.house import FLEET_REVISION, House, names

build_planner = partial(planner.build, key=b"test")


def signal(id: str, target: str = "worker") -> SignalReceived:
    content = Sealed(data=SignalContent().SerializeToString())
    told = Signal(id=id, source="trigger", kind="task", target=target, fleet_revision=FLEET_REVISION, content=content)
    return SignalReceived(signal=told)


def trigger(id: str) -> TriggerFired:
    return TriggerFired(trigger_id=id, agent="worker", signal_ids=["s"], fleet_revision=FLEET_REVISION)


def ready(run: str, execution: str, tokens: int = 1_000) -> StepReady:
    return StepReady(
        execution_id=execution,
        step="wake",
        agent="worker",
        attempt=1,
        run_id=run,
        tokens=tokens,
        fleet_revision=FLEET_REVISION,
    )


def completed(of: StepReady, used: int) -> RunCompleted:
    work = Work(run_id=of.run_id, execution_id=of.execution_id, step=of.step, attempt=of.attempt, agent=of.agent)
    return RunCompleted(work=work, tokens_used=used, result=Sealed(data=b"{}"))


async def test_the_analyzer_fires_a_trigger_for_a_signal(house: House) -> None:
    await house.run("analyzer", analyzer.build)
    (received,) = await house.tell("default.signal-1", signal("s-1"), about="s-1")
    (fired,) = await house.written("analyzer", 1)
    assert isinstance(fired.msg, TriggerFired)
    assert (fired.stream, fired.msg.agent, list(fired.msg.signal_ids)) == ("default.watch-worker", "worker", ["s-1"])
    assert (fired.meta.origin.cause, fired.meta.about.correlation) == (received.id, "s-1")


async def test_a_poisoned_signal_is_parked_and_what_is_behind_it_goes_on(house: House) -> None:
    await house.tell("default.signal-1", signal("s-1", target="nobody"))
    await house.tell("default.signal-2", signal("s-2"))
    await house.run("analyzer", analyzer.build)
    (fired,) = await house.written("analyzer", 1)
    assert isinstance(fired.msg, TriggerFired)
    assert list(fired.msg.signal_ids) == ["s-2"]
    (parked,) = [event for event in await house.store.read_all(0, 100) if isinstance(event.msg, MessageParked)]
    assert isinstance(parked.msg, MessageParked)
    assert (parked.msg.event.stream, parked.msg.service) == ("default.signal-1", "analyzer")
    assert "nobody" in parked.msg.error
    assert parked.position < fired.position


async def test_the_planner_plans_makes_ready_and_completes(house: House) -> None:
    await house.run("planner", build_planner)
    await house.tell("default.watch-worker", trigger("t-1"))
    events = await house.written("planner", 3)
    assert names(events) == ["ExecutionStarted", "StepPlanned", "StepReady"]
    assert {event.stream for event in events} == {f"default.execution-{derive('execution', 't-1')}"}
    step = events[2].msg
    assert isinstance(step, StepReady)
    await house.tell(f"default.run-{step.run_id}", completed(step, 7))
    assert names(await house.written("planner", 5))[3:] == ["StepCompleted", "ExecutionCompleted"]


async def test_two_replicas_of_the_planner_plan_each_trigger_once(house: House) -> None:
    bus = await house.bus()
    await house.run("planner", build_planner, replica="r-1", bus=bus)
    await house.run("planner", build_planner, replica="r-2", bus=bus)
    told, replicas = 0, set[str]()
    # The second may have its partitions only when the first has planned what came before.
    while told < 40 or len(replicas) < 2:
        for number in range(told, told + 20):
            await house.tell("default.watch-worker", trigger(f"t-{number}"))
        told += 20
        events = await house.written("planner", 3 * told)
        replicas = {event.meta.replica for event in events}
    assert replicas == {"r-1", "r-2"}
    assert Counter(names(events)) == {"ExecutionStarted": told, "StepPlanned": told, "StepReady": told}


async def test_two_replicas_that_both_see_everything_do_it_once(house: House) -> None:
    """Each with a bus of its own, as after a rebalance that one of them has not heard of."""
    first = await house.run("planner", build_planner, replica="r-1")
    second = await house.run("planner", build_planner, replica="r-2")
    for number in range(20):
        await house.tell("default.watch-worker", trigger(f"t-{number}"))
    await house.written("planner", 60)
    await first.caught_up()
    await second.caught_up()
    events = await house.written("planner", 60)
    assert Counter(names(events)) == {"ExecutionStarted": 20, "StepPlanned": 20, "StepReady": 20}


async def test_what_was_answered_before_is_not_answered_again_where_the_position_is_lost(house: House) -> None:
    await house.tell("default.watch-worker", trigger("t-1"))
    await house.run("planner", build_planner, replica="r-1")
    await house.written("planner", 3)
    later = await house.run("planner", build_planner, replica="r-2")  # its bus begins at the log's beginning
    await later.caught_up()
    assert len(await house.written("planner", 3)) == 3


async def test_the_ledger_reserves_settles_and_releases(house: House) -> None:
    await house.run("budget", budget.build)
    step = ready("r", "e")
    (asked,) = await house.tell("default.execution-e", step)
    reserved = (await house.written("budget", 2))[1].msg
    assert isinstance(reserved, TokensReserved)
    assert reserved.reservation.ready == EventRef(stream=asked.stream, revision=asked.revision)
    await house.tell("default.run-r", completed(step, 300))
    assert names(await house.written("budget", 4)) == [
        "LimitsUpdated",
        "TokensReserved",
        "TokensSettled",
        "TokensReleased",
    ]


async def test_reservations_never_exceed_the_limit_however_many_come_at_once(house: House) -> None:
    await house.run("budget", budget.build)
    for number in range(15):
        await house.tell(f"default.execution-e{number}", ready(f"r{number}", f"e{number}"))
    events = await house.written("budget", 16)
    assert Counter(names(events)) == {"LimitsUpdated": 1, "TokensReserved": 10, "ReservationDeferred": 5}
