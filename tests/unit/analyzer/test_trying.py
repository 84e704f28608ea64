"""What other rules would have done with the signals of the last hours."""

from typing import Any

import pytest

from reveille.adapters import cel, cron, patterns
from reveille.analyzer.application import trying
from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.analyzer.application.trying import Trying
from reveille.analyzer.domain import pattern, watch
from reveille.contracts.analyzer.v1.queries_pb2 import WhatIfRequest, WhatIfResponse
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import (
    Agent,
    Batch,
    Cooldown,
    Cron,
    Pattern,
    Rule,
    Selector,
    SignalEnriched,
    SignalReceived,
)
from reveille.kernel.errors import Rejected
from reveille.kernel.events import About
from reveille.kernel.facts import Facts
from tests.unit.analyzer.signalling import rule, signal, with_paths
from tests.unit.log import Log
from tests.unit.manual_clock import NOON, ManualClock

pytestmark = pytest.mark.asyncio
A, B = Agent(name="a", max_hops=3), Agent(name="b", max_hops=3)
MINUTE = 60 * 1_000_000
HOUR = 60 * MINUTE


class Past:
    """A log with signals, told so many minutes ago."""

    def __init__(self) -> None:
        self.log = Log()
        self.clock = ManualClock()
        self.before: list[tuple[str, int]] = []
        self._told = 0

    async def tell(self, minutes: float, **fields: Any) -> str:
        self._told += 1
        one = signal(id=f"s{self._told}", **fields)
        await self.write(one, minutes)
        return one.id

    async def write(self, one: Signal, minutes: float, *, enriched: Signal | None = None, tenant: str = "t") -> None:
        at = NOON - round(minutes * MINUTE)
        about = About(one.id, "", one.hop)
        one.received_at.FromMicroseconds(at)
        await self.log.write(f"{tenant}.signal-{one.id}", SignalReceived(signal=one), about=about, now=at)
        if enriched is not None:
            await self.log.write(f"{tenant}.signal-{one.id}", SignalEnriched(signal=enriched), about=about, now=at)

    async def what_if(self, *rules: Rule, hours: int = 24, agents: tuple[Agent, ...] = (A, B)) -> WhatIfResponse:
        facts = Facts(self.log.store)
        compiling = Rules(facts, where=cel.where, paths=lambda names: patterns.paths(tuple(names)))
        explaining = Explaining(self.log.store, facts, compiling, decided=self._decided, unevaluated=cel.unevaluated)
        one = Trying(
            self.log.store,
            facts,
            compiling,
            explaining=explaining,
            deciders=[watch.decider, pattern.decider(cron.next_time)],
            position_before=self._position_before,
            clock=self.clock,
        )
        return await one.what_if(WhatIfRequest(tenant="t", hours=hours, agents=agents, rules=rules))

    async def _decided(self, tenant: str, signal_id: str, agent: str) -> EventRef | None:
        return None

    async def _position_before(self, tenant: str, since: int) -> int:
        self.before.append((tenant, since))
        return 0


@pytest.fixture
def past() -> Past:
    return Past()


def wakes(answer: WhatIfResponse) -> dict[str, tuple[int, int]]:
    return {one.agent: (one.before, one.after) for one in answer.wakes}


def changes(answer: WhatIfResponse) -> list[tuple[str, str, str, str]]:
    return [(one.signal_id, one.agent, one.before, one.after) for one in answer.changes]


async def test_the_same_rules_change_nothing(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[rule()])
    for minutes in (3, 2, 1):
        await past.tell(minutes)
    answer = await past.what_if(rule())
    assert (answer.signals, answer.changed, answer.cut, wakes(answer)) == (3, 0, False, {"a": (3, 3)})


