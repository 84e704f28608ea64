"""A nudge brings what is watched, also where the log would not be looked at for a long time."""

import asyncio
from typing import Final

import pytest

from reveille.adapters import postgres_follower
from tests.integration.ingress.live_house import PATIENCE, until
from tests.integration.ingress.test_nudges import Open, opened

__all__ = ["opened"]

LONG: Final = 3_600.0


async def test_an_event_comes_with_its_nudge_and_not_when_the_log_is_looked_at_next(
    opened: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOOK_SECONDS", "GATHER_SECONDS"):
        monkeypatch.setattr(postgres_follower, name, LONG)
    cluster = await opened()
    house = cluster.house
    await house.begin()
    async with asyncio.timeout(PATIENCE):
        await house.caught_up()
    async with house.client() as client:
        await client.ask("subscribe", executionId="e", after=2)
        await until(lambda: cluster.wants("t.run-e-r"))
        for number in range(5):
            await house.think(texts=[f"{number}"])
            assert (await client.hear())["sequence"] == 3 + number
