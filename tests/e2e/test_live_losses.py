"""A thousand lost connections, servers that are killed, slow readers: each client has exactly what history has."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import PATIENCE, Platform
from tests.e2e.stack import Stack
from tests.e2e.watchers import (
    NodeWatcher,
    Pause,
    RawWatcher,
    SdkWatcher,
    StreamWatcher,
    Watcher,
    build_client,
    lags,
)
from tests.e2e.wires import Wire
from tests.seeds import session_seed

LOSSES: Final = 1_000
# After so many of them something is killed and started again.
KILLS: Final = (200, 450, 700)
# Of a connection, on average.
LIFE_SECONDS: Final = 0.6
API: Final = "/api/v1/executions"
CONVERSATION: Final = "what-is-watched"
STEPS: Final = "abcdef"
FLEET: Final = """
version: 1
defaults: {budget: {tokens: 100_000_000, per_run: 100}, retries: {attempts: 9, backoff: 50ms}}
agents:
  thinker: {skill: "lively:think_and_act", instances: {max: 8}}
blueprints:
  - blueprint: relay
    steps:
      a: {agent: thinker, category: {words: [relay]}}
      b: {agent: thinker, category: {words: [relay]}, needs: [a]}
      c: {agent: thinker, category: {words: [relay]}, needs: [b]}
      d: {agent: thinker, category: {words: [relay]}, needs: [c]}
      e: {agent: thinker, category: {words: [relay]}, needs: [d]}
      f: {agent: thinker, category: {words: [relay]}, needs: [e]}
  - blueprint: speech
    steps:
      a: {agent: thinker, category: {words: [speech]}}
"""
SETTINGS: Final = {
    "REVEILLE_SOCKET_QUEUE": "50",
    "REVEILLE_THINKING_RATE": "100000/second",
    "REVEILLE_RATE_LIMIT": "100000/second",
}
WISHES: Final = ("jungle theme", "chocolate cake", "a venue by the lake", "pizza buffet", "a magician", "balloons")


class Story:
    """What there is to be watched: it goes on as long as connections are lost."""

    def __init__(self, platform: Platform, kind: str, chance: random.Random) -> None:
        self.platform = platform
        self._kind = kind
        self._chance = chance
        self._numbers = count(1)
        self._told: list[str] = []
        self._victims = count()

    def begin(self, blueprint: str, *texts: str, **more: Any) -> str:
        id = f"{blueprint}-{next(self._numbers)}"
        body = {"blueprint": blueprint, "execution_id": id, "inputs": [{"content": text} for text in texts], **more}
        self._post(API, body)
        return id

    def relay(self) -> str:
        return self.begin("relay", f"relay {json.dumps({'times': 8, 'pause': 0.25})}")

    def scene(self) -> str:
        return self.begin("film-scene", f"A hero on a rainy street, number {next(self._numbers)}", autopilot="auto")

    def of_conversation(self) -> str:
        text = f"speech {json.dumps({'times': 5, 'pause': 0.1, 'size': 2_000})}"
        return self.begin("speech", text, conversation_id=CONVERSATION)

    def change(self, party: str) -> None:
        """One more wish, or one less."""
        if len(self._told) > 4:
            id = self._told.pop(self._chance.randrange(len(self._told)))
            self.platform.http.delete(f"{API}/{party}/inputs/{id}").raise_for_status()
            return
        self._told.append(f"wish-{next(self._numbers)}")
        wish = f"{self._chance.choice(WISHES)} number {next(self._numbers)}"
        self._post(f"{API}/{party}/inputs", {"content": wish, "input_id": self._told[-1]})

    def kill(self) -> None:
        """And start again: all of it, or of a cluster one process after the other."""
        if not isinstance(self.platform, Stack):
            self.platform.kill()
            self.platform.start()
            return
        names = ("ingress-2", "ingress-1", "agent-runner-1")
        victim = self.platform.services[names[next(self._victims) % len(names)]]
        victim.kill()
        victim.start()

    def doors(self) -> list[tuple[str, int]]:
        urls = [self.platform.url]
        if isinstance(self.platform, Stack):
            urls = [one.program.url for one in self.platform.services.replicas("ingress")]
        return [(str(parts.hostname), int(parts.port or 0)) for parts in map(urlsplit, urls)]

    def history(self, execution_id: str) -> list[dict[str, Any]]:
        """Once nothing of it is under way."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.platform.get(f"{API}/{execution_id}"))["settled"]:
            assert time.monotonic() < deadline, f"{execution_id} is not settled but {found['status']}"
            time.sleep(0.05)
        events: list[dict[str, Any]] = []
        more: dict[str, Any] = {"wait_for": found["position"]}
        while True:
            page = self.platform.get(f"{API}/{execution_id}/events", limit=500, **more)
            events += [item["event"] for item in page["items"]]
            if page["next"] is None:
                return events
            more = {"cursor": page["next"]}

    def _post(self, path: str, body: Any) -> None:
        answer = self.platform.http.post(path, json=body)
        assert answer.status_code == 202, answer.text


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_client(tmp_path_factory.mktemp("client"))


