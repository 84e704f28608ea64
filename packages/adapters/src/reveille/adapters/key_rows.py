"""The table of data keys, and whose they are. It knows nothing of how keys are wrapped."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

PERSON: Final = "person:"
EXECUTION: Final = "execution:"
BLOB: Final = "blob:"
TENANT: Final = "tenant"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose key it is: `person:<HMAC of the name>`, `execution:<id>`, `blob:<digest>` or `tenant`."""

    tenant: str
    name: str

    @property
    def lasting(self) -> bool:
        """What comes after its erasure is erased too: nobody goes on with an erased plan, a person may come again."""
        return self.name.startswith(EXECUTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """master, wrapped: by which key of the KeyWrapping, and what came of it; empty where it is erased."""

    id: str
    tenant: str
    subject: str
    master: str
    wrapped: bytes

    @property
    def context(self) -> bytes:
        return context_of(self.tenant, self.id)


class KeyRows(Protocol):
    """The table. All raise Transient where the database is away."""

    async def add(self, rows: Sequence[KeyRow]) -> int:
        """How many are new, durable on return. Of a subject that has a row already nothing is changed."""
        ...

    async def of_subjects(self, subjects: Collection[Subject]) -> list[KeyRow]: ...

    async def by_ids(self, ids: Collection[str]) -> list[KeyRow]: ...

    async def erased(self, subjects: Collection[Subject]) -> list[str]:
        """Ids of all keys that these have had and that are erased."""
        ...

    async def erase(self, subjects: Collection[Subject]) -> None:
        """Those that are not `lasting` may have a new key afterwards."""
        ...

    async def masters(self) -> Mapping[str, int]:
        """By the name of what wrapped them: how many keys; "" are the erased ones."""
        ...

    async def wrapped_by_others(self, master: str, limit: int) -> list[KeyRow]: ...

    async def wrapped_by(self, master: str) -> KeyRow | None:
        """Any one of them."""
        ...

    async def rewrap(self, rows: Sequence[KeyRow]) -> None:
        """Not those that were erased meanwhile."""
        ...

    async def close(self) -> None: ...


def context_of(tenant: str, id: str) -> bytes:
    """What a wrapped key is bound to."""
    return f"{tenant}\0{id}".encode()


# Where an erased subject's row stands, so that it may have a new one.
def set_aside(row_subject: str, id: str) -> str:
    return f"{row_subject}#{id}"
