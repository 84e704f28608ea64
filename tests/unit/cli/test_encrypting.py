"""Whether an encrypted log is opened with the keys that it was written with, and a plain one without any."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from reveille.adapters.key_rows import Subject
from reveille.cli.encrypting import cluster_encryption, embedded_encryption
from reveille.kernel.errors import Misconfigured
from tests.postgres import database
from tests.sealing import MASTER, OTHER
from tests.servers import postgres_url

KEY = b"k" * 32
PLAN = Subject("acme", "execution:e1")


@dataclass(frozen=True, slots=True)
class Told:
    encryption_keys: str = ""
    encryption_file: Path | None = None


async def test_without_keys_nothing_is_encrypted_and_no_table_is_made(tmp_path: Path) -> None:
    assert await embedded_encryption(Told(), tmp_path, KEY) is None
    assert not (tmp_path / "keys.db").exists()


async def test_who_encrypts_needs_the_platforms_key(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="REVEILLE_KEY is not set, expected it with REVEILLE_ENCRYPTION_KEYS"):
        await embedded_encryption(Told(MASTER), tmp_path, b"")


async def test_a_log_that_was_once_encrypted_is_not_opened_without_its_keys(tmp_path: Path) -> None:
    opened = await embedded_encryption(Told(MASTER), tmp_path, KEY)
    assert opened is not None
    await opened.close()
    # Nothing was written with it yet.
    assert await embedded_encryption(Told(), tmp_path, KEY) is None
    opened = await embedded_encryption(Told(MASTER), tmp_path, KEY)
    assert opened is not None
    await opened.ring.for_sealing([PLAN])
    await opened.close()
    with pytest.raises(Misconfigured, match=r"keys\.db holds data keys, and REVEILLE_ENCRYPTION_KEYS is not set"):
        await embedded_encryption(Told(), tmp_path, KEY)
    with pytest.raises(Misconfigured, match="REVEILLE_ENCRYPTION_KEYS has no key m1"):
        await embedded_encryption(Told(OTHER), tmp_path, KEY)


async def test_a_clusters_table_is_looked_at_the_same_way() -> None:
    async with database(postgres_url()) as url:
        assert await cluster_encryption(Told(), url, KEY) is None
        opened = await cluster_encryption(Told(MASTER), url, KEY)
        assert opened is not None
        await opened.ring.for_sealing([PLAN])
        await opened.close()
        with pytest.raises(Misconfigured, match=r"log\.data_keys holds data keys, and REVEILLE_ENCRYPTION_KEYS is not"):
            await cluster_encryption(Told(), url, KEY)
