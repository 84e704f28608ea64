"""Commands that ask a running platform, and show what it says."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx
from rich.markup import escape
from rich.tree import Tree

from reveille.adapters.tls import explained
from reveille.cli.plans import plan_of
from reveille.cli.showing import coloured, console, cut, figure, moment, one_line, print_json, rows, say, show, table
from reveille.cli.trusting import trusted
from reveille.kernel.classifying import CLASSIFIER
from reveille.kernel.errors import Misconfigured

# What would have been of a day's signals takes the longest to say.
SECONDS: Final = 30.0


class Refused(Misconfigured):
    """The platform says no. status: of HTTP."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class Platform:
    """The REST interface of a running platform."""

    def __init__(self, url: str, token: str = "") -> None:
        """token: of whoever asks; "" is none. Of several, while one is changed, the first is the new one."""
        self._url = url.rstrip("/")
        token = token.partition(",")[0].strip()
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        # Made once: it takes longer than most answers.
        self._verify = trusted(os.environ) or httpx.create_ssl_context()

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("GET", path, params={key: value for key, value in query.items() if value not in ("", None)})

    def post(self, path: str, body: Any, *, seconds: float = SECONDS) -> Any:
        return self._ask("POST", path, seconds=seconds, json=body)

    def delete(self, path: str, **query: str) -> None:
        self._ask("DELETE", path, params={key: value for key, value in query.items() if value})

    def send(self, path: str, text: str, *, media_type: str, **headers: str) -> Any:
        return self._ask("POST", path, content=text.encode(), headers={"content-type": media_type, **headers})

    def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
        **arguments: Any,
    ) -> Any:
        """Raises Misconfigured with what the platform, or the way to it, says is wrong."""
        try:
            given = {**self._headers, **(headers or {})}
            answer = httpx.request(
                method, self._url + path, timeout=seconds, headers=given, verify=self._verify, **arguments
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if why := explained(error):
                raise Misconfigured(f"{self._url}: {why}, see --ca, --cert and --cert-key") from error
            raise Misconfigured(f"no platform answers at {self._url} ({error}); `reveille up` starts one") from error
        if answer.is_error:
            raise Refused(_problem(answer), answer.status_code)
        return answer.json() if answer.content else None


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
    say(f"{escape(agent)} {told}: signal [bold]{answer['signal_id']}[/bold]")
    return None


def status(platform: Platform, *, as_json: bool) -> None:
    answer = platform.get("/status")
    figures = platform.get("/metrics")
    if as_json:
        return print_json({**answer, "system": figures["system"], "efficiency": figures["efficiency"]})
    say(f"[bold]{answer['status']}[/bold], version {answer['version']}, up {_lasted(answer['uptime'])}\n")
    services = table("service", "state")
    for name, state in answer["services"].items():
        services.add_row(name, coloured(str(state)))
    console.print(services, "")
    states = table("agent", "state", "tokens used", "left today", "last wake (UTC)")
    for agent in figures["agents"]["states"]:
        used, left = figure(agent["tokensUsed"]), figure(agent["tokensLeft"])
        states.add_row(agent["id"], coloured(agent["state"]), used, left, moment(agent["lastWake"], never="never"))
    console.print(states, "")
    system, efficiency = figures["system"], figures["efficiency"]
    saved, cost = efficiency["tokensSavedPercentage"], efficiency["estimatedDailyCost"]
    totals = table("figure", "value")
    totals.add_row("tokens used in all", figure(system["totalTokenUsage"]))
    totals.add_row("triggers that wait", figure(system["pendingTriggers"]))
    totals.add_row("saved against polling, last day", "not known" if saved is None else f"{saved} %")
    totals.add_row("cost, last day", "not known" if cost is None else f"{cost:,.4f} {efficiency['currency']}")
    console.print(totals)
    return None


def _lasted(seconds: float) -> str:
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86_400)
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {int(seconds % 60)} s" if minutes else f"{seconds:.0f} s"


def agents(platform: Platform, *, as_json: bool) -> None:
    answer = platform.get("/api/v1/agents")
    if as_json:
        return print_json(answer)
    made = table("agent", "state", "running", "queued", "wakes", "tokens used", "last wake (UTC)")
    for agent in answer["items"]:
        numbers = (figure(agent[key]) for key in ("running", "queued", "wakes", "tokens_used"))
        made.add_row(agent["id"], coloured(agent["state"]), *numbers, moment(agent["last_wake"], never="never"))
    console.print(made)
    return None


def executions(platform: Platform, id: str, *, status: str, limit: int, as_json: bool) -> None:
    if id:
        return _execution(platform.get(f"/api/v1/executions/{id}"), as_json=as_json)
    if as_json:
        return print_json(platform.get("/api/v1/executions", status=status, limit=limit))
    answer = platform.get("/api/v1/executions", status=status, limit=limit, summary=True)
    made = table("execution", "status", "what", "why", "tokens", "at (UTC)")
    for one in answer["items"]:
        cause = one["cause"] or {}
        why = escape(cause.get("rule") or cause.get("kind", ""))
        used, started = figure(one["tokens_used"]), moment(one["started_at"])
        about = one_line(one["about"] or "")
        what = escape(one["blueprint"] or one["agent"]) + (f" [dim]{escape(about)}[/dim]" if about else "")
        made.add_row(one["id"], coloured(one["status"]), cut(what), why, used, started)
    rows(made, f"no execution is {escape(status)}" if status else "nothing was executed yet")
    return None


