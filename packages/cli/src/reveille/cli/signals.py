"""How `reveille signals` shows what came in."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from reveille.cli.asking import Platform
from reveille.cli.showing import cut, moment, one_line, print_json, rows, say, table


def listed(platform: Platform, wanted: Mapping[str, str], *, limit: int, as_json: bool) -> None:
    answer = platform.get("/api/v1/signals", limit=limit, **wanted)
    if as_json:
        return print_json(answer)
    made = table("signal", "source", "kind", "what", "by", "at (UTC)")
    for one in answer["items"]:
        made.add_row(
            one["id"],
            one["source"],
            escape(one_line(one["kind"])),
            cut(_what(one)),
            escape(one_line(one["actor"])),
            moment(one["received_at"]),
        )
    rows(made, "no signal is like that" if any(wanted.values()) else "nothing has come in yet")
    if answer["next"]:
        say(f"[dim]the newest {limit}; --limit shows more[/dim]")
    return None


def _what(signal: Mapping[str, Any]) -> str:
    """Where, and what the sender calls it."""
    where = escape(signal["repository"] + (f" #{signal['number']}" if signal["number"] else ""))
    called = escape(one_line(signal["title"] or signal["summary"] or signal["target"]))
    return f"{where} [dim]{called}[/dim]".strip()
