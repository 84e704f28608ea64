"""What other rules would have done with the signals of the last hours."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.analyzer.application.compiling import Rules
from reveille.analyzer.application.explaining import Explaining
from reveille.analyzer.domain.meaning import Meaning
from reveille.analyzer.domain.replaying import Outcome, Past, Replay
from reveille.analyzer.domain.rules import RuleIndex, watcher_of
from reveille.contracts.analyzer.v1.queries_pb2 import (
    ExplainResponse,
    WhatIfChange,
    WhatIfRequest,
    WhatIfResponse,
    WhatIfWakes,
)
from reveille.contracts.common.v1.common_pb2 import EventRef, Signal
from reveille.contracts.ingress.v1.events_pb2 import SignalEnriched, SignalReceived
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.decider import Decider
from reveille.kernel.errors import Rejected
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import tenant_of
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet
from reveille.kernel.signals import content_of

HOUR: Final = 3_600 * SECOND
MAX_HOURS: Final = 24 * 31
MAX_SIGNALS: Final = 20_000
MAX_CHANGES: Final = 100
BATCH: Final = 1_000
# Signals after which the others have their turn.
AT_ONCE: Final = 25

# The position of an event that stands before all signals of a tenant since a time.
PositionBefore = Callable[[str, int], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What one fleet would have done."""

    index: RuleIndex
    wakes: Mapping[str, int]
    outcomes: Mapping[tuple[str, str], Outcome]


class Trying:
    """Decides again, with the same code, and writes nothing."""

    def __init__(
        self,
        store: EventStore,
        facts: Facts,
        rules: Rules,
        *,
        explaining: Explaining,
        deciders: Sequence[Decider],
        position_before: PositionBefore,
        clock: Clock,
    ) -> None:
        self._store = store
        self._facts = facts
        self._rules = rules
        self._explaining = explaining
        self._deciders: Mapping[str, Decider] = {decider.category: decider for decider in deciders}
        self._position_before = position_before
        self._clock = clock

    async def what_if(self, request: WhatIfRequest) -> WhatIfResponse:
        """Raises Rejected for hours that are none, and ValueError for a rule's text that is none."""
        if not 0 < request.hours <= MAX_HOURS:
            raise Rejected(f"{request.hours} hours, expected 1 to {MAX_HOURS}")
        self._rules.check(request.rules)
        now = self._clock.now()
        since = now - request.hours * HOUR
        signals, cut = await self._signals(request.tenant, since)
        begin = signals[0].at if cut else since
        fleet = await self._facts.fleet_in_force(request.tenant)
        other = Fleet(
            agents={agent.name: agent for agent in request.agents}, rules={rule.name: rule for rule in request.rules}
        )
        before = await self._replay(request.tenant, fleet, signals, begin, now)
        after = await self._replay(request.tenant, other, signals, begin, now)
        answer = WhatIfResponse(signals=len(signals), cut=cut)
        for agent in sorted({*before.wakes, *after.wakes}):
            answer.wakes.append(
                WhatIfWakes(agent=agent, before=before.wakes.get(agent, 0), after=after.wakes.get(agent, 0))
            )
        await self._tell_changes(answer, signals, before, after)
        return answer

    async def _signals(self, tenant: str, since: int) -> tuple[list[Past], bool]:
        """As they were decided on, the newest ones; and whether there were more."""
        found: deque[Past] = deque(maxlen=MAX_SIGNALS)
        count, position = 0, await self._position_before(tenant, since)
        head = await self._store.head()
        while events := await self._store.read_all(position, BATCH, category="signal"):
            for event in events:
                position = event.position
                if not isinstance(event.msg, SignalReceived | SignalEnriched) or event.msg.signal.enriching:
                    continue
                if event.meta.time < since or tenant_of(event.stream) != tenant:
                    continue
                ref = EventRef(stream=event.stream, revision=event.revision)
                found.append(Past(event.msg.signal, ref, event.meta.about, event.meta.time))
                count += 1
            if position >= head:
                break
            await asyncio.sleep(0)
        return sorted(found, key=lambda past: past.at), count > len(found)

    async def _replay(self, tenant: str, fleet: Fleet, signals: Sequence[Past], begin: int, now: int) -> _Told:
        index = await self._rules.index(fleet.rules.values())
        replay = Replay(tenant, fleet, Meaning(tenant, fleet, index), self._deciders)
        replay.begin(begin)
        for number, past in enumerate(signals, 1):
            await _pass(replay, past.at)
            replay.take(past)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        await _pass(replay, now)
        return _Told(index, replay.wakes, replay.outcomes)

    async def _tell_changes(self, answer: WhatIfResponse, signals: Sequence[Past], before: _Told, after: _Told) -> None:
        by_id = {past.signal.id: past.signal for past in signals}
        order = {past.signal.id: number for number, past in enumerate(signals)}
        changed = [pair for pair in _pairs(before, after) if _reason(before, pair) != _reason(after, pair)]
        changed.sort(key=lambda pair: (-order[pair[0]], pair[1]))
        answer.changed = len(changed)
        for signal_id, agent in changed[:MAX_CHANGES]:
            signal = by_id[signal_id]
            was, is_now = (self._outcome(one, signal, agent) for one in (before, after))
            answer.changes.append(
                WhatIfChange(
                    signal_id=signal_id,
                    agent=agent,
                    before=was.reason,
                    after=is_now.reason,
                    rule=is_now.rule or was.rule,
                    summary=_summary(signal),
                )
            )
            await asyncio.sleep(0)

    def _outcome(self, told: _Told, signal: Signal, agent: str) -> Outcome:
        known = told.outcomes.get((signal.id, agent))
        if known is not None:
            return known
        answer = ExplainResponse(signal_id=signal.id, agent=agent)
        self._explaining.from_rules(answer, signal, [one for one in told.index.rules if watcher_of(one.rule) == agent])
        return Outcome(answer.reason, answer.rule)


async def _pass(replay: Replay, until: int) -> None:
    while True:
        if replay.passed(until, AT_ONCE):
            return
        await asyncio.sleep(0)


def _pairs(before: _Told, after: _Told) -> Iterator[tuple[str, str]]:
    yield from before.outcomes
    yield from (pair for pair in after.outcomes if pair not in before.outcomes)


def _reason(told: _Told, pair: tuple[str, str]) -> str:
    known = told.outcomes.get(pair)
    return known.reason if known else ""


def _summary(signal: Signal) -> str:
    content = content_of(signal)
    what = content.repository + (f"#{content.number}" if content.number else "")
    return " ".join(part for part in (signal.source, signal.kind, what, content.title[:100]) if part)
