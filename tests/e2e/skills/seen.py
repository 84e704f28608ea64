"""A skill that does everything that is seen of a run: it asks a model, and calls tools, of which one is none."""

import contextlib
from typing import Any

from reveille.agents import Context, ModelRequest, Task, ToolFailed


async def do_all(task: Task, context: Context) -> dict[str, Any]:
    answer = await context.model.complete(
        ModelRequest(purpose="echo", system="", prompt="a few words", max_output_tokens=20)
    )
    await context.tools.call("text.measure", {"text": "a few words"})
    with contextlib.suppress(ToolFailed):
        await context.tools.call(f"no.such.tool.{task.run_id}", {})
    return {"tokens": answer.input_tokens + answer.output_tokens}
