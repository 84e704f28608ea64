"""Anthropic's models, by the Messages API."""

from typing import Any

from reveille.agents.model import ModelAnswer, ModelRequest, ModelUnavailable, estimate_tokens
from reveille.agents.models import provider
from reveille.agents.models.provider import Patience, Provider, count, load_sdk


class AnthropicModel:
    def __init__(self, model: str, *, key: str, base_url: str | None = None, patience: Patience | None = None) -> None:
        self.name = f"anthropic:{model}"
        self._model = model
        self._key = key
        self._base_url = base_url
        self._patience = patience or Patience()

    def cap(self, request: ModelRequest) -> int:
        return provider.cap(request)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        sdk: Any = await load_sdk("anthropic")
        asked = Provider(self.name, sdk, self._key, self._patience)
        # A client a call: nothing is left open between calls, which are few and take seconds.
        async with sdk.AsyncAnthropic(
            api_key=self._key, base_url=self._base_url, max_retries=0, timeout=self._patience.timeout
        ) as client:
            message = await asked.ask(
                lambda: client.messages.create(
                    model=self._model,
                    max_tokens=request.max_output_tokens,
                    system=request.system or sdk.NOT_GIVEN,
                    messages=[{"role": "user", "content": request.prompt}],
                )
            )
        return self._answer(request, message)

    def _answer(self, request: ModelRequest, message: Any) -> ModelAnswer:
        blocks = getattr(message, "content", None)
        if not isinstance(blocks, list):
            raise ModelUnavailable(f"{self.name} answered what is no message", retry_after=5.0)
        texts = (getattr(block, "text", None) for block in blocks if getattr(block, "type", "") == "text")
        text = "".join(part for part in texts if isinstance(part, str))
        usage = getattr(message, "usage", None)
        input_tokens, output_tokens = (
            count(getattr(usage, "input_tokens", None)),
            count(getattr(usage, "output_tokens", None)),
        )
        # What is read from or written to the provider's cache is not in input_tokens.
        cached = (getattr(usage, f"cache_{kind}_input_tokens", None) for kind in ("creation", "read"))
        return ModelAnswer(
            text=text,
            model=self.name,
            input_tokens=estimate_tokens(request.system + request.prompt)
            if input_tokens is None
            else input_tokens + sum(count(tokens) or 0 for tokens in cached),
            output_tokens=estimate_tokens(text) if output_tokens is None else output_tokens,
            estimated=input_tokens is None or output_tokens is None,
        )
