"""Asking the model for a few sentences, with what the run has left; a report stands without them."""

from typing import Final

from reveille.agents.context import Context
from reveille.agents.model import ModelRefused, ModelRequest, ModelUnavailable, TokensSpent

_LEAST_OUTPUT: Final = 40
# What is cut from a prompt that does not fit, until it does.
_SHRINK: Final = 0.7


async def ask(context: Context, purpose: str, system: str, prompt: str, *, most_output: int, notes: list[str]) -> str:
    """The answer; "" where the model cannot be heard, and `notes` says why. A prompt too long loses its end."""
    output = max(_LEAST_OUTPUT, min(most_output, context.tokens_left // 4))
    while True:
        request = ModelRequest(purpose=purpose, system=system, prompt=prompt, max_output_tokens=output)
        if context.model.cap(request) <= context.tokens_left:
            break
        if len(prompt) < 100:
            notes.append(f"the {context.tokens_left} tokens left do not suffice to ask {context.model.name}")
            return ""
        prompt = prompt[: int(len(prompt) * _SHRINK)]
    try:
        return (await context.model.complete(request)).text.strip()
    except (ModelUnavailable, ModelRefused, TokensSpent) as error:
        notes.append(f"the model was not heard: {error}")
        return ""
