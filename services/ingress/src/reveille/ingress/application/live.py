"""Live events: what people watch of an execution, made of the log's events and numbered as they stand there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass

from reveille.ingress.application.news import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEntry:
    """`at`: microseconds. `status`: "" where its event has none. `text`: its wire JSON, large payloads by reference."""

    execution_id: str
    sequence: int
    position: int
    at: int
    type: str
    agent: str
    department: str
    status: str
    text: str


class Feed:
    """One execution's live events, shared by all who watch it."""

    watch: Watch

    @property
    def last(self) -> int:
        """Sequence of the newest; 0: there is none."""
        raise NotImplementedError

    @property
    def ended(self) -> bool:
        """Nothing follows: it has come to its end, and is no living plan."""
        raise NotImplementedError

    async def after(self, sequence: int, limit: int = 100) -> list[LiveEntry]:
        """What follows, without a hole; []: nothing newer yet."""
        raise NotImplementedError


class Live:
    async def history(self, tenant: str, execution_id: str) -> Sequence[LiveEntry]:
        """All so far. Raises Missing."""
        raise NotImplementedError

    async def entry(self, tenant: str, execution_id: str, sequence: int) -> str:
        """The whole event as wire JSON, nothing by reference. Raises Missing."""
        raise NotImplementedError

    @asynccontextmanager
    async def watch(self, tenant: str, execution_id: str) -> AsyncIterator[Feed]:
        """Raises Missing."""
        raise NotImplementedError
        yield

    async def executions_of(self, tenant: str, conversation_id: str) -> list[str]:
        """Oldest first."""
        raise NotImplementedError

    def conversation(self, tenant: str, conversation_id: str) -> AbstractContextManager[Watch]:
        """Woken when the conversation gets an execution, once it can be read here."""
        raise NotImplementedError
