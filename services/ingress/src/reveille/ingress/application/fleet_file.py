"""Reading a fleet file: what this version supports becomes a fleet, and every mistake is named with its line."""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reveille.contracts.ingress.v1.events_pb2 import Agent, AgentBudget, Limits, PathsUnknown, Rule, WhenSpent
from reveille.ingress.application.fleet_document import (
    FleetDocument,
    FleetFileInvalid,
    Read,
    Wrong,
    amount,
    choice,
    duration_ms,
    shown,
    text,
    whole,
)
from reveille.ingress.domain.fleet import WantedFleet
from reveille.ingress.domain.wakes import PRIORITIES

# What is wrong with an expression or with a list of patterns; None: nothing.
CheckWhere = Callable[[str], str | None]
CheckPaths = Callable[[Sequence[str]], str | None]

NAME: Final = text(r"[a-z0-9][a-z0-9_-]{0,62}", "a name of at most 63 of a-z, 0-9, _ and -")
TITLE: Final = text(r"[^\n]{1,200}", "a line of at most 200 characters")
TENANT: Final = text(r"[a-z0-9_]{1,63}", "a name of at most 63 of a-z, 0-9 and _")
SKILL: Final = text(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", "an async function, as module:function")
MODEL: Final = text(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}", "the name of a model, or offline or auto")
KIND: Final = text(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", "a kind or a meaning like pull_request.opened or code.pushed")
PER_DAY: Final = choice({"day": "day"})
LATER_SPENT: Final = ("ask",)
SPENT: Final = {"defer": WhenSpent.WHEN_SPENT_DEFER, "drop": WhenSpent.WHEN_SPENT_DROP}
UNKNOWN: Final = {"wake": PathsUnknown.PATHS_UNKNOWN_WAKE, "skip": PathsUnknown.PATHS_UNKNOWN_SKIP}
# What an agent has where neither it nor `defaults` says so.
BUILT_IN: Final[Mapping[str, Any]] = {
    "model": "offline",
    "budget": {"tokens": 50_000, "per_run": 4_000, "when_spent": WhenSpent.WHEN_SPENT_DEFER},
    "max_hops": 3,
    "timeout": 120_000,
    "retries": {"attempts": 3, "backoff": 2_000},
}


def default_fleet() -> str:
    """The text of the fleet that ships with the package."""
    return files("reveille.ingress.fleets").joinpath("default.yaml").read_text(encoding="utf-8")


def read_fleet(source: str, *, file: str, check_where: CheckWhere, check_paths: CheckPaths) -> WantedFleet:
    """Raises FleetFileInvalid with every mistake. `file` is what they call the file."""
    document = FleetDocument(file)
    root = document.root(source)
    found = document.value(root, "", _fleet(document, check_where, check_paths)) or {}
    if not document.errors:
        wanted = _wanted(found)
        _check_references(document, root, wanted)
    if document.errors:
        raise FleetFileInvalid(document.errors)
    return wanted


def _fleet(document: FleetDocument, check_where: CheckWhere, check_paths: CheckPaths) -> Read:
    section = document.section
    return section(
        {
            "version": choice({"1": 1}),
            "tenant": TENANT,
            "defaults": _defaults(document),
            "agents": _named(document, _agent(document)),
            "rules": document.several(_rule(document, check_where, check_paths)),
            "budgets": section(
                {
                    "tenant": section({"tokens": whole(1), "per": PER_DAY}, later=("warn_at",), needed=("tokens",)),
                    "execution": section({"tokens": whole(1)}, needed=("tokens",)),
                    "price": section(
                        {"currency": text(r"[A-Z]{3}", "a currency like USD"), "per_million_tokens": amount},
                        later=("models",),
                        needed=("currency", "per_million_tokens"),
                    ),
                }
            ),
        },
        later=("baseline", "blueprints", "models", "tenants", "departments", "autopilot", "approvals"),
        needed=("version", "agents"),
    )


def _work(document: FleetDocument) -> dict[str, Read]:
    """What stands alike in `defaults` and at an agent."""
    budget = document.section(
        {"tokens": whole(1), "per": PER_DAY, "per_run": whole(1), "when_spent": _when_spent}, later=("warn_at",)
    )
    return {
        "model": MODEL,
        "budget": budget,
        "max_hops": whole(0, 100),
        "timeout": duration_ms,
        "retries": document.section({"attempts": whole(1, 20), "backoff": duration_ms}),
    }


def _defaults(document: FleetDocument) -> Read:
    return document.section(_work(document), later=("cooldown", "health"))


def _agent(document: FleetDocument) -> Read:
    def instances(node: Node, path: str) -> int:
        found = document.section({"min": whole(0, 1000), "max": whole(1, 1000)}, needed=("max",))(node, path)
        least, most = found.get("min", 0), found.get("max", 1)
        if least > most:
            raise Wrong(f"min is {least}, above max, which is {most}")
        return int(most)

    known: dict[str, Read] = {
        "title": TITLE,
        "skill": SKILL,
        "capabilities": document.several(NAME),
        "instances": instances,
        "identities": document.several(TITLE),
        **_work(document),
    }
    return document.section(known, later=("cooldown", "remote", "health", "tools", "memory"), needed=("skill",))


def _rule(document: FleetDocument, check_where: CheckWhere, check_paths: CheckPaths) -> Read:
    def where(node: Node, path: str) -> str:
        expression = text(r"(?s).{1,2000}", "an expression of at most 2000 characters")(node, path)
        if wrong := check_where(expression):
            raise Wrong(f"{shown(node)} is no expression: {wrong}")
        return str(expression)

    def pattern(node: Node, path: str) -> str:
        value = text(r"[^\n]{1,500}", "a pattern like src/**")(node, path)
        if wrong := check_paths([value]):
            raise Wrong(f"{shown(node)} is no pattern: {wrong}")
        return str(value)

    signals = document.section(
        {
            "source": document.one_or_several(TENANT),
            "kind": document.one_or_several(KIND),
            "means": document.one_or_several(KIND),
        },
        later=("labels",),
    )

    def on(node: Node, path: str) -> Any:
        if isinstance(node, MappingNode) and not node.value:
            raise Wrong("it is empty, expected at least one of source, kind, means")
        return signals(node, path)

    return document.section(
        {
            "name": NAME,
            "on": on,
            "where": where,
            "paths": document.one_or_several(pattern),
            "paths_unknown": choice(UNKNOWN),
            "wake": NAME,
            "priority": choice(PRIORITIES),
        },
        later=("cooldown", "batch", "pattern", "absence", "cron", "time_zone", "labels", "start"),
        needed=("name", "on", "wake"),
    )


def _named(document: FleetDocument, read: Read) -> Read:
    def read_named(node: Node, path: str) -> dict[str, Any]:
        found = {}
        for name, key, value in document.entries(node, path):
            if document.value(key, f"{path}.{name}", NAME) is not None:
                found[name] = document.value(value, f"{path}.{name}", read)
        return found

    return read_named


def _when_spent(node: Node, path: str) -> WhenSpent:
    if isinstance(node, ScalarNode) and node.value in LATER_SPENT:
        raise Wrong(f"`{node.value}` is not supported by this version, expected one of {', '.join(SPENT)}")
    return choice(SPENT)(node, path)  # type: ignore[no-any-return]


def _wanted(found: Mapping[str, Any]) -> WantedFleet:
    defaults = found.get("defaults", {})
    budgets = found.get("budgets", {})
    price = budgets.get("price", {})
    return WantedFleet(
        tenant=found.get("tenant", "default"),
        agents=[_as_agent(name, one, defaults) for name, one in found["agents"].items()],
        rules=[_as_rule(order, one) for order, one in enumerate(found.get("rules", []))],
        limits=Limits(
            tenant_tokens=budgets.get("tenant", {}).get("tokens", 0),
            execution_tokens=budgets.get("execution", {}).get("tokens", 0),
            currency=price.get("currency", ""),
            per_million_tokens=price.get("per_million_tokens", 0.0),
        ),
    )


def _as_agent(name: str, one: Mapping[str, Any], defaults: Mapping[str, Any]) -> Agent:
    """What the agent does not say, the defaults say; what they do not say is built in."""
    said: dict[str, Any] = {}
    for key, built_in in BUILT_IN.items():
        if isinstance(built_in, dict):
            said[key] = {**built_in, **defaults.get(key, {}), **one.get(key, {})}
        else:
            said[key] = one.get(key, defaults.get(key, built_in))
    budget = {key: value for key, value in said["budget"].items() if key != "per"}
    if "per_run" not in one.get("budget", {}):
        budget["per_run"] = min(budget["per_run"], budget["tokens"])
    return Agent(
        name=name,
        title=one.get("title", name),
        skill=one["skill"],
        capabilities=one.get("capabilities", []),
        model=said["model"],
        budget=AgentBudget(**budget),
        max_instances=one.get("instances", 1),
        timeout_ms=said["timeout"],
        attempts=said["retries"]["attempts"],
        backoff_ms=said["retries"]["backoff"],
        identities=one.get("identities", []),
        max_hops=said["max_hops"],
    )


def _as_rule(order: int, one: Mapping[str, Any]) -> Rule:
    on = one["on"]
    return Rule(
        name=one["name"],
        order=order,
        sources=on.get("source", []),
        kinds=[*on.get("kind", []), *on.get("means", [])],
        where=one.get("where", ""),
        paths=one.get("paths", []),
        paths_unknown=one.get("paths_unknown", PathsUnknown.PATHS_UNKNOWN_WAKE),
        wake=one["wake"],
        priority=one.get("priority", PRIORITIES["medium"]),
    )


def _check_references(document: FleetDocument, root: Node, wanted: WantedFleet) -> None:
    """What can only be told when the whole file is read."""
    for agent in wanted.agents:
        if agent.budget.per_run > agent.budget.tokens:
            told = f"per_run is {agent.budget.per_run}, above tokens, which is {agent.budget.tokens}"
            document.wrong(_at(root, "agents", agent.name), f"agents.{agent.name}.budget", told)
    agents = {agent.name: None for agent in wanted.agents}
    seen: dict[str, int] = {}
    for rule in wanted.rules:
        place = f"rules[{rule.order}]"
        if rule.wake not in agents:
            node = _at(root, "rules", rule.order, "wake")
            told = f"agent {rule.wake!r} is not in this file, expected one of {', '.join(agents) or 'none'}"
            document.wrong(node, f"{place}.wake", told)
        node = _at(root, "rules", rule.order, "name")
        if rule.name in seen:
            document.wrong(
                node, f"{place}.name", f"rule {rule.name!r} is there already, first in line {seen[rule.name]}"
            )
        seen.setdefault(rule.name, node.start_mark.line + 1)
    accounts: dict[str, str] = {}
    for agent in wanted.agents:
        for account in agent.identities:
            if account in accounts:
                told = f"{account!r} is {accounts[account]}'s already, expected an account of this agent alone"
                document.wrong(_at(root, "agents", agent.name, "identities"), f"agents.{agent.name}.identities", told)
            accounts.setdefault(account, agent.name)


def _at(node: Node, *path: str | int) -> Node:
    """The node at a path, or the last one on the way to it."""
    for step in path:
        following: Node | None = None
        if isinstance(node, MappingNode):
            following = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int):
            following = node.value[step]
        if following is None:
            return node
        node = following
    return node