def cancelled(platform: Platform, id: str, *, reason: str, as_json: bool) -> None:
    answer = platform.post(f"/api/v1/executions/{id}/cancel", {"reason": reason} if reason else {})
    if as_json:
        return print_json(answer)
    say(f"execution {id} was cancelled before" if answer["duplicate"] else f"execution {id} is being cancelled")
    return None


def _execution(one: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        return print_json(one)
    if one["blueprint"]:
        return show(plan_of(one))
    say(f"execution [bold]{one['id']}[/bold]: {coloured(one['status'])}, {figure(one['tokens_used'])} tokens")
    made = table("step", "agent", "status", "attempt", "tokens", "error")
    for step in one["steps"]:
        used = figure((step["tokens"] or {}).get("used", 0))
        error = escape(step["error"] or "")
        made.add_row(step["name"], step["agent"], coloured(step["status"]), str(step["attempt"]), used, error)
    console.print(made)
    if one["result"] is not None:
        console.print_json(data=one["result"])
    return None


def why(platform: Platform, id: str, *, as_json: bool) -> None:
    """Of an execution its causes; of a signal what it was to each agent."""
    try:
        answer = platform.get(f"/api/v1/executions/{id}/causes")
    except Refused as error:
        if error.status != httpx.codes.NOT_FOUND:
            raise
        answers = _explained(platform, id)
        if answers is None:
            raise Refused(f"404 Not Found: there is no execution and no signal {id}", error.status) from error
        return _show_explained(answers, as_json=as_json)
    if as_json:
        return print_json(answer)
    console.print(cause_tree(answer["items"]))
    return None


def _explained(platform: Platform, signal: str) -> list[dict[str, Any]] | None:
    """None where there is no such signal."""
    try:
        platform.get(f"/api/v1/signals/{signal}")
    except Refused as error:
        if error.status != httpx.codes.NOT_FOUND:
            raise
        return None
    answers = []
    for name in _watchers(platform.get("/api/v1/fleet")):
        try:
            answers.append(platform.get("/api/v1/explain", signal=signal, agent=name))
        except Refused as error:
            if error.status != httpx.codes.NOT_FOUND:  # an agent of a later fleet than the signal's
                raise
    return answers


def _watchers(fleet: dict[str, Any]) -> list[str]:
    """Agents, without those whom plans alone give work, and the plans that rules begin."""
    plans = dict.fromkeys(rule["start"]["blueprint"] for rule in fleet["rules"] if rule["start"])
    woken = {rule["wake"] for rule in fleet["rules"]}
    steps = [step for one in fleet["blueprints"] for step in one["steps"]]
    of_plans = {CLASSIFIER, *(name for step in steps for name in (step["agent"], step["compensate"]))}
    names = [agent["name"] for agent in fleet["agents"]]
    own = [name for name in names if name in woken or name not in of_plans]
    return own + [f"blueprint:{name}" for name in plans]


def _show_explained(answers: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        return print_json({"items": answers})
    for answer in answers:
        say(_explanation(answer))
    if not answers:
        say("nobody could have woken on it: the fleet has no agents of its own")
    return None


def explain(platform: Platform, signal: str, agent: str, *, as_json: bool) -> None:
    answer = platform.get("/api/v1/explain", signal=signal, agent=agent)
    if as_json:
        return print_json(answer)
    say(_explanation(answer))
    if answer["execution_id"]:
        say(f"[dim]execution {answer['execution_id']}, by fleet revision {answer['fleet_revision']}[/dim]")
    return None


def _explanation(answer: dict[str, Any]) -> str:
    verb = "[green]woke[/green]" if answer["woke"] else "[yellow]did not wake[/yellow]"
    rule = f" by rule {answer['rule']}" if answer["rule"] else ""
    until = f", until {moment(answer['until'])} UTC" if answer["until"] else ""
    detail = f" [dim]({escape(answer['detail'])})[/dim]" if answer["detail"] else ""
    reason = "" if answer["woke"] and answer["reason"] == "woke" else f": {answer['reason']}"
    return f"[bold]{answer['agent']}[/bold] {verb}{rule}{reason}{until}{detail}"


def cause_tree(events: list[dict[str, Any]]) -> Tree:
    """Each event below its cause, with the milliseconds since the first one."""
    start = events[0]["at"]
    nodes: dict[str, Tree] = {}
    root = Tree(f"[bold]{escape(events[0]['trace_id']) or 'no trace'}[/bold]", guide_style="dim")
    for event in events:
        after = _milliseconds(start, event["at"])
        name = event["type"].rpartition(".")[2]
        label = f"[cyan]{event['service']}[/cyan] [bold]{name}[/bold] {escape(event['summary'])} [dim]+{after} ms[/dim]"
        parent = nodes.get(event["causation_id"], root)
        nodes[event["id"]] = parent.add(label)
    return root


def _milliseconds(start: str, end: str) -> int:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000)


def _problem(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        told: str = problem["detail"]
        for one in problem.get("errors", ()):
            if one["message"] not in told:
                told += f"; {one['path']}: {one['message']}"
        return f"{answer.status_code} {problem['title']}: {told}"
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} from {answer.url}"
