"""Skills that see to their tokens: one asks for more, one keeps what it has."""

from typing import Any

from reveille.agents import Context, ModelRequest, Task


def _told(task: Task) -> dict[str, Any]:
    return dict(task.signals[0].payload)


async def ask_for_more(task: Task, context: Context) -> dict[str, Any]:
    before = context.tokens_left
    got = [await context.more_tokens(tokens) for tokens in _told(task)["more"]]
    request = ModelRequest(purpose="echo", system="", prompt="word " * 40, max_output_tokens=10)
    answer = await context.model.complete(request)
    return {
        "before": before,
        "got": got,
        "left": context.tokens_left,
        "used": answer.input_tokens + answer.output_tokens,
    }


async def spend_all(task: Task, context: Context) -> dict[str, Any]:
    """Asks until its tokens are spent."""
    calls = 0
    while True:
        request = ModelRequest(purpose="echo", system="", prompt="word " * 40, max_output_tokens=10)
        await context.model.complete(request)
        calls += 1
        context.keep({"calls": calls})
