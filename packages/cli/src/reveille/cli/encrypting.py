"""Whether the log is encrypted, and with what. Its cryptography is imported only where it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from reveille.kernel.errors import Misconfigured

if TYPE_CHECKING:
    from reveille.adapters.encrypting import Encryption
    from reveille.adapters.key_rows import KeyRows

UNSET: Final = "holds data keys, and REVEILLE_ENCRYPTION_KEYS is not set, expected the file of keys that wrapped them"
KEYS: Final = "keys.db"


class EncryptionSettings(Protocol):
    """keys: what stands in the file, or in the setting itself; "" is no encryption."""

    @property
    def encryption_keys(self) -> str: ...

    @property
    def encryption_file(self) -> Path | None: ...


async def embedded_encryption(settings: EncryptionSettings, data: Path, key: bytes) -> "Encryption | None":
    """None: nothing is encrypted. Raises Misconfigured with one line."""
    path = data / KEYS
    if not settings.encryption_keys and not path.exists():
        return None
    from reveille.adapters.sqlite_data_keys import SqliteDataKeys

    rows = SqliteDataKeys.open(path)
    if settings.encryption_keys:
        return await _opened(rows, settings, key)
    is_used = bool(await rows.masters())
    await rows.close()
    if is_used:
        raise Misconfigured(f"{path} {UNSET}")
    return None


async def cluster_encryption(
    settings: EncryptionSettings, url: str, key: bytes, *, name: str = "reveille"
) -> "Encryption | None":
    """The same, of a cluster: the keys are where its blobs are."""
    from reveille.adapters.postgres_data_keys import PostgresDataKeys

    if settings.encryption_keys:
        return await _opened(await PostgresDataKeys.open(url, name=name), settings, key)
    if await PostgresDataKeys.any_in(url, name=name):
        raise Misconfigured(f"table log.data_keys {UNSET}")
    return None


async def _opened(rows: "KeyRows", settings: EncryptionSettings, key: bytes) -> "Encryption":
    from reveille.adapters.encrypting import Encryption

    try:
        if not key:
            raise Misconfigured(
                "REVEILLE_KEY is not set, expected it with REVEILLE_ENCRYPTION_KEYS: names are digested"
            )
        return await Encryption.open(rows, text=settings.encryption_keys, file=settings.encryption_file, key=key)
    except BaseException:
        await rows.close()
        raise
