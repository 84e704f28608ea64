"""Whether what a process rests on answers: asked again and again, so that a probe is answered at once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from reveille.kernel.errors import said

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 5.0
# What takes longer to say that it is there is not there for a webhook either.
PATIENCE: Final = 2.0

Check = Callable[[], Awaitable[object]]


class Probes:
    """checks: by what they ask, such as `the log`; each raises where it does not answer.

    spared: those of them without which the process does its work; of these it only complains.
    """

    def __init__(self, checks: Mapping[str, Check], *, spared: Collection[str] = ()) -> None:
        self._checks = checks
        self._spared = spared
        self._away: dict[str, str] = {}
        self._leaving = False

    async def run(self) -> None:
        while True:
            await asyncio.gather(*(self._ask(name, check) for name, check in self._checks.items()))
            await asyncio.sleep(EVERY_SECONDS)

    def leave(self) -> None:
        self._leaving = True

    @property
    def leaving(self) -> bool:
        return self._leaving

    @property
    def away(self) -> Mapping[str, str]:
        """By what was asked, why it is taken for away."""
        return dict(self._away)

    def not_ready(self) -> list[str]:
        """What keeps the process from doing its work; [] where nothing does."""
        away = [reason for name, reason in self._away.items() if name not in self._spared]
        return [*(["it is shutting down"] if self._leaving else []), *away]

    async def _ask(self, name: str, check: Check) -> None:
        try:
            await asyncio.wait_for(check(), PATIENCE)
        except Exception as error:  # whatever it is, what was asked does not answer
            reason = f"{name} is away: {said(error)}"
            if name not in self._away:
                logger.warning("%s", reason)
            self._away[name] = reason
        else:
            if self._away.pop(name, None):
                logger.warning("%s is back", name)
