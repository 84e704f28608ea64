"""`reveille demo scene`: departments write a scene, seen live, with a SIGKILL in the middle and a person at the end."""

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import httpx
from rich.markup import escape
from rich.panel import Panel

from reveille.cli.demonstration import Demo, console, started
from reveille.cli.plans import plan_of

PROMPT: Final = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"
OTHER: Final = "Shot list and lighting for a rainy street at night, no dialogue"
QUIET_SECONDS: Final = 10.0
# Of an event, what is shown of it.
SHOWN: Final = {
    "orchestration-start": "cyan",
    "department-start": "magenta",
    "agent-start": "dim",
    "quality-check": "blue",
    "review-status": "yellow",
    "department-complete": "magenta",
    "orchestration-complete": "green",
}


def show(demo: Demo) -> None:
    console.rule("[bold]Reveille: departments that brief, draft, review and revise, seen live")
    console.print(f"The platform is up after {started(demo):.2f} s: {demo.platform.what}.")
    console.print(f"\nsomebody asks: [bold]{PROMPT}[/bold]")
    scene = _begun(demo, PROMPT)
    told = _watch(demo, scene)
    _check_stream(demo, told)
    execution = _at(demo, scene, "waiting")
    for part in plan_of(execution):
        console.print(part)
    revised = [event for event in told if event["type"] == "review-status" and event["status"] == "revise"]
    demo.check(bool(revised), f"heads sent work back {len(revised)} times")
    demo.check(_revisions_help(told), "no revision is worse than the draft before it, and most are better")
    _show_text(execution)
    _release(demo, scene)
    _show_other(demo, execution)


def _begun(demo: Demo, prompt: str) -> str:
    body = {"blueprint": "film-scene", "prompt": prompt}
    answer = httpx.post(f"{demo.platform.url}/api/v1/executions", json=body, timeout=10)
    return str(answer.raise_for_status().json()["execution_id"])


def _watch(demo: Demo, scene: str) -> list[dict[str, Any]]:
    """Its stream until a person is asked. In the middle the platform is killed; the stream goes on where it was."""
    told: list[dict[str, Any]] = []
    for event in _stream(demo, scene, after=0):
        told.append(event)
        _say(event)
        if event["type"] == "department-start":
            break
    console.print(f"\n  [bold]{demo.platform.crash}[/bold] in the middle of it")
    demo.platform.kill()
    demo.platform.start()
    console.print(f"  started again; the stream goes on behind event {told[-1]['sequence']}\n")
    composed = False
    for event in _stream(demo, scene, after=told[-1]["sequence"]):
        told.append(event)
        _say(event)
        composed = composed or (event["type"] == "agent-complete" and event.get("step") == "compose")
        if composed:
            break
    return told


def _stream(demo: Demo, scene: str, *, after: int) -> Iterator[dict[str, Any]]:
    """Server-sent events; they end where nothing came for a while."""
    url = f"{demo.platform.url}/api/v1/executions/{scene}/stream"
    demo.until(lambda: httpx.get(f"{demo.platform.url}/api/v1/executions/{scene}").status_code == 200)
    headers = {"Last-Event-ID": str(after)}
    try:
        with httpx.stream("GET", url, headers=headers, timeout=QUIET_SECONDS) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    event: dict[str, Any] = json.loads(line.removeprefix("data:"))
                    yield event
    except httpx.HTTPError as error:
        demo.check(False, f"the stream goes on: {error!r}")


def _say(event: Mapping[str, Any]) -> None:
    colour = SHOWN.get(event["type"])
    if colour is None:
        return
    who = event["department"]
    detail = {
        "department-start": lambda: f"relevance {event['relevance']:.2f}",
        "agent-start": lambda: f"{event['agentId']} {event['role']}s",
        "quality-check": lambda: f"{event['agentId']}: {event['score']:.0f} of 100",
        "review-status": lambda: f"{event['agentId']}, round {event['round']}: {event['status']}",
        "department-complete": lambda: f"quality {event['qualityScore']:.0f}",
    }.get(event["type"], lambda: "")()
    line = f"  {event['sequence']:>4}  [{colour}]{event['type']:<22}[/] {escape(who):<10} {escape(detail)}"
    console.print(line, no_wrap=True, overflow="ellipsis")


def _check_stream(demo: Demo, told: list[dict[str, Any]]) -> None:
    sequences = [event["sequence"] for event in told]
    exact = sequences == list(range(1, len(told) + 1))
    demo.check(exact, f"{len(told)} events, each once, in order and without a hole, across the crash")
    woken = [event["department"] for event in told if event["type"] == "department-start"]
    demo.check(len(woken) >= 2, f"woken for this prompt: {', '.join(dict.fromkeys(woken))}")


def _revisions_help(told: list[dict[str, Any]]) -> bool:
    scores: dict[str, list[float]] = {}
    for event in told:
        if event["type"] == "quality-check":
            scores.setdefault(event["agentId"], []).append(event["score"])
    pairs = [(one, two) for found in scores.values() for one, two in pairwise(found)]
    return all(two >= one for one, two in pairs) and 2 * sum(two > one for one, two in pairs) >= len(pairs)


def _at(demo: Demo, scene: str, status: str) -> dict[str, Any]:
    def found() -> Any:
        execution = demo.get(f"/api/v1/executions/{scene}")
        return execution if execution["status"] == status and execution["settled"] else None

    execution: dict[str, Any] | None = demo.until(found)
    demo.check(execution is not None, f"the scene is {status}")
    return execution or demo.get(f"/api/v1/executions/{scene}")


def _show_text(execution: Mapping[str, Any]) -> None:
    result = execution["result"]
    lines = str(result["text"]).splitlines()
    shown = "\n".join(lines[:40]) + ("\n…" if len(lines) > 40 else "")
    console.print(Panel(escape(shown), title=escape(result["title"]), border_style="dim"))


def _release(demo: Demo, scene: str) -> None:
    (approval,) = demo.get("/api/v1/approvals", status="open", execution_id=scene)["items"]
    console.print(f"a person is asked: [bold]{escape(approval['question'])}[/bold], and says yes")
    url = f"{demo.platform.url}/api/v1/approvals/{approval['id']}"
    httpx.post(url, json={"decision": "approve"}, timeout=10).raise_for_status()
    _at(demo, scene, "completed")


def _show_other(demo: Demo, first: Mapping[str, Any]) -> None:
    console.print(f"\nanother prompt: [bold]{OTHER}[/bold]")
    other = _at(demo, _begun(demo, OTHER), "waiting")
    woken = [one["name"] for one in other["departments"] if one["status"] != "asleep"]
    demo.check("visual" in woken and "story" not in woken, f"only the relevant departments wake: {', '.join(woken)}")
    same = _at(demo, _begun(demo, PROMPT), "waiting")
    demo.check(same["result"] == first["result"], "the same prompt comes to the same scene")
    demo.check(other["result"] != first["result"], "another prompt comes to another one")
