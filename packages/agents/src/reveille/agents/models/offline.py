"""A model without a network: rules by purpose, always the same answer to the same request."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from reveille.agents.model import OFFLINE, ModelAnswer, ModelRequest, estimate_tokens
from reveille.agents.models.extract import summarise
from reveille.agents.reviewing.offline import answer_review

# The answer to a prompt in at most so many characters.
Answer: TypeAlias = Callable[[str, int], str]
ANSWERS: Final[Mapping[str, Answer]] = {"review": answer_review}
_CHARACTERS_PER_TOKEN: Final = 4


class OfflineModel:
    name = OFFLINE

    def __init__(self, answers: Mapping[str, Answer] = ANSWERS) -> None:
        self._answers = answers

    def cap(self, request: ModelRequest) -> int:
        return _input(request) + request.max_output_tokens

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        answer = self._answers.get(request.purpose, summarise)
        most = request.max_output_tokens * _CHARACTERS_PER_TOKEN
        text = answer(request.prompt, most)[:most]
        return ModelAnswer(
            text=text,
            model=self.name,
            input_tokens=_input(request),
            output_tokens=estimate_tokens(text, _CHARACTERS_PER_TOKEN),
            estimated=True,
        )


def _input(request: ModelRequest) -> int:
    return estimate_tokens(request.system + request.prompt, _CHARACTERS_PER_TOKEN)
