"""What happens outside: fleets that change, and deliveries of all kinds."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from reveille.contracts.common.v1.common_pb2 import (
    PRIORITY_CRITICAL,
    PRIORITY_HIGH,
    PRIORITY_LOW,
    PRIORITY_UNSPECIFIED,
    SignalContent,
)
from reveille.contracts.ingress.v1.events_pb2 import (
    PATHS_UNKNOWN_SKIP,
    PATHS_UNKNOWN_WAKE,
    WHEN_SPENT_ASK,
    WHEN_SPENT_DEFER,
    WHEN_SPENT_DROP,
    Absence,
    Agent,
    AgentBudget,
    Batch,
    Cooldown,
    Cron,
    LabelValues,
    Limits,
    Pattern,
    Rule,
    Selector,
    Start,
)
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.fleet import WantedFleet
from tests.simulation.acts import Party, parties
from tests.simulation.blueprints import NAMES, PLANNING, agents, blueprint, wish
from tests.simulation.marks import TENANTS, mark
from tests.simulation.remote import AGENT, HEARTBEAT_MS

SECONDS: Final = 30.0
SKILLS: Final = ("instant", "slow", "asking", "flaky", "greedy", "stuck", "giving", AGENT)
# A signal that this rule matches cannot be decided on: its trigger would be too large an event.
TOO_LONG: Final = "long " * 30_000

Matches = Callable[[SignalContent], bool]
# What each expression and pattern means, said a second time so that the checker needs no compiler.
WHERE: Final[dict[str, Matches]] = {
    'signal.base_ref == "main"': lambda content: content.base_ref == "main",
    "!signal.draft": lambda content: not content.draft,
    'signal.labels.severity == "page"': lambda content: content.labels.get("severity") == "page",
}
PATHS: Final[dict[tuple[str, ...], Matches]] = {
    ("src/**", "!src/generated/**"): lambda content: any(
        path.startswith("src/") and not path.startswith("src/generated/") for path in content.paths
    ),
    ("*.md",): lambda content: any(path.endswith(".md") for path in content.paths),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A delivery that somebody outside sends until it is taken, and then perhaps again.

    again: seconds after the first time. contradicts: then with another body. marked: as the act of some run before.
    """

    number: int
    tenant: str
    at: float
    delivery: Delivery
    again: tuple[float, ...] = ()
    contradicts: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    at: float
    wanted: WantedFleet


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    changes: Sequence[Change]
    sendings: Sequence[Sending]
    parties: Sequence[Party] = ()
    poison: bool = field(default=False)


def scenario(random: Random, seconds: float = SECONDS) -> Scenario:
    poison = random.random() < 0.25
    changes = [change for tenant in TENANTS for change in _fleets(random, tenant, seconds, poison)]
    count = random.choice((10, 25, 40))
    sendings = _marked([_sending(random, number, seconds) for number in range(count)])
    return Scenario(changes=changes, sendings=sendings, parties=parties(random, TENANTS, seconds), poison=poison)


def _fleets(random: Random, tenant: str, seconds: float, poison: bool) -> list[Change]:
    woken = [_agent(random, skill) for skill in random.sample(SKILLS, random.choice((2, 3)))]
    first = WantedFleet(
        tenant=tenant,
        agents=[*woken, *agents(random)],
        rules=_rules(random, woken, poison),
        limits=_limits(random),
        blueprints=[blueprint(random, name) for name in NAMES],
    )
    changes = [Change(at=0.0, wanted=first)]
    wanted = first
    for _ in range(random.choice((0, 1, 2, 3))):
        wanted = _changed(random, wanted, poison)
        changes.append(Change(at=random.uniform(2.0, seconds), wanted=wanted))
    return sorted(changes, key=lambda change: change.at)


def _changed(random: Random, wanted: WantedFleet, poison: bool) -> WantedFleet:
    woken = [agent for agent in wanted.agents if not agent.name.startswith(PLANNING)]
    of_plans = wanted.agents[len(woken) :]
    match random.choice(("limits", "limits", "budget", "agent", "gone", "rules", "blueprints")):
        case "limits":
            return replace(wanted, limits=_limits(random))
        case "blueprints":
            return replace(wanted, blueprints=[blueprint(random, name) for name in NAMES])
        case "budget":
            woken[0] = _agent(random, woken[0].name)
            return replace(wanted, agents=[*woken, *of_plans])
        case "agent":
            skill = random.choice(SKILLS)
            if all(agent.name != skill for agent in woken):
                woken.append(_agent(random, skill))
        case "gone" if len(woken) > 1:
            woken.pop()
    return replace(wanted, agents=[*woken, *of_plans], rules=_rules(random, woken, poison))


def _agent(random: Random, skill: str) -> Agent:
    per_run = random.choice((60, 100, 150))
    return Agent(
        name=skill,
        skill="" if skill == AGENT else f"tests.simulation.skills:{skill}",
        remote=skill == AGENT,
        heartbeat_ms=HEARTBEAT_MS if skill == AGENT else 0,
        cooldown_ms=random.choice((0, 0, 0, 1_500)),
        model="simulated",
        budget=AgentBudget(
            tokens=per_run * random.choice((0, 2, 4, 20)),
            per_run=per_run,
            when_spent=random.choice((WHEN_SPENT_DEFER, WHEN_SPENT_DEFER, WHEN_SPENT_DROP, WHEN_SPENT_ASK)),
            warn_at=random.choice(((), (0.5, 0.9))),
            answer_ms=random.choice((4_000, 20_000)),
        ),
        max_instances=random.choice((1, 1, 2, 4)),
        timeout_ms=random.choice((3_000, 10_000)),
        attempts=random.choice((1, 2, 3)),
        backoff_ms=random.choice((50, 500, 2_000)),
        identities=[f"{skill}[bot]"],
        max_hops=random.choice((0, 1, 3)),
    )


