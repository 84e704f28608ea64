"""What all providers' clients have in common: bounded calls, and their errors in our words."""

import asyncio
import importlib
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, TypeVar

from reveille.agents.model import ModelRefused, ModelRequest, ModelUnavailable, estimate_tokens
from reveille.agents.reviewing.secrets import masked

T = TypeVar("T")
# Code and diffs run to about 3 characters a token; a cap had better be too high than too low.
_CHARACTERS_PER_TOKEN: Final = 2.5
# What a provider adds around the two texts.
_OVERHEAD: Final = 32
_MAX_DETAIL: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds. timeout: for one attempt. longest_wait: who asks for more is told of as unavailable."""

    timeout: float = 90.0
    attempts: int = 3
    backoff: float = 0.5
    longest_wait: float = 8.0


@dataclass(frozen=True, slots=True)
class Provider:
    """who: its name and model, for errors. sdk: the module of its client; both SDKs name their errors alike."""

    who: str
    sdk: ModuleType
    key: str
    patience: Patience

    async def ask(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeat what certainly was not charged: an answered 429 or 5xx, and a connection that never stood."""
        for attempt in range(1, self.patience.attempts + 1):
            try:
                async with asyncio.timeout(self.patience.timeout):
                    return await call()
            # The SDK's errors hold requests and answers, and so keys: none may stand in a chain that is logged.
            except (TimeoutError, self.sdk.APITimeoutError):
                seconds = f"{self.patience.timeout:g} s"
                message = f"{self.who} did not answer within {seconds}"
                raise ModelUnavailable(message, retry_after=5.0, maybe_charged=True) from None
            except self.sdk.APIStatusError as error:
                wait = self._judge(error, attempt)
            except self.sdk.APIConnectionError as error:
                wait = self.patience.backoff * 2 ** (attempt - 1)
                lost = "Connect" not in type(error.__cause__).__name__  # it stood, and broke before the answer
                if lost or attempt == self.patience.attempts:
                    message = f"{self.who} cannot be reached"
                    raise ModelUnavailable(message, retry_after=5.0, maybe_charged=lost) from None
            except (self.sdk.APIError, ValueError) as error:
                message = f"{self.who} answered what is no answer ({type(error).__name__})"
                raise ModelUnavailable(message, retry_after=5.0, maybe_charged=True) from None
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _judge(self, error: Any, attempt: int) -> float:
        """How long to wait before the next attempt; raises where there is none."""
        status = int(error.status_code)
        if status < 500 and status not in (408, 409, 429):
            # An answer about a bad key quotes it, in parts or whole.
            key = ", check its key" if status in (401, 403) else ""
            told = f"{self.who} refused the request with HTTP {status}{key}"
            raise ModelRefused(told, detail="" if key else self._detail(error)) from None
        asked = _retry_after(error.response.headers)
        wait = self.patience.backoff * 2 ** (attempt - 1) if asked is None else asked
        if attempt == self.patience.attempts or wait > self.patience.longest_wait:
            raise ModelUnavailable(f"{self.who} answered HTTP {status}", retry_after=max(wait, 1.0)) from None
        return wait

    def _detail(self, error: Any) -> str:
        body = error.body if isinstance(error.body, Mapping) else {}
        inner = body.get("error")
        text = (inner if isinstance(inner, Mapping) else body).get("message")
        if not isinstance(text, str):
            return ""
        return masked(text.replace(self.key, "[masked]") if self.key else text)[:_MAX_DETAIL]


async def load_sdk(name: str) -> ModuleType:
    # A thread, since the import takes more than a second and the loop has other work.
    return await asyncio.to_thread(importlib.import_module, name)


def cap(request: ModelRequest) -> int:
    text = request.system + request.prompt
    # Scripts beyond ASCII take up to a token for every byte or two.
    wide = sum(map(len, re.findall(r"[^\x00-\x7f]+", text)))
    return estimate_tokens(text, _CHARACTERS_PER_TOKEN) + 2 * wide + _OVERHEAD + request.max_output_tokens


def count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; None where the header is missing or a date."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None
