"""Many who watch, much that happens, and some who do not read: everybody sees everything, and no run waits for anybody.

REVEILLE_TEST_SOCKETS says how many there are (120): `REVEILLE_TEST_SOCKETS=1000 python -m pytest tests/load`. What it
took is printed, and nothing is expected of it: machines differ.
"""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Make
from tests.e2e.running import PATIENCE, Platform, until
from tests.load.crowd import Watching, crowd, latencies

SOCKETS: Final = int(os.environ.get("REVEILLE_TEST_SOCKETS", "120"))
# Many sockets on a busy machine.
SECONDS: Final = PATIENCE + SOCKETS / 5
API: Final = "/api/v1/executions"
NUMBERS: Final = count(1)
FLEET: Final = """
version: 1
defaults: {budget: {tokens: 100_000_000, per_run: 100}, timeout: 10m}
agents:
  speaker: {skill: "lively:speak_when_told", instances: {max: 8}}
blueprints:
  - blueprint: speech
    steps:
      speech: {agent: speaker, category: {words: [speech]}}
"""
SETTINGS: Final = {
    "REVEILLE_THINKING_RATE": "100000/second",
    "REVEILLE_RATE_LIMIT": "100000/second",
    "REVEILLE_MAX_IN_FLIGHT": "100000",
}


class Speeches:
    """Executions of an agent that says what it is told to, once it is told to."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform = platform
        self._folder = folder

    @property
    def port(self) -> int:
        return int(urlsplit(self.platform.url).port or 0)

    async def prepare(self, **asked: Any) -> str:
        """It waits. asked: as the skill has it."""
        id = f"speech-{next(NUMBERS)}"
        text = f"speech {json.dumps({'tools': False, 'begin': str(self._folder / id), **asked})}"
        body = {"blueprint": "speech", "execution_id": id, "inputs": [{"content": text}]}
        answer = await asyncio.to_thread(self.platform.http.post, API, json=body)
        assert answer.status_code == 202, answer.text
        await asyncio.to_thread(until, lambda: self._running(id), f"{id} waits for its beginning")
        return id

    def begin(self, *ids: str) -> None:
        for id in ids:
            (self._folder / id).touch()

    async def heard(self, id: str, watching: Sequence[Watching]) -> list[int]:
        """Return all its sequences, once it has ended and they have been told to all."""
        done = await asyncio.to_thread(until, lambda: self._ended(id), f"{id} has ended", SECONDS)
        page = self.platform.get(f"{API}/{id}/events/stats", wait_for=done["position"])
        expected = list(range(1, page["live"]["total"] + 1))
        async with asyncio.timeout(SECONDS):
            while any(len(one.told) < len(expected) and one.over is None for one in watching):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert [one.over for one in watching if one.over] == []
        return expected

    def seconds(self, id: str) -> float:
        """From its first word to its end."""
        types = "agent-thinking,agent-complete"
        said = self.platform.get(f"{API}/{id}/events", type=types, limit=500)["items"]
        began, ended = (datetime.fromisoformat(one["at"]) for one in (said[0], said[-1]))
        return (ended - began).total_seconds()

    def _running(self, id: str) -> bool:
        answer = self.platform.http.get(f"{API}/{id}")
        return answer.status_code == 200 and any(step["status"] == "ready" for step in answer.json()["steps"])

    def _ended(self, id: str) -> Any:
        found = self.platform.get(f"{API}/{id}")
        return found if found["settled"] else None


@pytest.fixture(scope="module")
def speeches(make_for_module: Make, tmp_path_factory: pytest.TempPathFactory) -> Speeches:
    folder = tmp_path_factory.mktemp("load")
    (folder / "fleet.yaml").write_text(FLEET)
    platform = make_for_module(folder, fleet=folder / "fleet.yaml", settings=SETTINGS)
    return Speeches(platform.start(), folder)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str], kind: str) -> Callable[[str], None]:
    def say(what: str) -> None:
        with capsys.disabled():
            print(f"\n{kind}: {what}")

    return say


async def test_each_of_many_sockets_sees_every_event(speeches: Speeches, tell: Callable[[str], None]) -> None:
    id = await speeches.prepare(times=30, pause=0.1)
    async with crowd(speeches.port, [id] * SOCKETS) as watching:
        speeches.begin(id)
        expected = await speeches.heard(id, watching)
        assert all(one.told == expected for one in watching)
        tell(f"{len(watching)} sockets saw {len(expected)} events at 10/s: {latencies(watching)}")


async def test_a_hundred_events_a_second_do_not_disturb_who_watches_another_execution(
    speeches: Speeches, tell: Callable[[str], None]
) -> None:
    alone = await speeches.prepare(times=20, pause=0.1)
    async with crowd(speeches.port, [alone] * 5) as watching:
        speeches.begin(alone)
        await speeches.heard(alone, watching)
        before = latencies(watching)
    busy, calm = await speeches.prepare(times=400, pause=0.01), await speeches.prepare(times=30, pause=0.1)
    loud = max(5, SOCKETS // 20)
    async with (
        crowd(speeches.port, [busy] * loud, reads=False),
        crowd(speeches.port, [busy] * loud) as of_busy,
        crowd(speeches.port, [calm] * 5) as of_calm,
    ):
        speeches.begin(busy, calm)
        for id, watching in ((busy, of_busy), (calm, of_calm)):
            expected = await speeches.heard(id, watching)
            assert all(one.told == expected for one in watching)
        tell(
            f"calm alone {before}; beside 100/s for {2 * loud} sockets {latencies(of_calm)}; busy {latencies(of_busy)}"
        )


async def test_no_run_waits_for_who_does_not_read(speeches: Speeches, tell: Callable[[str], None]) -> None:
    asked = {"times": 60, "pause": 0.02, "size": 8_000}
    unwatched, watched = await speeches.prepare(**asked), await speeches.prepare(**asked)
    speeches.begin(unwatched)
    await speeches.heard(unwatched, [])
    async with (
        crowd(speeches.port, [watched] * (SOCKETS // 2), reads=False) as slow,
        crowd(speeches.port, [watched] * 5) as fast,
    ):
        speeches.begin(watched)
        expected = await speeches.heard(watched, fast)
        assert all(one.told == expected for one in fast)
        took = f"{speeches.seconds(watched):.1f} s, and {speeches.seconds(unwatched):.1f} s where nobody watches"
        tell(f"a run with {len(slow)} sockets that do not read ends after {took}; fast ones {latencies(fast)}")
        # They have missed nothing either, once they read.
        for one in slow:
            one.transport.resume_reading()
        await speeches.heard(watched, slow)
        assert all(one.told == expected for one in slow)
