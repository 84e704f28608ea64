"""The two runs of a day: agents woken by what happens, and agents that ask whether anything has."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from bench.tokens import judging, polling
from bench.tokens.doors import received
from bench.tokens.happening import LEADER, OPERATOR, REVIEWER
from bench.tokens.oracle import REPORT_AT
from bench.tokens.pacing import PacedModel
from bench.tokens.payloads import time_of
from bench.tokens.platform import Platform, open_platform
from bench.tokens.provider import Provider
from bench.tokens.reading import Reading
from bench.tokens.running import MIDNIGHT, Time
from bench.tokens.setting import Setting
from reveille.agents.models.offline import ANSWERS, OfflineModel
from reveille.contracts.ingress.v1.events_pb2 import Agent, Limits
from reveille.ingress.application.receiving import Received
from reveille.ingress.domain import wakes
from reveille.ingress.domain.fleet import WantedFleet
from reveille.kernel.clock import SECOND

# The fleet is in force before the first thing happens.
BEFORE: Final = 60.0
# Longer than any window, cooldown, backoff and lease of the fleet: what has not moved within it is at rest.
STILL: Final = 300.0
MOST_STILL: Final = 24
READ: Final = 2_000
SAY_EVERY: Final = 1_800.0
# What one day of polling cannot use up: how soon it would have been stopped is not the question here.
PLENTY: Final = 1_000_000_000
# What a list of news may take beside the work itself.
FOR_THE_QUESTION: Final = 2_000
SKILLS: Final = {LEADER: "poll_lead", OPERATOR: "poll_operate", REVIEWER: "poll_review"}

Say = Callable[[str], None]


async def woken(time: Time, setting: Setting, say: Say) -> Reading:
    """By what happens: each delivery comes in when it happens, and those that come again, again."""
    sources = {source.name: source for source in setting.fleet.sources}
    sendings = sorted(
        ((at, one) for one in setting.happened for at in (one.at, *one.again)), key=lambda sending: sending[0]
    )
    keys: dict[str, str] = {}
    async with _platform(time, setting.fleet, OfflineModel()) as platform:
        said = setting.begin
        for at, one in sendings:
            await time.until(at)
            id = (await platform.receive(setting.fleet.tenant, [received(one, sources)]))[0]
            keys[id] = one.key
            if at >= said:
                say(f"woken by events: {_clock(at)}")
                said += SAY_EVERY
        await time.until(setting.end)
        return await _read(time, platform, keys)


async def polled(time: Time, setting: Setting, say: Say) -> Reading:
    """By asking: each agent is woken each so many seconds with the news since the time before."""
    sources = {source.name: source for source in setting.fleet.sources}
    provider = Provider(setting.happened, sources)
    fleet = polling_fleet(setting.fleet)
    every = setting.fleet.limits.poll_every_ms / 1000

    async def history(tenant: str, repository: str, hours: int, limit: int) -> Sequence[dict[str, Any]]:
        return provider.recent(time.seconds, repository, hours, limit)

    model = OfflineModel({**ANSWERS, "poll": judging.answer_poll})
    async with _platform(time, fleet, model, history) as platform:
        said = setting.begin
        count = round((setting.end - setting.begin) / every)
        for number in range(count):
            since = setting.begin + number * every
            await time.until(since + every)
            news = provider.new(since, since + every)
            if since <= REPORT_AT < since + every:
                news.append(clock_strikes())
            told = {"since": time_of(since), "every": round(every), "news": news}
            polls = [_poll(agent.name, fleet, told, number) for agent in fleet.agents]
            await platform.receive(fleet.tenant, polls)
            if since >= said:
                say(f"asking every {every:g} s: {_clock(since)}")
                said += SAY_EVERY
        return await _read(time, platform, {})


def polling_fleet(fleet: WantedFleet) -> WantedFleet:
    """The same agents without rules, and without the limits that would stop them before noon."""
    agents = []
    for one in fleet.agents:
        agent = Agent()
        agent.CopyFrom(one)
        agent.skill = f"{polling.__name__}:{SKILLS[one.name]}"
        agent.budget.tokens = PLENTY
        agent.budget.per_run = one.budget.per_run + FOR_THE_QUESTION
        agents.append(agent)
    limits = Limits()
    limits.CopyFrom(fleet.limits)
    limits.tenant_tokens = limits.execution_tokens = 0
    return WantedFleet(tenant=fleet.tenant, agents=agents, rules=(), limits=limits, sources=fleet.sources)


@asynccontextmanager
async def _platform(
    time: Time,
    fleet: WantedFleet,
    model: OfflineModel,
    history: Callable[[str, str, int, int], Awaitable[Sequence[dict[str, Any]]]] | None = None,
) -> AsyncIterator[Platform]:
    platform = await open_platform(clock=time.clock, ids=time.ids, model=PacedModel(model, time.clock), history=history)
    running = asyncio.ensure_future(platform.run())
    try:
        await platform.apply(fleet)
        yield platform
        if running.done():
            running.result()
    finally:
        running.cancel()
        await asyncio.wait([running])
        await platform.close()


async def _read(time: Time, platform: Platform, keys: Mapping[str, str]) -> Reading:
    """Once nothing moves any more."""
    head = -1
    for _ in range(MOST_STILL):
        if head == await platform.store.head():
            break
        head = await platform.store.head()
        await time.clock.sleep(STILL)
    reading = Reading(keys=keys, midnight=MIDNIGHT * SECOND)
    after = 0
    while events := await platform.store.read_all(after, READ):
        reading.take(events)
        after = events[-1].position
    return reading


def _poll(agent: str, fleet: WantedFleet, told: Mapping[str, Any], number: int) -> Received:
    body = {"type": "task", "priority": "medium", "payload": told, "id": f"poll-{agent}-{number}"}
    delivery = wakes.trigger(agent, [one.name for one in fleet.agents], body, "")
    return Received(delivery=delivery, body=json.dumps(body).encode(), verified=True, trace="")


def clock_strikes() -> dict[str, Any]:
    return {"id": polling.REPORT, "kind": polling.REPORT, "means": "timer.fired", "repository": "", "actor": "",
            "title": "the report is due", "earlier": []}  # fmt: skip


def _clock(at: float) -> str:
    return f"{int(at // 3600):02}:{int(at % 3600 // 60):02}"
