"""`reveille blueprints`: which plans can be begun, what one is made of, and whether a file is right."""

from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from reveille.cli.asking import Platform
from reveille.cli.fleet_files import read_text
from reveille.cli.showing import console, print_json, rows, say, several, table
from reveille.ingress.application.agent_catalogue import CATALOGUE, named_agents
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.application.fleet_values import written
from reveille.ingress.bootstrap import blueprint_from


def shown(platform: Platform, name: str, *, as_json: bool) -> None:
    """All of the fleet in force; or one of them."""
    if name:
        return _one(platform.get(f"/api/v1/blueprints/{name}"), as_json=as_json)
    answer = platform.get("/api/v1/blueprints")
    if as_json:
        return print_json(answer)
    made = table("blueprint", "title", "steps", "departments", "facts")
    for one in answer["items"]:
        lists = [", ".join(one[key]) for key in ("steps", "departments", "facts")]
        made.add_row(one["name"], escape(one["title"]), *lists)
    rows(made, "the fleet in force has no blueprint")
    return None


def validate(file: Path, *, as_json: bool) -> None:
    try:
        blueprint = blueprint_from(read_text(file, what="blueprint"), file=str(file))
    except FleetFileInvalid as error:
        if not as_json:
            raise
        mistakes = [{"line": one.line, "path": one.path, "message": one.what} for one in error.mistakes]
        print_json({"file": str(file), "errors": mistakes})
        raise typer.Exit(2) from error
    elsewhere = [name for name in named_agents(blueprint) if name not in CATALOGUE]
    if as_json:
        told = {
            "file": str(file),
            "blueprint": blueprint.name,
            "steps": [] if blueprint.departments else [step.name for step in blueprint.steps],
            "departments": [one.name for one in blueprint.departments],
            "agents_needed": elsewhere,
        }
        return print_json(told)
    departments = f"{several(len(blueprint.departments), 'department')}, " if blueprint.departments else ""
    print(f"{file}: blueprint {blueprint.name}, {departments}{several(len(blueprint.steps), 'step')}")
    if elsewhere:
        print(f"its fleet must have what is not built in: {', '.join(elsewhere)}")
    return None


def _one(blueprint: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        return print_json(blueprint)
    say(f"[bold]{blueprint['name']}[/bold]: {escape(blueprint['title'])}")
    if blueprint["departments"]:
        _departments(blueprint)
    else:
        _steps(blueprint)
    for gate in blueprint["gates"]:
        say(f"asked before {gate['before']}: {escape(gate['ask'])} {_terms(gate)}, autopilot {blueprint['autopilot']}")
    return None


def _departments(blueprint: dict[str, Any]) -> None:
    made = table("department", "title", "head", "specialists", "relevant for")
    for one in blueprint["departments"]:
        made.add_row(
            one["name"],
            escape(one["title"]),
            one["head"],
            ", ".join(one["specialists"]),
            escape(", ".join(one["words"])),
        )
    console.print(made)
    least = f"{blueprint['min_relevance']:g}"
    say(f"orchestrator: {blueprint['orchestrator']}, which wakes departments from relevance {least} on")
    revisions = several(blueprint["max_revisions"], "revision")
    say(f"review: work is approved from quality {blueprint['min_quality']} on, and done again in at most {revisions}")


def _steps(blueprint: dict[str, Any]) -> None:
    made = table("step", "agent", "required", "comes with", "waits for", "reads")
    for step in blueprint["steps"]:
        required = "yes" if step["name"] in blueprint["required"] else ""
        waits = ", ".join([*step["needs"], *(f"{name} (if there)" for name in step["after"])])
        comes = escape(_reason(step, blueprint))
        made.add_row(step["name"], step["agent"], required, comes, waits, ", ".join(step["reads"]))
    console.print(made)
    if blueprint["facts"]:
        say(f"facts: {', '.join(blueprint['facts'])}")
    if blueprint["money_from"]:
        say(f"money: {', '.join(blueprint['money_from'])}")


def _terms(gate: dict[str, Any]) -> str:
    return f"({gate['risk']} risk, within {written(gate['within_ms'])}, otherwise {gate['otherwise']})"


def _reason(step: dict[str, Any], blueprint: dict[str, Any]) -> str:
    needed_by = [one["name"] for one in blueprint["steps"] if step["name"] in one["needs"]]
    reasons = ["always"] if step["always"] else []
    if step["category"] is not None:
        reasons.append(", ".join(step["category"]["words"]) or f"the tag {step['name']}")
    if step["when"]:
        reasons.append(f"when {step['when']}")
    return "; ".join([*reasons, *(f"{name} needs it" for name in needed_by)])
