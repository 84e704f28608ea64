"""Reading a fleet file: what this version supports becomes a fleet, and every mistake is named with its line."""

from collections.abc import Collection, Mapping, Sequence
from importlib.resources import files
from typing import Any

from yaml.nodes import Node

from reveille.contracts.ingress.v1.events_pb2 import Limits, ModelPrice, WhenSpent
from reveille.ingress.application.agent_catalogue import CATALOGUE, built_in_agents
from reveille.ingress.application.blueprint_file import Draft
from reveille.ingress.application.fleet_agents import PER_DAY, agent, as_agent, defaults
from reveille.ingress.application.fleet_blueprints import Nearby, blueprints, with_shipped
from reveille.ingress.application.fleet_document import (
    FleetDocument,
    FleetFileInvalid,
    Read,
    Wrong,
    at,
    keys_of,
    meant,
    some,
)
from reveille.ingress.application.fleet_notifications import as_notification, check_notifications, notifications
from reveille.ingress.application.fleet_rules import Checks, as_rule, rule, time_zone
from reveille.ingress.application.fleet_sources import as_source, source
from reveille.ingress.application.fleet_values import (
    MODEL,
    TENANT,
    amount,
    choice,
    duration,
    named,
    parts,
    text,
    whole,
)
from reveille.ingress.domain.fleet import WantedFleet


def default_fleet() -> str:
    """The text of the fleet that ships with the package."""
    return files("reveille.ingress.fleets").joinpath("default.yaml").read_text(encoding="utf-8")


def read_fleet(source: str, *, file: str, checks: Checks, nearby: Nearby | None = None) -> WantedFleet:
    """Raises FleetFileInvalid with every mistake. `file` is what they call the file; nearby: files that it may name."""
    document = FleetDocument(file)
    root = document.root(source)
    found = document.value(root, "", _fleet(document, checks, nearby)) or {}
    if not document.mistakes:
        # Now that the file's time zone is known.
        _check_crons(document, root, found, checks)
    if not document.mistakes:
        drafts = with_shipped(document, root, found.get("blueprints", []), checks)
        wanted = _wanted(found, drafts)
        _check_references(document, root, wanted, found["agents"])
        names = [one.name for one in wanted.agents]
        check_notifications(document, root, wanted.notifications, agents=names, blueprints=wanted.blueprints)
        for draft in drafts:
            draft.check_agents([*found["agents"], *(name for name in CATALOGUE if name not in found["agents"])])
    if document.mistakes:
        raise FleetFileInvalid(document.mistakes)
    return wanted


def _fleet(document: FleetDocument, checks: Checks, nearby: Nearby | None) -> Read:
    section = document.section
    return section(
        {
            "version": choice({"1": 1}),
            "tenant": TENANT,
            "time_zone": time_zone(checks),
            "defaults": defaults(document),
            "agents": named(document, agent(document)),
            "rules": document.several(rule(document, checks)),
            "sources": named(document, source(document)),
            "blueprints": document.several(blueprints(document, checks, nearby)),
            "notifications": notifications(document),
            "budgets": section(
                {
                    "tenant": section(
                        {"tokens": whole(1), "per": PER_DAY, "warn_at": parts(document)}, needed=("tokens",)
                    ),
                    "execution": section({"tokens": whole(1)}, needed=("tokens",)),
                    "price": _price(document),
                }
            ),
            "baseline": section(
                {"poll_every": duration(), "tokens_per_poll": whole(1)}, needed=("poll_every", "tokens_per_poll")
            ),
        },
        later=("models", "tenants"),
        needed=("version", "agents"),
    )


def _price(document: FleetDocument) -> Read:
    model = document.section({"input": amount, "output": amount}, needed=("input", "output"))

    def models(node: Node, path: str) -> dict[str, Any]:
        found = {}
        for name, key, value in document.entries(node, path):
            if document.value(key, f"{path}.{name}", MODEL) is not None:
                found[name] = document.value(value, f"{path}.{name}", model)
        return found

    section = document.section(
        {"currency": text(r"[A-Z]{3}", "a currency like USD"), "per_million_tokens": amount, "models": models},
        needed=("currency",),
    )

    def read(node: Node, path: str) -> dict[str, Any]:
        found: dict[str, Any] = section(node, path)
        if not keys_of(node).keys() & {"per_million_tokens", "models"}:
            raise Wrong("`per_million_tokens` is missing, or `models` with a price for each")
        return found

    return read