async def test_a_rule_that_asks_for_more_wakes_less_and_says_for_which_signals(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[rule()])
    kept = await past.tell(3, base_ref="main")
    lost = await past.tell(2, base_ref="next", repository="a/b", number=7, title="Try it")
    answer = await past.what_if(rule(where='signal.base_ref == "main"'))
    assert wakes(answer) == {"a": (2, 1)}
    assert changes(answer) == [(lost, "a", "woke", "where")]
    assert answer.changes[0].summary == "github pull_request.opened a/b#7 Try it"
    assert kept not in {one.signal_id for one in answer.changes}


async def test_another_agent_wakes_instead(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[rule()])
    one = await past.tell(1)
    answer = await past.what_if(rule(wake="b"))
    assert wakes(answer) == {"a": (1, 0), "b": (0, 1)}
    assert sorted(changes(answer)) == [(one, "a", "woke", "no_rule"), (one, "b", "no_rule", "woke")]


async def test_cooldowns_and_batches_run_in_the_time_of_the_signals(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[rule()])
    for minutes in (50, 49.5, 49, 30, 29.9):
        await past.tell(minutes)
    batched = await past.what_if(rule(batch=Batch(window_ms=5 * 60_000, max=20)))
    assert wakes(batched) == {"a": (5, 2)}
    assert sorted(changes(batched)) == [(f"s{n}", "a", "woke", "batched") for n in (2, 3, 5)]
    cooled = await past.what_if(rule(cooldown=Cooldown(for_ms=60 * 60_000)))
    assert wakes(cooled) == {"a": (5, 1)}, "the cooldown that the first has begun has not ended"
    assert {one.after for one in cooled.changes} == {"cooldown"}


async def test_patterns_and_times_of_day_are_tried_too(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[])
    for minutes in (50, 49, 48, 20):
        await past.tell(minutes)
    three = rule("three", pattern=Pattern(steps=[Selector()], count=3, within_ms=10 * 60_000))
    assert wakes(await past.what_if(three)) == {"a": (0, 1)}
    hourly = rule("hourly", cron=Cron(expression="30 * * * *"))
    assert wakes(await past.what_if(hourly, hours=6)) == {"a": (0, 6)}


async def test_only_the_tenants_own_signals_of_those_hours_are_looked_at(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[rule()])
    await past.tell(61)
    await past.tell(59)
    await past.write(signal(id="other"), 5, tenant="u")
    answer = await past.what_if(rule(), hours=1)
    assert (answer.signals, wakes(answer)) == (1, {"a": (1, 1)})
    assert past.before == [("t", NOON - HOUR)]


async def test_a_signal_that_its_provider_has_completed_is_looked_at_once_and_whole(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[rule()])
    await past.write(signal(id="s", enriching=True), 5, enriched=with_paths("docs/a.md", id="s"))
    answer = await past.what_if(rule(paths=["src/**"]))
    assert answer.signals == 1
    assert changes(answer) == [("s", "a", "woke", "paths")]


async def test_of_too_many_signals_the_oldest_are_left_out(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "MAX_SIGNALS", 3)
    await past.log.apply_fleet(A, B, rules=[rule()])
    for minutes in range(10, 0, -1):
        await past.tell(minutes)
    answer = await past.what_if(rule(where="false"))
    assert (answer.signals, answer.cut, answer.changed) == (3, True, 3)
    assert [one.signal_id for one in answer.changes] == ["s10", "s9", "s8"], "the newest first"


async def test_whom_a_sender_names_wakes_by_any_rules_where_he_is_there(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[])
    await past.tell(1, target="b")
    assert wakes(await past.what_if(agents=(A,))) == {"b": (1, 0)}


@pytest.mark.parametrize("hours", [0, -1, 10_000])
async def test_hours_that_are_none_are_refused(past: Past, hours: int) -> None:
    with pytest.raises(Rejected, match=f"{hours} hours, expected 1 to 744"):
        await past.what_if(hours=hours)


async def test_an_expression_that_is_none_is_refused(past: Past) -> None:
    await past.log.apply_fleet(A, B, rules=[])
    with pytest.raises(ValueError, match="mismatched input"):
        await past.what_if(rule(where="signal.ref =="))
