"""The agents of a fleet file, and the defaults that hold for all of them."""

from collections.abc import Mapping
from typing import Any, Final

from yaml.nodes import Node

from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentBudget, WhenSpent
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong, keys_of
from reveille.ingress.application.fleet_values import (
    DAY_MS,
    MODEL,
    NAME,
    SECOND_MS,
    TITLE,
    TRUTH,
    choice,
    duration,
    parts,
    text,
    whole,
)

SKILL: Final = text(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", "an async function, as module:function")
PER_DAY: Final = choice({"day": "day"})
SPENT: Final = {
    "defer": WhenSpent.WHEN_SPENT_DEFER,
    "drop": WhenSpent.WHEN_SPENT_DROP,
    "ask": WhenSpent.WHEN_SPENT_ASK,
}
# What an agent has where neither it nor `defaults` says so.
BUILT_IN: Final[Mapping[str, Any]] = {
    "model": "offline",
    "budget": {
        "tokens": 50_000,
        "per_run": 4_000,
        "when_spent": WhenSpent.WHEN_SPENT_DEFER,
        "warn_at": [],
        "answer": 3_600_000,
    },
    "cooldown": 0,
    "health": {"every": 15 * SECOND_MS},
    "max_hops": 3,
    "timeout": 120_000,
    "retries": {"attempts": 3, "backoff": 2_000},
}


def defaults(document: FleetDocument) -> Read:
    return document.section(_work(document))


def agent(document: FleetDocument) -> Read:
    section = document.section(
        {
            "title": TITLE,
            "skill": SKILL,
            "remote": TRUTH,
            "capabilities": document.several(NAME),
            "instances": _instances(document),
            "identities": document.several(TITLE),
            **_work(document),
        },
        later=("tools", "memory"),
    )

    def read(node: Node, path: str) -> dict[str, Any]:
        found: dict[str, Any] = section(node, path)
        if found.get("remote"):
            if "skill" in keys_of(node):
                raise Wrong("it has `skill` and is `remote`, expected one of the two")
        elif "skill" not in keys_of(node):
            raise Wrong("`skill` is missing, or `remote: true` in its place")
        elif "health" in keys_of(node):
            raise Wrong("`health` asks a remote agent whether it is there; this one runs here")
        return found

    return read


def as_agent(name: str, one: Mapping[str, Any], said_by_default: Mapping[str, Any]) -> Agent:
    """What the agent does not say, the defaults say; what they do not say is built in."""
    said: dict[str, Any] = {}
    for key, built_in in BUILT_IN.items():
        if isinstance(built_in, dict):
            said[key] = {**built_in, **said_by_default.get(key, {}), **one.get(key, {})}
        else:
            said[key] = one.get(key, said_by_default.get(key, built_in))
    budget = said["budget"]
    if "per_run" not in one.get("budget", {}):
        budget["per_run"] = min(budget["per_run"], budget["tokens"])
    asks = budget["when_spent"] == WhenSpent.WHEN_SPENT_ASK
    return Agent(
        name=name,
        title=one.get("title", name),
        skill=one.get("skill", ""),
        remote=one.get("remote", False),
        capabilities=one.get("capabilities", []),
        model=said["model"],
        budget=AgentBudget(
            tokens=budget["tokens"],
            per_run=budget["per_run"],
            when_spent=budget["when_spent"],
            warn_at=budget["warn_at"],
            answer_ms=budget["answer"] if asks else 0,
        ),
        max_instances=one.get("instances", 1),
        timeout_ms=said["timeout"],
        attempts=said["retries"]["attempts"],
        backoff_ms=said["retries"]["backoff"],
        identities=one.get("identities", []),
        max_hops=said["max_hops"],
        cooldown_ms=said["cooldown"],
        heartbeat_ms=said["health"]["every"],
    )


def _work(document: FleetDocument) -> dict[str, Read]:
    """What stands alike in `defaults` and at an agent."""
    return {
        "model": MODEL,
        "cooldown": duration(0, 30 * DAY_MS),
        "budget": document.section(
            {
                "tokens": whole(1),
                "per": PER_DAY,
                "per_run": whole(1),
                "when_spent": choice(SPENT),
                "warn_at": parts(document),
                "answer": duration(SECOND_MS, 30 * DAY_MS),
            }
        ),
        "max_hops": whole(0, 100),
        "timeout": duration(1, 30 * DAY_MS),
        "retries": document.section({"attempts": whole(1, 20), "backoff": duration(1, 30 * DAY_MS)}),
        "health": document.section({"every": duration(SECOND_MS, 3_600_000)}, needed=("every",)),
    }


def _instances(document: FleetDocument) -> Read:
    section = document.section({"min": whole(0, 1000), "max": whole(1, 1000)}, needed=("max",))

    def read(node: Node, path: str) -> int:
        found = section(node, path)
        least, most = found.get("min", 0), found.get("max", 1)
        if least > most:
            raise Wrong(f"min is {least}, above max, which is {most}")
        return int(most)

    return read
