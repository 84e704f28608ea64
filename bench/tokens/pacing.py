"""A model that takes its time: without it no agent would ever be busy when something else comes in."""

from typing import Final

from reveille.agents import Model, ModelAnswer, ModelRequest
from reveille.kernel.clock import Clock

# About what hosted models need: until they begin, and then for each token.
SECONDS_TO_BEGIN: Final = 1.0
TOKENS_PER_SECOND: Final = 60


class PacedModel:
    def __init__(self, model: Model, clock: Clock) -> None:
        self._model = model
        self._clock = clock

    @property
    def name(self) -> str:
        return self._model.name

    def cap(self, request: ModelRequest) -> int:
        return self._model.cap(request)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        answer = await self._model.complete(request)
        await self._clock.sleep(SECONDS_TO_BEGIN + answer.output_tokens / TOKENS_PER_SECOND)
        return answer
