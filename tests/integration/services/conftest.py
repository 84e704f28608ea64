"""A house for one service, on each ground."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.integration.services.grounds import GROUNDS
from tests.integration.services.house import House


@pytest.fixture(params=list(GROUNDS))
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        opened = House(await GROUNDS[request.param](tmp_path, stack), stack)
        await opened.tell_fleet()
        yield opened
