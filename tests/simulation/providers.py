"""The API of a code host: slow, sometimes away, and sometimes without an answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from zlib import crc32

from reveille.ingress.domain.enrichment import Question, Unlearned

Ask = Callable[[Question], Awaitable[Sequence[object]]]


class SimulatedProviders:
    seconds = 3.0

    def can_ask(self, provider: str) -> bool:
        return provider == "github"

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Ask]:
        yield self._ask

    async def _ask(self, question: Question) -> Sequence[object]:
        chance = crc32(str(question.number).encode()) / 2**32
        await asyncio.sleep(self.seconds * chance)
        if chance * 7 % 1 < 0.2:
            raise Unlearned("github did not answer", away=chance * 11 % 1 < 0.5)
        return [["src/a.py"], ["src/generated/b.py"], ["README.md"]][question.number % 3]