@pytest.mark.parametrize("seed", [session_seed()])
async def test_a_thousand_losses_cost_nobody_an_event(
    make: Make, kind: str, seed: int, tmp_path: Path, client: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(seed)
    (tmp_path / "fleet.yaml").write_text(FLEET)
    of_kind = {"replicas": {"ingress": 2, "agent-runner": 2}} if kind == "stack" else {}
    platform = make(tmp_path, fleet=tmp_path / "fleet.yaml", settings=SETTINGS, **of_kind)
    await asyncio.to_thread(platform.start)
    story = Story(platform, kind, chance)
    relays = [await asyncio.to_thread(story.relay) for _ in range(3)]
    party = await asyncio.to_thread(story.begin, "party", "space theme for 20 kids")
    named = [*relays, party, await asyncio.to_thread(story.scene)]
    await asyncio.to_thread(story.of_conversation)
    hurry = asyncio.Event()
    watchers = _watchers(named, client, chance, hurry)
    wires = [
        Wire(lambda: chance.choice(story.doors()), chance, seconds=chance.uniform(0.5, 1.5) * LIFE_SECONDS)
        for _ in watchers
    ]
    began = time.monotonic()
    async with _watching(watchers, wires):
        await _go_on(story, party, wires)
        lost = time.monotonic() - began
        hurry.set()
        for wire in wires:
            wire.heals.set()
        executions = [*named, *await asyncio.to_thread(_of_conversation, platform)]
        expected = {one: await asyncio.to_thread(story.history, one) for one in executions}
        await _until_told(watchers, expected)
    for watcher in watchers:
        for execution_id, told in watcher.told.items():
            assert told == expected[execution_id], f"{watcher.name} of {execution_id}, seed {seed}"
        of_conversation = set(executions) - set(named)
        assert set(watcher.told) == (of_conversation if watcher.name == CONVERSATION else set(watcher.executions))
    with capsys.disabled():
        losses = sum((wire.losses for wire in wires), Counter[str]())
        count_told = sum(sum(one.counts().values()) for one in watchers)
        print(
            f"\n{kind}, seed {seed}: {losses.total()} losses in {lost:.0f} s {dict(losses)}, {len(watchers)} clients, "
            f"{count_told} events told of {len(executions)} executions, lags {dict(lags(watchers))}"
        )


def _watchers(named: Sequence[str], client: Path, chance: random.Random, hurry: asyncio.Event) -> list[Watcher]:
    """hurry: from then on nobody is slow."""
    slow = [_slow(chance, seconds, hurry) for seconds in (0.005, 0.02, 0.05)]
    watchers: list[Watcher] = [RawWatcher(f"raw-{number}", named) for number in range(12)]
    watchers += [RawWatcher(f"slow-{at}", named, pause=pause, max_queue=1) for at, pause in enumerate(slow)]
    watchers += [RawWatcher(f"stopping-{at}", named, pause=_stopping(chance, hurry), max_queue=1) for at in range(3)]
    watchers += [SdkWatcher(f"sdk-{number}", named) for number in range(6)]
    watchers += [SdkWatcher(f"sdk-slow-{at}", named, pause=pause) for at, pause in enumerate(slow)]
    watchers += [SdkWatcher(CONVERSATION, (), conversation_id=CONVERSATION) for _ in range(3)]
    watchers += [StreamWatcher(f"sse-{number}", named[:3]) for number in range(4)]
    watchers += [StreamWatcher(f"sse-slow-{at}", named[3:], pause=pause) for at, pause in enumerate(slow[:2])]
    watchers += [NodeWatcher(f"node-{number}", named, client=client) for number in range(2)]
    return watchers


def _slow(chance: random.Random, seconds: float, hurry: asyncio.Event) -> Pause:
    async def pause() -> None:
        if not hurry.is_set():
            await asyncio.sleep(chance.uniform(0, 2 * seconds))

    return pause


def _stopping(chance: random.Random, hurry: asyncio.Event) -> Pause:
    """Now and then it reads nothing for so long that its connection is lost meanwhile."""

    async def pause() -> None:
        if chance.random() < 0.02:
            try:
                async with asyncio.timeout(2 * LIFE_SECONDS):
                    await hurry.wait()
            except TimeoutError:
                pass

    return pause


@asynccontextmanager
async def _watching(watchers: Sequence[Watcher], wires: Sequence[Wire]) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = []
        for watcher, wire in zip(watchers, wires, strict=True):
            opened = asyncio.Event()
            running.append(tasks.create_task(wire.run(opened)))
            await opened.wait()
            running.append(tasks.create_task(watcher.run(wire.url)))
        yield
        for one in running:
            one.cancel()


async def _go_on(story: Story, party: str, wires: Sequence[Wire]) -> None:
    """Return when so many connections were lost."""
    kills = list(KILLS)
    for number in count(1):
        await asyncio.to_thread(story.change, party)
        if number % 5 == 0:
            await asyncio.to_thread(story.of_conversation)
        # The pace at which things happen; nothing rests on it.
        await asyncio.sleep(0.3)
        lost = sum(wire.losses.total() for wire in wires)
        if kills and lost >= kills[0]:
            kills.pop(0)
            await asyncio.to_thread(story.kill)
        if lost >= LOSSES and not kills:
            return


def _of_conversation(platform: Platform) -> list[str]:
    items = platform.get(API, conversation_id=CONVERSATION, limit=500)["items"]
    return [one["id"] for one in items]


async def _until_told(watchers: Sequence[Watcher], expected: dict[str, list[dict[str, Any]]]) -> None:
    """Raises AssertionError naming who lacks what."""

    def lacking() -> dict[str, Any]:
        return {
            watcher.name: {
                one: (len(watcher.told.get(one, [])), len(events))
                for one, events in expected.items()
                if one.startswith("speech") == (watcher.name == CONVERSATION)
                and (watcher.name == CONVERSATION or one in watcher.executions)
                and len(watcher.told.get(one, [])) < len(events)
            }
            for watcher in watchers
        }

    try:
        async with asyncio.timeout(PATIENCE):
            while any(lacking().values()):  # noqa: ASYNC110 - of many clients, whichever is the last
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not told: { {name: some for name, some in lacking().items() if some} }") from None
