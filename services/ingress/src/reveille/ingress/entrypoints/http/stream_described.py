"""The stream of an execution's live events, as the OpenAPI document tells it."""

from typing import Any, Final

from reveille.ingress.entrypoints.http.history_described import answers

_EXAMPLE: Final = """retry: 1000

id: 1
event: orchestration-start
data: {"type":"orchestration-start","executionId":"e","sequence":1,"userPrompt":"a storm at sea"}
"""

STREAM: Final[dict[int | str, dict[str, Any]]] = {
    **answers({}, 403, 404),
    200: {
        "description": "Server-sent events: `id` is the sequence, `event` the type, `data` the live event.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
    204: {"description": "It has ended, and nothing follows"},
}
