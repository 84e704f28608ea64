"""What a process encrypts with, and what it takes to let a person be forgotten."""

from collections.abc import Collection
from pathlib import Path

from reveille.adapters.data_keys import KeyRing
from reveille.adapters.encryption import FileKeys
from reveille.adapters.key_rows import BLOB, KeyRows, Subject
from reveille.adapters.opening import keys_in
from reveille.adapters.sealed_blobs import AddressedBlobs, SealedBlobs
from reveille.adapters.sealing_store import SealingStore
from reveille.adapters.sealing_subjects import Subjects, execution
from reveille.kernel.digests import Digests, derived
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import EventTypes, Recorded


class Encryption:
    """`close` closes the table of data keys."""

    def __init__(self, ring: KeyRing, subjects: Subjects) -> None:
        self.ring = ring
        self.subjects = subjects

    @classmethod
    async def open(cls, rows: KeyRows, *, text: str, file: Path | None, key: bytes) -> "Encryption":
        """text, file: of the master keys. key: the platform's. Raises Misconfigured with one line."""
        ring = KeyRing(rows, FileKeys.of(text, file))
        await ring.check()
        return cls(ring, Subjects(Digests(derived(key, "subjects"))))

    def store(self, inner: EventStore, types: EventTypes) -> SealingStore:
        return SealingStore(inner, self.ring, self.subjects, types)

    def blobs(self, inner: AddressedBlobs) -> SealedBlobs:
        return SealedBlobs(inner, self.ring)

    def persons(self, inner: EventStore, blobs: AddressedBlobs) -> "EncryptedPersons":
        """inner: the log, and not what `store` makes of it."""
        return EncryptedPersons(self.ring, self.subjects, inner, blobs)

    async def close(self) -> None:
        await self.ring.rows.close()


class EncryptedPersons:
    """What is erased is erased for good: neither the log nor a backup of it tells it any more."""

    def __init__(self, ring: KeyRing, subjects: Subjects, log: EventStore, blobs: AddressedBlobs) -> None:
        self._ring = ring
        self._subjects = subjects
        self._log = log
        self._blobs = blobs

    def digest(self, tenant: str, name: str) -> str:
        return self._subjects.person(tenant, name).name.partition(":")[2]

    async def key_ids(self, tenant: str, name: str) -> frozenset[str]:
        """Of all keys that the person has, or has had."""
        one = [self._subjects.person(tenant, name)]
        there = [row.id for row in await self._ring.rows.of_subjects(one)]
        return frozenset([*there, *await self._ring.rows.erased(one)])

    async def read(self, after: int, limit: int) -> list[Recorded]:
        """As they stand in the log, with the ids of the keys that they are encrypted with."""
        events = await self._log.read_all(after, limit)
        for event in events:
            event.keys = keys_in(event.data)
        return events

    async def erase(self, tenant: str, name: str, *, executions: Collection[str], blobs: Collection[str]) -> list[str]:
        """Ids of all keys that are no more. Again, it changes nothing."""
        whose = [self._subjects.person(tenant, name), *(execution(tenant, one) for one in executions)]
        whose += [Subject(tenant, f"{BLOB}{digest}") for digest in blobs]
        # A plan that nothing was written about gets its key, so that what comes late is erased too.
        await self._ring.for_sealing([one for one in whose if one.lasting])
        await self._ring.rows.erase(whose)
        await self._blobs.drop(tenant, blobs)
        self._ring.forget()
        return await self._ring.rows.erased(whose)
