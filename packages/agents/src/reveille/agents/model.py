"""The port of a language model."""

from dataclasses import dataclass
from typing import Final, Protocol

# The name of the model that is none: rules answer.
OFFLINE: Final = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """purpose: one word for what is asked (`review`); offline it selects the rules that answer."""

    purpose: str
    system: str
    prompt: str
    max_output_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """estimated: the provider said nothing about usage; the figures are reckoned from the text."""

    text: str
    model: str
    input_tokens: int
    output_tokens: int
    estimated: bool


class Model(Protocol):
    @property
    def name(self) -> str: ...

    def cap(self, request: ModelRequest) -> int:
        """The most tokens that this call can use: its input, estimated upwards, and its `max_output_tokens`."""
        ...

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """Ends within a bounded time. Raises ModelUnavailable, ModelRefused and, inside a run, TokensSpent.

        Nothing that may have been charged is sent a second time.
        """
        ...


class TokensSpent(Exception):
    """The run has fewer tokens left than the call can use; nothing was sent."""

    def __init__(self, *, asked: int, left: int) -> None:
        super().__init__(f"the call can use {asked} tokens, the run has {left} left")
        self.asked = asked
        self.left = left


class ModelUnavailable(Exception):
    """The provider is away, overloaded, or answers nothing usable; it may answer after `retry_after` seconds.

    maybe_charged: the request may have reached it, so that a run counts the call with its cap.
    """

    def __init__(self, message: str, *, retry_after: float = 1.0, maybe_charged: bool = False) -> None:
        super().__init__(message)
        self.outline = message
        self.retry_after = retry_after
        self.maybe_charged = maybe_charged


class ModelRefused(Exception):
    """The provider will not answer this request however often it is asked. The message holds no key.

    detail: what the provider says about it, which may quote the request; `outline` is the message without it, for logs.
    """

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(f"{message}: {detail}" if detail else message)
        self.outline = message


def estimate_tokens(text: str, characters_per_token: float = 4.0) -> int:
    """About what a text counts where nobody counted it."""
    return -int(-len(text) // characters_per_token)
