"""Commands that ask a running platform, and show what it says."""

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from reveille.kernel.errors import Misconfigured

# What would have been of a day's signals takes the longest to say.
SECONDS: Final = 30.0
COLOURS: Final = {
    "completed": "green",
    "done": "green",
    "running": "cyan",
    "processing": "cyan",
    "active": "cyan",
    "waiting": "yellow",
    "failed": "red",
    "dormant": "dim",
}

console: Final = Console(highlight=False)


class Platform:
    """The REST interface of a running platform."""

    def __init__(self, url: str, token: str = "") -> None:
        """token: of whoever may do more than ask; "" is none."""
        self._url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("GET", path, params={key: value for key, value in query.items() if value not in ("", None)})

    def post(self, path: str, body: Any) -> Any:
        return self._ask("POST", path, json=body)

    def send(self, path: str, text: str, *, media_type: str, **headers: str) -> Any:
        return self._ask("POST", path, content=text.encode(), headers={"content-type": media_type, **headers})

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **arguments: Any) -> Any:
        """Raises Misconfigured with what the platform, or the way to it, says is wrong."""
        try:
            given = {**self._headers, **(headers or {})}
            answer = httpx.request(method, self._url + path, timeout=SECONDS, headers=given, **arguments)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Misconfigured(f"no platform answers at {self._url} ({error}); `reveille up` starts one") from error
        if answer.is_error:
            raise Misconfigured(_problem(answer))
        return answer.json()


def trigger(platform: Platform, agent: str, *, payload: str, priority: str, id: str, as_json: bool) -> None:
    try:
        wanted = json.loads(payload)
    except ValueError as error:
        raise Misconfigured(f"--payload is no JSON: {error}") from error
    body = {"type": "task", "priority": priority, "payload": wanted, **({"id": id} if id else {})}
    answer = platform.post(f"/webhook/trigger/{agent}", body)
    if as_json:
        return print_json(answer)
    told = "was woken by this before" if answer["duplicate"] else "wakes"
    console.print(f"{agent} {told}: signal [bold]{answer['signal_id']}[/bold]")
    return None


def status(platform: Platform, *, as_json: bool) -> None:
    answer = platform.get("/status")
    figures = platform.get("/metrics")
    if as_json:
        return print_json({**answer, "system": figures["system"], "efficiency": figures["efficiency"]})
    console.print(f"[bold]{answer['status']}[/bold], version {answer['version']}, up {answer['uptime']:.0f} s")
    table = Table("service", "state")
    for name, state in answer["services"].items():
        table.add_row(name, str(state))
    console.print(table)
    states = Table("agent", "state", "tokens used", "left today", "last wake")
    for agent in figures["agents"]["states"]:
        used, left = _figure(agent["tokensUsed"]), _figure(agent["tokensLeft"])
        states.add_row(agent["id"], _coloured(agent["state"]), used, left, agent["lastWake"] or "never")
    console.print(states)
    system, efficiency = figures["system"], figures["efficiency"]
    saved, cost = efficiency["tokensSavedPercentage"], efficiency["estimatedDailyCost"]
    totals = Table("figure", "value")
    totals.add_row("tokens used in all", _figure(system["totalTokenUsage"]))
    totals.add_row("triggers that wait", _figure(system["pendingTriggers"]))
    totals.add_row("saved against polling, last day", "not known" if saved is None else f"{saved} %")
    totals.add_row("cost, last day", "not known" if cost is None else f"{cost} {efficiency['currency']}")
    console.print(totals)
    return None


def _figure(value: int | None) -> str:
    return "not known" if value is None else f"{value:,}"


def agents(platform: Platform, *, as_json: bool) -> None:
    answer = platform.get("/api/v1/agents")
    if as_json:
        return print_json(answer)
    table = Table("agent", "state", "running", "queued", "wakes", "tokens used", "last wake")
    for agent in answer["items"]:
        numbers = (str(agent[key]) for key in ("running", "queued", "wakes", "tokens_used"))
        table.add_row(agent["id"], _coloured(agent["state"]), *numbers, agent["last_wake"] or "never")
    console.print(table)
    return None


def executions(platform: Platform, id: str, *, status: str, limit: int, as_json: bool) -> None:
    if id:
        return _execution(platform.get(f"/api/v1/executions/{id}"), as_json=as_json)
    answer = platform.get("/api/v1/executions", status=status, limit=limit)
    if as_json:
        return print_json(answer)
    table = Table("execution", "status", "agent", "why", "tokens", "started")
    for one in answer["items"]:
        cause = one["cause"] or {}
        why = cause.get("rule") or cause.get("kind", "")
        table.add_row(
            one["id"], _coloured(one["status"]), one["agent"], why, str(one["tokens_used"]), one["started_at"]
        )
    console.print(table)
    return None


def _execution(one: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        return print_json(one)
    console.print(f"execution [bold]{one['id']}[/bold]: {_coloured(one['status'])}, {one['tokens_used']} tokens")
    table = Table("step", "agent", "status", "attempt", "tokens", "error")
    for step in one["steps"]:
        used = str((step["tokens"] or {}).get("used", 0))
        table.add_row(
            step["name"], step["agent"], _coloured(step["status"]), str(step["attempt"]), used, step["error"] or ""
        )
    console.print(table)
    if one["result"] is not None:
        console.print_json(data=one["result"])
    return None


def why(platform: Platform, execution: str, *, as_json: bool) -> None:
    answer = platform.get(f"/api/v1/executions/{execution}/causes")
    if as_json:
        return print_json(answer)
    console.print(cause_tree(answer["items"]))
    return None


def explain(platform: Platform, signal: str, agent: str, *, as_json: bool) -> None:
    answer = platform.get("/api/v1/explain", signal=signal, agent=agent)
    if as_json:
        return print_json(answer)
    verb = "[green]woke[/green]" if answer["woke"] else "[yellow]did not wake[/yellow]"
    rule = f" by rule {answer['rule']}" if answer["rule"] else ""
    console.print(f"{agent} {verb}{rule}: {answer['reason']} {answer['detail']}")
    return None


def cause_tree(events: list[dict[str, Any]]) -> Tree:
    """Each event below its cause, with the milliseconds since the first one."""
    start = events[0]["at"]
    nodes: dict[str, Tree] = {}
    root = Tree(f"[bold]{events[0]['trace_id'] or 'no trace'}[/bold]", guide_style="dim")
    for event in events:
        after = _milliseconds(start, event["at"])
        name = event["type"].rpartition(".")[2]
        label = f"[cyan]{event['service']}[/cyan] [bold]{name}[/bold] {event['summary']} [dim]+{after} ms[/dim]"
        parent = nodes.get(event["causation_id"], root)
        nodes[event["id"]] = parent.add(label)
    return root


def _milliseconds(start: str, end: str) -> int:
    from datetime import datetime

    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000)


def _coloured(state: str) -> str:
    colour = COLOURS.get(state)
    return f"[{colour}]{state}[/{colour}]" if colour else state


def print_json(answer: Any) -> None:
    print(json.dumps(answer, indent=2, ensure_ascii=False))


def _problem(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        errors = "".join(f"; {one['path']}: {one['message']}" for one in problem.get("errors", ()))
        return f"{answer.status_code} {problem['title']}: {problem['detail']}{errors}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} from {answer.url}"