def _wanted(found: Mapping[str, Any], drafts: Sequence[Draft]) -> WantedFleet:
    budgets = found.get("budgets", {})
    price = budgets.get("price", {})
    zone, baseline = found.get("time_zone", ""), found.get("baseline", {})
    limits = Limits(
        tenant_tokens=budgets.get("tenant", {}).get("tokens", 0),
        warn_at=budgets.get("tenant", {}).get("warn_at", []),
        execution_tokens=budgets.get("execution", {}).get("tokens", 0),
        currency=price.get("currency", ""),
        per_million_tokens=price.get("per_million_tokens", 0.0),
        models=[ModelPrice(model=name, **one) for name, one in sorted(price.get("models", {}).items())],
        time_zone=zone,
        poll_every_ms=baseline.get("poll_every", 0),
        tokens_per_poll=baseline.get("tokens_per_poll", 0),
    )
    own, said_by_default = found["agents"], found.get("defaults", {})
    plans = [draft.blueprint for draft in drafts]
    agents = [as_agent(name, one, said_by_default) for name, one in own.items()]
    return WantedFleet(
        tenant=found.get("tenant", "default"),
        agents=[*agents, *built_in_agents(plans, own, said_by_default, limits)],
        rules=[as_rule(order, one, zone=zone or "UTC") for order, one in enumerate(found.get("rules", []))],
        sources=[as_source(name, one) for name, one in found.get("sources", {}).items()],
        limits=limits,
        blueprints=plans,
        notifications=[as_notification(one) for one in found.get("notifications", [])],
    )


def _check_crons(document: FleetDocument, root: Node, found: Mapping[str, Any], checks: Checks) -> None:
    for order, one in enumerate(found.get("rules", [])):
        if expression := one.get("cron"):
            zone = one.get("time_zone", found.get("time_zone", "UTC"))
            if wrong := checks.cron(expression, zone):
                told = f"{expression!r} is no cron expression: {wrong}"
                document.wrong(at(root, "rules", order, "cron"), f"rules[{order}].cron", told)


def _check_references(document: FleetDocument, root: Node, wanted: WantedFleet, agents: Collection[str]) -> None:
    """What can only be told when the whole file is read. agents: those of the file, whom rules may wake."""
    # Once: looked for in a file of 10,000 agents, each of them would take as long as all of them.
    given = keys_of(at(root, "agents"))
    for one in wanted.agents:
        place, node = f"agents.{one.name}.budget", at(given.get(one.name, root), "budget")
        if one.budget.per_run > one.budget.tokens:
            told = f"per_run is {one.budget.per_run}, above tokens, which is {one.budget.tokens}"
            document.wrong(node, place, told)
        for name, most in (("tenant", wanted.limits.tenant_tokens), ("execution", wanted.limits.execution_tokens)):
            if 0 < most < one.budget.per_run:
                told = (
                    f"per_run is {one.budget.per_run}, above budgets.{name}.tokens, which is {most}: it could never run"
                )
                document.wrong(node, place, told)
        if "answer" in keys_of(node) and one.budget.when_spent != WhenSpent.WHEN_SPENT_ASK:
            document.wrong(node, place, "`answer` is how long a person has; it goes with `when_spent: ask` alone")
    plans = [one.name for one in wanted.blueprints]
    seen: dict[str, int] = {}
    for one_rule in wanted.rules:
        place = f"rules[{one_rule.order}]"
        if one_rule.HasField("start"):
            if (plan := one_rule.start.blueprint) not in plans:
                node = at(root, "rules", one_rule.order, "start", "blueprint")
                told = f"blueprint {plan!r} is not in this fleet{meant(plan, plans)}"
                document.wrong(node, f"{place}.start.blueprint", f"{told}, expected one of {some(plans)}")
        elif one_rule.wake not in agents:
            node = at(root, "rules", one_rule.order, "wake")
            told = f"agent {one_rule.wake!r} is not in this file, expected one of {some(agents) or 'none'}"
            document.wrong(node, f"{place}.wake", told)
        node = at(root, "rules", one_rule.order, "name")
        if one_rule.name in seen:
            first = seen[one_rule.name]
            document.wrong(node, f"{place}.name", f"rule {one_rule.name!r} is there already, first in line {first}")
        seen.setdefault(one_rule.name, node.start_mark.line + 1)
    accounts: dict[str, str] = {}
    for one in wanted.agents:
        for account in one.identities:
            folded = account.casefold()
            if accounts.get(folded, one.name) != one.name:
                told = f"{account!r} is {accounts[folded]}'s already, expected an account of this agent alone"
                document.wrong(at(root, "agents", one.name, "identities"), f"agents.{one.name}.identities", told)
            accounts.setdefault(folded, one.name)
