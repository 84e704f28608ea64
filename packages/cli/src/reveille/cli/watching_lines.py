"""Live events as lines for people: when, who, what, and the gist of it."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Final

from rich.markup import escape

from reveille.agents.live import LiveEvent
from reveille.cli.showing import one_line

COLOURS: Final = {
    "orchestration-start": "bold cyan",
    "orchestration-complete": "bold green",
    "department-start": "magenta",
    "department-complete": "magenta",
    "agent-start": "cyan",
    "agent-thinking": "dim",
    "agent-complete": "green",
    "tool-call": "blue",
    "tool-result": "blue",
    "quality-check": "yellow",
    "review-status": "yellow",
}
BAD: Final = ("failed", "rejected", "cancelled")


def line_of(event: LiveEvent, *, agents: int = 18, departments: int = 10) -> str:
    """Markup of one line. agents, departments: the widths of their columns."""
    time = event.timestamp.astimezone(UTC).strftime("%H:%M:%S")
    colour = "red" if _is_bad(event.data) else COLOURS.get(event.type, "white")
    who = escape(f"{one_line(event.agent):<{agents}}  {one_line(event.department):<{departments}}")
    what = f"[{colour}]{escape(f'{one_line(event.type):<22}')}[/]"
    return f"[dim]{time}[/]  {who}  {what}  {escape(gist(event))}".rstrip()


def gist(event: LiveEvent) -> str:
    """One line of plain text; "" for a type that this build does not know."""
    tell = _GISTS.get(event.type)
    return one_line(tell(event.data)) if tell else ""


def lasted(milliseconds: Any) -> str:
    """ "" where nobody knows."""
    value = float(milliseconds or 0)
    if not value:
        return ""
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def summary_of(payload: Any) -> str:
    """Of a result, or of anything that is shown in place of one."""
    if payload is None:
        return ""
    if isinstance(payload, Mapping):
        if "$ref" in payload:
            return f"{payload.get('bytes', 0):,} bytes: {payload.get('preview', '')}"
        for name in ("summary", "title", "text", "error"):
            if isinstance(value := payload.get(name), str) and value:
                return value
        return ", ".join(f"{name}: {_short(value)}" for name, value in payload.items())
    return str(payload)


def _short(value: Any) -> str:
    return f"{len(value)} items" if isinstance(value, list) else one_line(value, 60)


def _joined(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)


def _is_bad(data: Mapping[str, Any]) -> bool:
    return data.get("status") in BAD or bool(data.get("error")) or data.get("passed") is False


def _tokens(data: Mapping[str, Any]) -> str:
    used = int(data.get("tokensUsed") or 0)
    return f"{used:,} tokens" if used else ""


def _round(data: Mapping[str, Any]) -> str:
    return f"round {data['round']}" if data.get("round") else ""


def _began(data: Mapping[str, Any]) -> str:
    return _joined(data.get("blueprint") or data.get("projectId"), data.get("complexity"), data.get("userPrompt"))


def _ended(data: Mapping[str, Any]) -> str:
    metrics = data.get("metrics") or {}
    quality = metrics.get("qualityScore")
    runs = int(metrics.get("runs") or 0)
    told = _joined(
        lasted(metrics.get("executionTime")),
        f"{runs:,} {'run' if runs == 1 else 'runs'}" if runs else "",
        _tokens(metrics),
        f"quality {round(quality, 1):g}" if quality is not None else "",
    )
    said = data.get("error") or summary_of(data.get("result"))
    return ": ".join(part for part in (_joined(data.get("status"), told), said) if part)


def _department_began(data: Mapping[str, Any]) -> str:
    return f"relevance {float(data.get('relevance') or 0):.2f}"


def _department_ended(data: Mapping[str, Any]) -> str:
    outputs = data.get("outputs")
    made = f"{len(outputs)} outputs" if isinstance(outputs, Mapping) and "$ref" not in outputs else ""
    quality = f"quality {round(float(data.get('qualityScore') or 0), 1):g}"
    return _joined(data.get("status"), quality, made, lasted(data.get("executionTime")))


def _agent_began(data: Mapping[str, Any]) -> str:
    attempt = int(data.get("attempt") or 0)
    again = f"attempt {attempt}" if attempt > 1 else ""
    step, role = str(data.get("step") or ""), str(data.get("role") or "")
    return _joined(step, "" if role in step else role, _round(data), again)


def _thought(data: Mapping[str, Any]) -> str:
    dropped = int(data.get("dropped") or 0)
    return f"{data.get('text') or ''}{f' ({dropped:,} before it were too many to keep)' if dropped else ''}"


def _agent_ended(data: Mapping[str, Any]) -> str:
    told = _joined(data.get("status"), lasted(data.get("executionTime")), _tokens(data))
    said = data.get("error") or summary_of(data.get("output"))
    return f"{told}: {said}" if said else told


def _tool_called(data: Mapping[str, Any]) -> str:
    return f"{data.get('toolName')}({one_line(summary_of(data.get('arguments')), 120)})"


def _tool_returned(data: Mapping[str, Any]) -> str:
    said = data.get("error") or summary_of(data.get("result"))
    return f"{_joined(data.get('toolName'), lasted(data.get('executionTime')))}: {said}"


def _checked(data: Mapping[str, Any]) -> str:
    verdict = "passed" if data.get("passed") else "not passed"
    told = _joined(data.get("step"), f"{float(data.get('score') or 0):g} of 100, {verdict}", _round(data))
    reasons = "; ".join(str(one) for one in data.get("reasons") or ())
    return f"{told}: {reasons}" if reasons else told


def _reviewed(data: Mapping[str, Any]) -> str:
    by = f"by {data['reviewerId']}" if data.get("reviewerId") else ""
    told = _joined(data.get("step"), data.get("status"), _round(data), by)
    return f"{told}: {data['notes']}" if data.get("notes") else told


_GISTS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "orchestration-start": _began,
    "orchestration-complete": _ended,
    "department-start": _department_began,
    "department-complete": _department_ended,
    "agent-start": _agent_began,
    "agent-thinking": _thought,
    "agent-complete": _agent_ended,
    "tool-call": _tool_called,
    "tool-result": _tool_returned,
    "quality-check": _checked,
    "review-status": _reviewed,
}
