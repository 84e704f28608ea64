"""A house for one service."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.integration.services.house import House


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        opened = House(tmp_path, stack)
        await opened.tell_fleet()
        yield opened
