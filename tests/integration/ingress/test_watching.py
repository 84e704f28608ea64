"""Files that change below a folder become signals, once, also over a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reveille.ingress.adapters.folders import WatchedFolder
from reveille.ingress.entrypoints.watching import Watching
from reveille.kernel.errors import Misconfigured, Transient
from reveille.kernel.signals import content_of

if TYPE_CHECKING:
    from tests.integration.ingress.conftest import House

PATIENCE = 20


def watching(house: House, root: Path, tmp_path: Path) -> Watching:
    ports = house.ingress.service.ports
    folder = WatchedFolder(root, memory=tmp_path / "memory")
    return Watching(folder, receiving=house.ingress.receiving, tenant="default", clock=ports.clock, ids=ports.ids)


@asynccontextmanager
async def watched(house: House, root: Path, tmp_path: Path) -> AsyncIterator[None]:
    one = watching(house, root, tmp_path)
    await one.prepare()
    running = asyncio.create_task(one.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.01)


async def told(house: House, *paths: str) -> None:
    """Return when all these were told of."""
    async with asyncio.timeout(PATIENCE):
        while True:
            head = await house.store.head()  # before the look: what comes after it ends the wait
            if set(paths) <= {path for signal in await house.signals() for path in content_of(signal).paths}:
                return
            await house.store.wait(head)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "old.txt").write_text("old")
    return folder


async def test_a_changed_file_becomes_a_signal(house: House, root: Path, tmp_path: Path) -> None:
    async with watched(house, root, tmp_path):
        (root / "src").mkdir()
        (root / "src" / "new.py").write_text("new")
        await told(house, "src/new.py")
    signal = (await house.signals())[0]
    assert (signal.source, signal.kind, signal.means, signal.verified) == (
        "files",
        "files.changed",
        "files.changed",
        True,
    )
    assert content_of(signal).repository == "app"


async def test_what_changed_while_nobody_watched_is_told_at_the_next_start(
    house: House, root: Path, tmp_path: Path
) -> None:
    async with watched(house, root, tmp_path):
        pass
    (root / "old.txt").unlink()
    (root / "meanwhile.txt").write_text("x")
    async with watched(house, root, tmp_path):
        await told(house, "old.txt", "meanwhile.txt")
    assert len(await house.signals()) == 1


async def test_what_was_received_and_not_yet_remembered_is_not_told_twice(
    house: House, root: Path, tmp_path: Path
) -> None:
    async with watched(house, root, tmp_path):
        pass
    (memory,) = (tmp_path / "memory").iterdir()
    before = memory.read_text()
    (root / "new.txt").write_text("x")
    for _ in range(2):  # the second time as after a crash between the append and the file
        memory.write_text(before)
        async with watched(house, root, tmp_path):
            await until(lambda: memory.read_text() != before)
    assert len(await house.signals()) == 1
    assert len(await house.events("DeliveryRepeated")) == 1


async def test_a_folder_that_is_gone_is_waited_for(house: House, root: Path, tmp_path: Path) -> None:
    one = watching(house, root, tmp_path)
    await one.prepare()
    running = asyncio.create_task(one.run())
    (root / "new.txt").write_text("x")
    await told(house, "new.txt")
    await asyncio.to_thread(root.rename, tmp_path / "elsewhere")
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(Transient, match="is gone"):
            await running
    await asyncio.to_thread((tmp_path / "elsewhere").rename, root)
    running = asyncio.create_task(one.run())
    (root / "newer.txt").write_text("x")
    await told(house, "newer.txt")
    running.cancel()
    await asyncio.wait([running])


async def test_a_memory_that_cannot_be_written_is_told_in_a_line(house: House, root: Path, tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file")
    with pytest.raises(Misconfigured, match="cannot be watched"):
        await watching(house, root, tmp_path).prepare()
