"""The `deadletters` commands: what services could not handle, and what becomes of it."""

from typing import Any

from rich.markup import escape

from reveille.cli.asking import Platform
from reveille.cli.showing import coloured, console, figure, moment, print_json, say, table


def listed(platform: Platform, *, status: str, service: str, limit: int, as_json: bool) -> None:
    answer = platform.get("/api/v1/deadletters", status=status, service=service, limit=limit)
    if as_json:
        return print_json(answer)
    if not answer["items"]:
        say(f"nothing is {status}" if status else "nothing was ever parked")
        return None
    made = table("dead letter", "status", "service", "event", "at (UTC)")
    for one in answer["items"]:
        told = f"{one['id']}\n[dim]{escape(one['error'])}[/dim]"
        name = escape(one["type"].rpartition(".")[2])
        made.add_row(told, coloured(one["status"]), one["service"], name, moment(one["parked_at"]))
    console.print(made)
    if answer["next"]:
        say(f"[dim]these are the newest {figure(limit)}; --limit shows more[/dim]")
    return None


def shown(platform: Platform, id: str, *, as_json: bool) -> None:
    one = platform.get(f"/api/v1/deadletters/{id}")
    if as_json:
        return print_json(one)
    say(f"dead letter [bold]{one['id']}[/bold] of {one['service']}: {coloured(one['status'])}")
    for name, told in _lines(one):
        say(f"  {name}: {escape(told)}")
    event = one["event"]
    if event["data"] is not None:
        console.print_json(data=event["data"])
    elif event["base64"]:
        say(f"  its bytes: {event['base64']}")
    return None


def retried(platform: Platform, id: str, *, as_json: bool) -> None:
    answer = platform.post(f"/api/v1/deadletters/{id}/retry", {})
    if as_json:
        return print_json(answer)
    say(f"dead letter {id} was handled: what came of it stands in the log at or before {answer['position']}")
    return None


def dropped(platform: Platform, id: str, *, reason: str, as_json: bool) -> None:
    answer = platform.post(f"/api/v1/deadletters/{id}/drop", {"reason": reason} if reason else {})
    if as_json:
        return print_json(answer)
    say(f"dead letter {id} was dropped; it stays on record")
    return None


def _lines(one: dict[str, Any]) -> list[tuple[str, str]]:
    event = one["event"]
    lines = [
        ("why", one["error"]),
        ("event", f"{one['type']} {one['event_id']}" if one["type"] else "none: the record is no event"),
        ("where", f"{event['stream']}@{event['revision']}" if event["in_log"] else "not in the log"),
        ("parked", f"{moment(one['parked_at'])} UTC"),
    ]
    if event["summary"]:
        lines.append(("it says", event["summary"]))
    if one["closed_at"]:
        lines.append((one["status"], f"{moment(one['closed_at'])} UTC"))
    if one["reason"]:
        lines.append(("reason", one["reason"]))
    return lines + [(f"header {name}", told) for name, told in one["headers"].items()]
