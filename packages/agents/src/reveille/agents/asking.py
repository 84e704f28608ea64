"""Asking the model for a few sentences, with what the run has left; a report stands without them."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.model import OFFLINE, ModelRefused, ModelRequest, ModelUnavailable, TokensSpent

_LEAST_OUTPUT: Final = 40
# What is cut from a prompt that does not fit, until it does.
_SHRINK: Final = 0.7
_FENCE: Final = re.compile(r"\A```(?:json)?\s*\n(.*?)\n?```\Z", re.DOTALL)


def is_worth_asking(context: Context) -> bool:
    """The offline model is not: it knows no more than the agents' own words and lists."""
    return context.model.name != OFFLINE and context.tokens_left > 0


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


async def ask_for_object(
    context: Context, purpose: str, system: str, prompt: str, *, most_output: int, notes: list[str]
) -> Mapping[str, Any]:
    """The JSON object of the answer, fenced or not; {} where there is none, and `notes` says why."""
    await context.checkpoint()
    said = await ask(context, purpose, system, prompt, most_output=most_output, notes=notes)
    if not said:
        return {}
    fenced = _FENCE.match(said)
    try:
        answer = json.loads(fenced[1] if fenced else said)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        notes.append("the model answered no JSON object")
        return {}
    return answer
