"""Data keys: one for each person, plan and blob of a tenant, wrapped, in a table from which they can be erased.

What was encrypted with an erased key can be read no more, wherever it stands. Of the key its id stays, so that this is
known from a key that is missing for another reason.
"""

import os
import secrets
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reveille.adapters.encryption import KEY_BYTES, SETTING, KeyWrapping, Tampered, decrypt, encrypt
from reveille.adapters.key_rows import KeyRow, KeyRows, Subject, context_of
from reveille.kernel.errors import Misconfigured

K = TypeVar("K")

# What an id of ours begins with: with its length, ids can be found in an event's bytes without decoding it.
MARK: Final = "rk"
ID_LETTERS: Final = 22
# Of keys that are at hand, by id and by subject: 300 bytes each.
KEPT: Final = 50_000
PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class DataKey:
    """cipher: None where it is erased."""

    id: str
    cipher: AESGCM | None

    def seal(self, data: bytes, context: bytes) -> bytes:
        """Nothing, where it is erased."""
        return b"" if self.cipher is None else encrypt(self.cipher, data, context)

    def open(self, data: bytes, context: bytes) -> bytes | None:
        """None: it is erased. Raises Tampered."""
        return None if self.cipher is None else decrypt(self.cipher, data, context)


class KeyRing:
    """Data keys at hand, unwrapped; the others are fetched many at a time."""

    def __init__(self, rows: KeyRows, wrapping: KeyWrapping, *, kept: int = KEPT) -> None:
        self.rows = rows
        self._wrapping = wrapping
        self._kept = kept
        self._by_id: OrderedDict[str, DataKey] = OrderedDict()
        self._by_subject: OrderedDict[Subject, DataKey] = OrderedDict()
        # Counts erasures: who fetched keys across one may hold a key that is no more.
        self.forgotten = 0

    def __len__(self) -> int:
        """Of what is at hand."""
        return len(self._by_id) + len(self._by_subject)

    async def current(self) -> str:
        """Which master key wraps new ones."""
        return await self._wrapping.current()

    async def check(self) -> None:
        """Raises Misconfigured with one line where these master keys are not those that wrapped the data keys."""
        current = await self._wrapping.current()
        for master, count in (await self.rows.masters()).items():
            row = await self.rows.wrapped_by(master) if master else None
            if row is None:
                continue
            try:
                await self._wrapping.unwrap(master, row.wrapped, row.context)
            except KeyError:
                told = f"{SETTING} has no key {master}, with which {count} data keys are wrapped"
                raise Misconfigured(f"{told}, expected it beside {current}") from None
            except Tampered:
                told = f"key {master} of {SETTING} does not open the {count} data keys that {master} has wrapped"
                raise Misconfigured(f"{told}, expected the one that did") from None

    async def for_sealing(self, subjects: Iterable[Subject]) -> dict[Subject, DataKey]:
        """Of each its key; who has none gets one, which is durable on return."""
        found: dict[Subject, DataKey] = {}
        missing: set[Subject] = set()
        for subject in subjects:
            known = self._by_subject.get(subject)
            if known is None:
                missing.add(subject)
            else:
                found[subject] = known
        if missing:
            found |= await self._made(missing)
        return found

    async def load(self, ids: Collection[str]) -> dict[str, DataKey]:
        """Those of these that there are."""
        found = {id: known for id in ids if (known := self._by_id.get(id)) is not None}
        missing = [id for id in ids if id not in found]
        if missing:
            forgotten = self.forgotten
            for row in await self.rows.by_ids(missing):
                found[row.id] = await self._unwrapped(row)
                if forgotten == self.forgotten:
                    _keep(self._by_id, row.id, found[row.id], self._kept)
        return found

    def forget(self) -> None:
        """Something was erased."""
        self._by_id.clear()
        self._by_subject.clear()
        self.forgotten += 1

    async def rotate(self) -> int:
        """Wrap all keys anew that the current master key has not wrapped; how many these were."""
        current, done = await self._wrapping.current(), 0
        while rows := await self.rows.wrapped_by_others(current, PAGE):
            again = []
            for row in rows:
                key = await self._wrapping.unwrap(row.master, row.wrapped, row.context)
                master, wrapped = await self._wrapping.wrap(key, row.context)
                again.append(KeyRow(id=row.id, tenant=row.tenant, subject=row.subject, master=master, wrapped=wrapped))
            await self.rows.rewrap(again)
            done += len(again)
        return done

    async def _made(self, subjects: set[Subject]) -> dict[Subject, DataKey]:
        """Most who are not at hand are new, as each plan is: they are made first, and looked up where some are not."""
        forgotten = self.forgotten
        new = {subject: await self._new(subject) for subject in subjects}
        found = {subject: key for subject, (_, key) in new.items()}
        if await self.rows.add([row for row, _ in new.values()]) < len(new):
            rows = await self.rows.of_subjects(subjects)
            found = {Subject(row.tenant, row.subject): await self._unwrapped(row) for row in rows}
            if erased := subjects - found.keys():  # since they were there just now
                found |= await self._made(erased)
        if forgotten == self.forgotten:
            for subject, key in found.items():
                _keep(self._by_subject, subject, key, self._kept)
                _keep(self._by_id, key.id, key, self._kept)
        return found

    async def _new(self, subject: Subject) -> tuple[KeyRow, DataKey]:
        id, key = MARK + secrets.token_urlsafe(15), os.urandom(KEY_BYTES)
        master, wrapped = await self._wrapping.wrap(key, context_of(subject.tenant, id))
        row = KeyRow(id=id, tenant=subject.tenant, subject=subject.name, master=master, wrapped=wrapped)
        return row, DataKey(id, AESGCM(key))

    async def _unwrapped(self, row: KeyRow) -> DataKey:
        if not row.wrapped:
            return DataKey(row.id, None)
        try:
            return DataKey(row.id, AESGCM(await self._wrapping.unwrap(row.master, row.wrapped, row.context)))
        except KeyError:
            raise Misconfigured(f"{SETTING} has no key {row.master}, which wrapped data key {row.id}") from None
        except Tampered as error:
            raise Misconfigured(f"data key {row.id} cannot be unwrapped with key {row.master}: {error}") from None


def _keep(those: OrderedDict[K, DataKey], key: K, one: DataKey, most: int) -> None:
    those[key] = one
    if len(those) > most:
        those.popitem(last=False)