def _limits(random: Random) -> Limits:
    return Limits(
        tenant_tokens=random.choice((0, 300, 800, 3_000)),
        execution_tokens=random.choice((0, 0, 150, 250)),
        warn_at=random.choice(((), (0.8,))),
        time_zone=random.choice(("", "", "Europe/Berlin")),
    )


def _rules(random: Random, agents: Sequence[Agent], poison: bool) -> list[Rule]:
    rules = [
        Rule(
            name=f"rule-{order}" if not (poison and order == 0) else TOO_LONG,
            order=order,
            sources=random.choice(([], ["github"], ["prometheus", "github"])),
            kinds=random.choice(([], ["pull_request.opened"], ["change.opened", "alert.firing"])),
            where=random.choice(("", "", *WHERE)),
            paths=random.choice(((), (), *PATHS)),
            paths_unknown=random.choice((PATHS_UNKNOWN_WAKE, PATHS_UNKNOWN_SKIP)),
            wake=random.choice(list(agents)).name,
            priority=random.choice((PRIORITY_UNSPECIFIED, PRIORITY_LOW, PRIORITY_HIGH, PRIORITY_CRITICAL)),
            labels=random.choice(({}, {}, {}, {"severity": LabelValues(values=["page", "warning"])})),
            cooldown=random.choice((None, None, Cooldown(by=["base_ref"], for_ms=3_000))),
            batch=random.choice((None, None, Batch(by=["repository"], window_ms=2_000, max=3))),
        )
        for order in range(random.choice((2, 4)))
    ]
    if random.random() < 0.4:
        _begin_a_plan(random, rules[-1])
    rules += [_timed(random, order, agents) for order in range(len(rules), len(rules) + random.choice((0, 1, 3)))]
    if poison:
        rules[0].sources[:], rules[0].kinds[:], rules[0].where = ["custom"], [], ""
        del rules[0].paths[:]
        # What is gathered leaves out names that are too long, and so is no poison.
        for agent in agents:
            agent.cooldown_ms = 0
        for rule in rules:
            rule.ClearField("cooldown")
            rule.ClearField("batch")
    return rules


def _begin_a_plan(random: Random, rule: Rule) -> None:
    """In the place of waking an agent, and of few signals only."""
    rule.ClearField("wake")
    rule.sources[:], rule.kinds[:] = ["prometheus"], []
    rule.start.CopyFrom(Start(blueprint=random.choice(NAMES), prompt=wish(random, 2)[0]))


def _timed(random: Random, order: int, agents: Sequence[Agent]) -> Rule:
    """A rule that watches time."""
    rule = Rule(name=f"timed-{order}", order=order, wake=random.choice(list(agents)).name, priority=PRIORITY_HIGH)
    opened, firing = Selector(kinds=["change.opened"]), Selector(sources=["prometheus"])
    match random.choice(("count", "sequence", "absence", "cron")):
        case "count":
            rule.pattern.CopyFrom(Pattern(steps=[opened], count=3, within_ms=15_000, by=["base_ref"]))
        case "sequence":
            rule.pattern.CopyFrom(Pattern(steps=[opened, firing], within_ms=10_000))
        case "absence":
            rule.absence.CopyFrom(Absence(of=firing, for_ms=random.choice((8_000, 20_000))))
        case "cron":
            rule.cron.CopyFrom(Cron(expression="1 0 * * *", time_zone=random.choice(("UTC", "Europe/Berlin"))))
    return rule


def _marked(sendings: Sequence[Sending]) -> list[Sending]:
    """Each with its tenant's word, and with a key that senders of two tenants may both give."""
    found, counted = [], Counter[str]()
    for one in sendings:
        one.delivery.content.title = mark(one.tenant)
        counted[one.tenant] += 1
        key = f"delivery-{counted[one.tenant]}" if one.delivery.key else ""
        found.append(replace(one, delivery=replace(one.delivery, key=key)))
    return found


def _sending(random: Random, number: int, seconds: float) -> Sending:
    source, kind, means = random.choice(
        (
            ("github", "pull_request.opened", "change.opened"),
            ("github", "push", "code.pushed"),
            ("prometheus", "alert.firing", "alert.firing"),
            ("custom", "custom.event", "system.event"),
        )
    )
    content = SignalContent(
        base_ref=random.choice(("main", "next")),
        repository="acme/app",
        number=number + 1,
        actor=random.choice(("person", "person", "instant[bot]", "slow[bot]")),
        draft=random.random() < 0.3,
        labels={"severity": "page"} if random.random() < 0.5 else {},
        paths=random.choice(([], ["src/a.py"], ["src/generated/b.py"], ["README.md", "src/c.py"])),
        paths_known=random.random() < 0.6,
    )
    delivery = Delivery(
        source=source,
        kind=kind,
        means=means,
        key="" if random.random() < 0.1 else f"delivery-{number}",
        content=content,
        # A name that no fleet has is a mistake of the sender's, which is kept where a person looks.
        target=random.choice((*SKILLS, "nobody")) if random.random() < 0.15 else "",
        priority=random.choice((PRIORITY_UNSPECIFIED, PRIORITY_LOW, PRIORITY_CRITICAL)),
    )
    return Sending(
        number=number,
        tenant=random.choice(TENANTS),
        at=random.uniform(0.5, seconds) if random.random() < 0.7 else seconds / 3,
        delivery=delivery,
        again=tuple(random.choice((0.0, 0.01, 1.0, 20.0)) for _ in range(random.choice((0, 0, 1, 2)))),
        contradicts=random.random() < 0.1,
        marked=random.random() < 0.2,
    )
