"""Encryption for tests: master keys of their own, and a table of data keys in a folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from reveille.adapters.data_keys import KeyRing
from reveille.adapters.encryption import FileKeys
from reveille.adapters.sealing_store import SealingStore
from reveille.adapters.sealing_subjects import Subjects
from reveille.adapters.sqlite_data_keys import SqliteDataKeys
from reveille.kernel.digests import Digests
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import EventTypes

MASTER: Final = f"m1={'1a' * 32}"
OTHER: Final = f"m2={'2b' * 32}"
SUBJECTS: Final = Subjects(Digests(bytes(32)))


@asynccontextmanager
async def ring(folder: Path, text: str = MASTER) -> AsyncIterator[KeyRing]:
    rows = SqliteDataKeys.open(folder / "keys.db")
    yield KeyRing(rows, FileKeys.of(text))
    await rows.close()


@asynccontextmanager
async def sealing(store: EventStore, folder: Path, types: EventTypes) -> AsyncIterator[SealingStore]:
    async with ring(folder) as keys:
        yield SealingStore(store, keys, SUBJECTS, types)
