"""`reveille fleet`: is a file right, what would it change, and putting it in force."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import typer
from rich.markup import escape

from reveille.cli.asking import Platform
from reveille.cli.fleet_files import for_sending, missing_skills, read_fleet
from reveille.cli.showing import console, figure, print_json, say, several, table
from reveille.ingress.application.agent_catalogue import CATALOGUE
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.kernel.errors import Misconfigured

YAML: Final = "application/yaml"
SIGNS: Final = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
# Of the pairs of signal and agent that come out otherwise; --json has all that the platform told.
SHOWN_PAIRS: Final = 10
MAX_VALUE: Final = 60
# Stands for one of several parts that have names, as the steps of a blueprint.
PART: Final = object()


def validate(file: Path, *, as_json: bool) -> None:
    try:
        wanted = read_fleet(file)
    except FleetFileInvalid as error:
        if not as_json:
            raise
        mistakes = [
            {"file": one.file, "line": one.line, "path": one.path, "message": one.what} for one in error.mistakes
        ]
        print_json({"file": str(file), "errors": mistakes})
        raise typer.Exit(2) from error
    missing = missing_skills(wanted)
    built_in = sum(one.name in CATALOGUE and one.skill == CATALOGUE[one.name]["skill"] for one in wanted.agents)
    own = len(wanted.agents) - built_in
    told = {
        "file": str(file),
        "tenant": wanted.tenant,
        "agents": own,
        "built_in_agents": built_in,
        "rules": len(wanted.rules),
        "sources": len(wanted.sources),
        "blueprints": len(wanted.blueprints),
        "warnings": missing,
    }
    if as_json:
        return print_json(told)
    agents, rules = several(own, "agent"), several(len(wanted.rules), "rule")
    plans = several(len(wanted.blueprints), "blueprint")
    print(f"{file}: {agents} and {built_in} built in, {rules}, {plans}, tenant {wanted.tenant}")
    # No mistake of the file: the code may be there where the agents run.
    for one in missing:
        print(f"reveille: warning: {one}", file=sys.stderr)
    return None


def diff(platform: Platform, file: Path, *, as_json: bool) -> None:
    answer = _diff(platform, file)
    if as_json:
        return print_json(answer)
    return _show(answer)


def apply(platform: Platform, file: Path, *, yes: bool, as_json: bool) -> int:
    """Exit code 1 where somebody was asked and said no."""
    if as_json and not yes:
        raise Misconfigured("--json asks nobody, expected --yes with it")
    answer = _diff(platform, file)
    if not as_json:
        _show(answer)
    if not answer["changes"]:
        if as_json:
            print_json({"revision": answer["revision"], "events": 0, "position": None})
        return 0
    if not yes and not typer.confirm("Put it in force?"):
        return 1
    # What was shown is what is changed: not what another may have made of it meanwhile.
    seen = {"if-match": f'"{answer["revision"]}"'}
    applied = platform.send("/api/v1/fleet", for_sending(file), media_type=YAML, **seen)
    if as_json:
        print_json(applied)
    else:
        say(f"revision [bold]{applied['revision']}[/bold] is in force")
    return 0


def _diff(platform: Platform, file: Path) -> dict[str, Any]:
    # Here first, where the mistakes are named with the file that they are in.
    read_fleet(file)
    answer: dict[str, Any] = platform.send("/api/v1/fleet/diff", for_sending(file), media_type=YAML)
    return answer


def _show(answer: dict[str, Any]) -> None:
    if not answer["changes"]:
        say(f"nothing changes: revision {answer['revision']} is what the file says")
        return
    say(f"from revision {answer['revision']}:")
    made = table("", "what", "name", "change")
    for one in answer["changes"]:
        sign, colour = SIGNS[one["change"]]
        made.add_row(f"[{colour}]{sign}[/{colour}]", one["kind"], one["name"], changes_in(one))
    console.print(made)
    _show_what_if(answer)


def changes_in(one: dict[str, Any]) -> str:
    if one["before"] is None or one["after"] is None:
        return str(one["change"])
    before, after = _flat(_written(one["before"])), _flat(_written(one["after"]))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not names:  # the same parts in another order
        return str(one["change"])
    return "\n".join(_lines(names, before, after))


def _written(value: dict[str, Any]) -> dict[str, Any]:
    """Without what is made of the rest: the steps of a hierarchy."""
    made = ("steps", "required") if value.get("departments") else ()
    return {key: inner for key, inner in value.items() if key not in made}


def _lines(names: Iterable[str], before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """A part that is new, or is no more, is named, and not what is in it."""
    whole: str | None = None
    for name in names:
        if whole is not None and name.startswith(whole):
            continue
        old, new = before.get(name), after.get(name)
        if old is PART or new is PART:
            whole = f"{name}."
            yield f"{name}: [red]removed[/red]" if old is PART else f"{name}: [green]added[/green]"
        elif _shown(old) != _shown(new):
            yield f"{name}: [red]{_shown(old)}[/red] → [green]{_shown(new)}[/green]"


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            flat.update(_flat(inner, f"{prefix}{key}."))
        elif isinstance(inner, list) and inner and all(isinstance(one, dict) and "name" in one for one in inner):
            for one in inner:
                flat[f"{prefix}{key}.{one['name']}"] = PART
                flat.update(_flat(one, f"{prefix}{key}.{one['name']}."))
        else:
            flat[f"{prefix}{key}"] = inner
    return flat


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return escape(text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…")


def _show_what_if(answer: dict[str, Any]) -> None:
    what_if = answer["what_if"]
    if what_if is None:
        say(f"[yellow]what would have come of the last day's signals is not known: {escape(answer['note'])}[/yellow]")
        return
    cut = ", the newest of them" if what_if["cut"] else ""
    told = f"of the last day's {several(what_if['signals'], 'signal')}{cut}"
    if not what_if["changed"] and not any(one["before"] != one["after"] for one in what_if["wakes"]):
        say(f"{told}, none would have woken anybody else")
        return
    say(f"{told}, {several(what_if['changed'], 'pair')} of signal and agent would have come out otherwise.")
    say("wakes of that day, by the rules in force and by this file:")
    wakes = table("agent", "in force", "this file")
    for one in what_if["wakes"]:
        changed = one["before"] != one["after"]
        after = f"[yellow]{figure(one['after'])}[/yellow]" if changed else "the same"
        wakes.add_row(one["agent"], figure(one["before"]), after)
    console.print(wakes)
    if pairs := what_if["changes"][:SHOWN_PAIRS]:
        made = table("signal", "agent", "was", "would have been", "rule")
        for one in pairs:
            signal = f"{one['signal_id']}\n[dim]{escape(one['summary'])}[/dim]"
            made.add_row(signal, one["agent"], one["before"], one["after"], one["rule"])
        console.print(made)
        if more := len(what_if["changes"]) - len(pairs):
            say(f"[dim]and {more:,} more: --json has them[/dim]")
