"""How commands show a plan: what people asked for, what came of it, what it costs, and what it asks of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markup import escape

from reveille.cli.showing import coloured, cut, figure, table

# Of a step that is in the plan no more.
REMOVED: Final = "removed"
# Below it what a department's specialists made would be a column of single words.
WIDE: Final = 120


def plan_of(one: Mapping[str, Any]) -> Iterator[RenderableType]:
    """one: an execution of a blueprint, as the API tells it."""
    plan = one["plan"] or {}
    percent = f", {plan['completion_percent']} % complete" if plan else ""
    settled = "" if one["settled"] else ", and goes on"
    told = f"plan [bold]{escape(one['id'])}[/bold] of {escape(one['blueprint'])}: {coloured(one['status'])}"
    yield f"{told}{percent}{settled}, {figure(one['tokens_used'])} tokens"
    if one.get("detail"):
        yield escape(one["detail"])
    if one["inputs"]:
        yield ""
        yield _inputs(one["inputs"])
    if one["facts"]:
        yield "facts: " + escape(", ".join(f"{name} {_fact(value)}" for name, value in one["facts"].items()))
    steps = [step for step in one["steps"] if step["status"] != REMOVED]
    if one.get("departments"):
        yield ""
        yield _Departments(one["departments"], steps)
    elif steps:
        yield ""
        yield _steps(steps)
    if money := _money(one["budget"]):
        yield money
    for description in plan.get("next_steps", ()):
        yield f"[yellow]next:[/yellow] {escape(description)}"


def _inputs(inputs: Sequence[Mapping[str, Any]]) -> RenderableType:
    made = table("input", "about", "by", "what it says")
    for one in inputs:
        about = "not read yet" if one["categories"] is None else ", ".join(one["categories"])
        tags = f" [dim]{escape(' '.join(one['tags']))}[/dim]" if one["tags"] else ""
        made.add_row(escape(one["input_id"]), escape(about), escape(one["added_by"]), escape(one["content"]) + tags)
    return made


def _steps(steps: Sequence[Mapping[str, Any]]) -> RenderableType:
    made = table("step", "agent", "status", "attempt", "costs", "result")
    for step in steps:
        costs = _between(step["money"]) if step["money"] else ""
        cells = (escape(step["name"]), escape(step["agent"]), coloured(step["status"]), str(step["attempt"]), costs)
        made.add_row(*cells, escape(_said(step)))
    return made


@dataclass(frozen=True, slots=True)
class _Departments:
    """Each with the latest work of its specialists, which stands by itself where a line has no room for it."""

    departments: Sequence[Mapping[str, Any]]
    steps: Sequence[Mapping[str, Any]]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= WIDE:
            yield self._table(with_work=True)
            return
        yield self._table(with_work=False)
        if drafts := [step for one in self.departments for step in self._drafts(one["name"])]:
            made = table("specialist", "result")
            for step in drafts:
                made.add_row(escape(step["agent"]), escape(_said(step)))
            yield ""
            yield made

    def _table(self, *, with_work: bool) -> RenderableType:
        named = ("department", "relevance", "status", "quality", "specialist", "round", "review")
        made = table(*named, *(("work",) if with_work else ()))
        for one in self.departments:
            quality = "" if one["quality_score"] is None else str(one["quality_score"])
            relevance = f"{one['relevance']:.0%}" if one["started_at"] else ""
            first: tuple[str, ...] = (escape(one["name"]), relevance, coloured(one["status"]), quality)
            for step in self._drafts(one["name"]) or [{}]:
                work = (cut(escape(_said(step))) if step else "",) if with_work else ()
                made.add_row(*first, *_review(step), *work)
                first = ("", "", "", "")
        return made

    def _drafts(self, department: str) -> list[Mapping[str, Any]]:
        """The latest of each specialist."""
        all_of_it = (step for step in self.steps if step["department"] == department and step["role"] == "draft")
        return list({step["agent"]: step for step in all_of_it}.values())


def _review(step: Mapping[str, Any]) -> tuple[str, ...]:
    if not step:
        return ("", "", "")
    review = step["review"]
    told = f"{coloured(review['status'])} {review['score']}" if review else coloured(step["status"])
    return (escape(step["agent"]), str(step["round"]), told)


def _said(step: Mapping[str, Any]) -> str:
    """What it came to, or why it did not; while another attempt is on its way, why."""
    if step["error"]:
        return str(step["error"])
    result = step["result"]
    summary = result.get("summary") if isinstance(result, dict) else None
    if isinstance(summary, str):
        return summary
    return f"again, for another {', '.join(step['changed'])}" if step["changed"] and result is None else ""


def _money(budget: Mapping[str, Any] | None) -> str:
    if budget is None or not budget["by_step"]:
        return ""
    told = f"costs {_between(budget['total_budget'])}"
    if budget["limit"] is None:
        return told
    if not budget["over_by"]:
        return f"{told}, within the budget of {_amount(budget['limit'])}"
    over = f"over the budget of {_amount(budget['limit'])} by up to {_amount(budget['over_by'])}"
    return f"{told}; [red]{over}[/red], most of all for {escape(budget['driver'])}"


def _between(money: Mapping[str, float]) -> str:
    least, most = _amount(money["min"]), _amount(money["max"])
    return least if least == most else f"{least} to {most}"


def _amount(units: float) -> str:
    return f"{units:,.2f}".removesuffix(".00")


def _fact(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(name if one is None else f"{name} {one}" for name, one in value.items()) + ")"
    return str(value)
