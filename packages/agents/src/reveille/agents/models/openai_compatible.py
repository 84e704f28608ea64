"""Models behind the Chat Completions protocol: OpenAI's, and the servers that speak it."""

from typing import Any

from reveille.agents.model import ModelAnswer, ModelRequest, ModelUnavailable, estimate_tokens
from reveille.agents.models import provider
from reveille.agents.models.provider import Patience, Provider, count, load_sdk


class OpenAICompatibleModel:
    def __init__(
        self, model: str, *, key: str = "", base_url: str | None = None, patience: Patience | None = None
    ) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._key = key
        self._base_url = base_url
        self._patience = patience or Patience()

    def cap(self, request: ModelRequest) -> int:
        return provider.cap(request)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        sdk: Any = await load_sdk("openai")
        asked = Provider(self.name, sdk, self._key, self._patience)
        messages = [{"role": "user", "content": request.prompt}]
        if request.system:
            messages.insert(0, {"role": "system", "content": request.system})
        # OpenAI's newer models take only the new name of the limit, many compatible servers know only the old one.
        limit = "max_tokens" if self._base_url else "max_completion_tokens"
        # A local server asks for no key, the client insists on one.
        async with sdk.AsyncOpenAI(
            api_key=self._key or "none", base_url=self._base_url, max_retries=0, timeout=self._patience.timeout
        ) as client:
            completion = await asked.ask(
                lambda: client.chat.completions.create(
                    model=self._model, messages=messages, **{limit: request.max_output_tokens}
                )
            )
        return self._answer(request, completion)

    def _answer(self, request: ModelRequest, completion: Any) -> ModelAnswer:
        choices = getattr(completion, "choices", None)
        if not isinstance(choices, list) or not choices:
            raise ModelUnavailable(f"{self.name} answered what is no completion", retry_after=5.0)
        content = getattr(getattr(choices[0], "message", None), "content", None)
        text = content if isinstance(content, str) else ""
        usage = getattr(completion, "usage", None)
        input_tokens = count(getattr(usage, "prompt_tokens", None))
        output_tokens = count(getattr(usage, "completion_tokens", None))
        return ModelAnswer(
            text=text,
            model=self.name,
            input_tokens=estimate_tokens(request.system + request.prompt) if input_tokens is None else input_tokens,
            output_tokens=estimate_tokens(text) if output_tokens is None else output_tokens,
            estimated=input_tokens is None or output_tokens is None,
        )
