"""What a process says of the things that it rests on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from reveille.cli import probes
from reveille.cli.probes import Probes
from reveille.kernel.errors import Transient
from tests.unit.running import running

pytestmark = pytest.mark.asyncio


class Log:
    def __init__(self) -> None:
        self.error: Exception | None = None
        self.silent = False
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.error:
            raise self.error


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
async def asked(log: Log, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Probes]:
    monkeypatch.setattr(probes, "EVERY_SECONDS", 0.001)
    monkeypatch.setattr(probes, "PATIENCE", 0.02)
    asking = Probes({"the log": log.check, "kafka": _answers})
    task = asyncio.create_task(asking.run())
    yield asking
    task.cancel()
    await asyncio.wait([task])


async def _answers() -> None: ...


async def again(log: Log) -> None:
    """What is told now has been taken in."""
    before = log.asked
    async with asyncio.timeout(5):
        while log.asked < before + 3:  # noqa: ASYNC110 - what is watched tells nobody
            await asyncio.sleep(0.001)


async def test_what_answers_is_ready(asked: Probes, log: Log) -> None:
    await again(log)
    assert asked.not_ready() == []


async def test_what_is_away_is_named_with_the_reason_until_it_is_back(asked: Probes, log: Log) -> None:
    log.error = Transient("connection refused")
    await again(log)
    assert asked.not_ready() == ["the log is away: connection refused"]
    log.error = None
    await again(log)
    assert asked.not_ready() == []


async def test_what_is_away_and_spared_is_named_and_keeps_nobody_from_being_ready(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "EVERY_SECONDS", 0.001)
    log.error = Transient("connection refused")
    asking = Probes({"kafka": log.check}, spared=["kafka"])
    async with running(asking.run()):
        await again(log)
    assert asking.not_ready() == []
    assert asking.away == {"kafka": "kafka is away: connection refused"}


async def test_what_does_not_answer_in_time_is_away(asked: Probes, log: Log) -> None:
    log.silent = True
    await again(log)
    assert asked.not_ready() == ["the log is away: TimeoutError"]


async def test_a_process_that_leaves_is_not_ready(asked: Probes) -> None:
    asked.leave()
    assert asked.not_ready() == ["it is shutting down"]
