"""The analyzer as it runs: what it gathers fires in time, also after a restart; what it detects comes back to it."""

import asyncio
from typing import Any

from reveille.analyzer import bootstrap as analyzer
from reveille.contracts.analyzer.v1.events_pb2 import PatternDetected, TriggerFired
from reveille.contracts.analyzer.v1.queries_pb2 import WhatIfRequest
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, Sealed, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import (
    Absence,
    Agent,
    AgentDefined,
    Batch,
    Cooldown,
    FleetApplied,
    Pattern,
    Rule,
    RuleDefined,
    Selector,
    SignalReceived,
)
from reveille.kernel.clock import SystemClock
from reveille.kernel.events import Recorded
from reveille.kernel.service import Ports
from tests.integration.services.house import FLEET_REVISION, PATIENCE, House, names

MINUTE = 60_000


async def apply(house: House, *rules: Rule, **agent: Any) -> int:
    events = await house.tell(
        "default.fleet",
        AgentDefined(agent=Agent(name="watcher", max_hops=3, **agent)),
        *(RuleDefined(rule=rule) for rule in rules),
        FleetApplied(digest="d2", previous=FLEET_REVISION),
    )
    return events[-1].revision


async def tell(house: House, id: str, revision: int, *, kind: str = "push", repository: str = "a/b") -> Recorded:
    content = Sealed(data=SignalContent(repository=repository).SerializeToString())
    signal = Signal(id=id, source="github", kind=kind, fleet_revision=revision, content=content)
    signal.received_at.FromMicroseconds(SystemClock().now())
    return (await house.tell(f"default.signal-{id}", SignalReceived(signal=signal), about=id))[0]


def fired(events: list[Recorded]) -> list[TriggerFired]:
    return [event.msg for event in events if isinstance(event.msg, TriggerFired)]


async def test_a_batch_wakes_once_when_its_window_closes_also_after_a_restart(house: House) -> None:
    batch = Batch(by=["repository"], window_ms=1_500, max=20)
    revision = await apply(house, Rule(name="gather", kinds=["push"], wake="watcher", batch=batch))
    first = await house.run("analyzer", analyzer.build, replica="r-1")
    for number in range(3):
        await tell(house, f"s-{number}", revision)
    assert names(await house.written("analyzer", 3)) == ["TriggerGathered"] * 3
    await first.drain(0)
    for task in asyncio.all_tasks():
        if task.get_name() == "analyzer":
            task.cancel()
    await house.run("analyzer", analyzer.build, replica="r-2")
    (trigger,) = fired(await house.written("analyzer", 4))
    assert list(trigger.signal_ids) == ["s-0", "s-1", "s-2"]
    assert len(trigger.signals) == 3


async def test_a_pattern_wakes_its_agent_with_the_signals_that_made_it(house: House) -> None:
    steps = [Selector(kinds=["pipeline.failed"])]
    pattern = Pattern(steps=steps, count=3, within_ms=15 * MINUTE, by=["repository"])
    revision = await apply(house, Rule(name="flaky", wake="watcher", pattern=pattern, priority=PRIORITY_HIGH))
    await house.run("analyzer", analyzer.build)
    for number, repository in enumerate(["a/b", "c/d", "a/b", "c/d", "a/b"]):
        await tell(house, f"s-{number}", revision, kind="pipeline.failed", repository=repository)
    events = await house.written("analyzer", 7)
    (trigger,) = fired(events)
    assert (trigger.rule, list(trigger.signal_ids), trigger.priority) == ("flaky", ["s-0", "s-2", "s-4"], PRIORITY_HIGH)
    assert names(events).count("PatternProgressed") == 4
    (detected,) = [event for event in events if isinstance(event.msg, PatternDetected)]
    assert (events[-1].meta.origin.cause, events[-1].meta.origin.sender) == (detected.id, "analyzer")


async def test_an_absence_wakes_once_for_each_silence(house: House) -> None:
    absence = Absence(of=Selector(kinds=["backup.finished"]), for_ms=400)
    revision = await apply(house, Rule(name="missing", wake="watcher", absence=absence))
    await house.run("analyzer", analyzer.build)
    events = await house.written("analyzer", 3)
    assert names(events) == ["PatternArmed", "PatternDetected", "TriggerFired"]
    await tell(house, "s-1", revision, kind="backup.finished")
    events = await house.written("analyzer", 6)
    assert names(events)[3:] == ["PatternArmed", "PatternDetected", "TriggerFired"]
    assert len({trigger.trigger_id for trigger in fired(events)}) == 2


async def test_what_comes_within_a_cooldown_is_explained_first_as_waiting_and_then_as_having_woken(
    house: House,
) -> None:
    cooldown = Cooldown(by=["repository"], for_ms=1_200)
    revision = await apply(house, Rule(name="r", kinds=["push"], wake="watcher", cooldown=cooldown))
    built: list[analyzer.Analyzer] = []

    def build(ports: Ports) -> analyzer.Analyzer:
        built.append(analyzer.build(ports))
        return built[-1]

    service = await house.run("analyzer", build)
    await tell(house, "s-1", revision)
    waiting = await tell(house, "s-2", revision)
    gathered = (await house.written("analyzer", 2))[1]
    await service.follower.wait_for(gathered.position, PATIENCE)
    answer = await built[0].explaining.explain(waiting, "watcher")
    assert (answer.woke, answer.reason, answer.rule) in {(False, "cooldown", "r"), (True, "woke", "r")}
    later = (await house.written("analyzer", 3))[2]
    await service.follower.wait_for(later.position, PATIENCE)
    answer = await built[0].explaining.explain(waiting, "watcher")
    assert (answer.woke, answer.reason, answer.rule) == (True, "woke", "r")


async def test_other_rules_are_tried_on_what_came_in_and_nothing_is_written(house: House) -> None:
    revision = await apply(house, Rule(name="all", kinds=["push"], wake="watcher"))
    built: list[analyzer.Analyzer] = []

    def build(ports: Ports) -> analyzer.Analyzer:
        built.append(analyzer.build(ports))
        return built[-1]

    service = await house.run("analyzer", build)
    for number in range(6):
        last = await tell(house, f"s-{number}", revision, repository=f"r{number % 2}")
    await house.written("analyzer", 6)
    await service.follower.wait_for(last.position, PATIENCE)
    head = await house.store.head()
    answer = await built[0].trying.what_if(
        WhatIfRequest(
            tenant="default",
            hours=1,
            agents=[Agent(name="watcher", max_hops=3)],
            rules=[
                Rule(
                    name="few",
                    kinds=["push"],
                    wake="watcher",
                    where='signal.repository == "r0"',
                    batch=Batch(by=["repository"], window_ms=1, max=3),
                )
            ],
        )
    )
    assert (answer.signals, answer.cut) == (6, False)
    assert [(one.agent, one.before) for one in answer.wakes] == [("watcher", 6)]
    assert 1 <= answer.wakes[0].after <= 3
    assert {(one.signal_id, one.after) for one in answer.changes if one.after == "where"} == {
        ("s-1", "where"),
        ("s-3", "where"),
        ("s-5", "where"),
    }
    assert await house.store.head() == head
