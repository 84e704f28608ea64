"""Random blueprints, the agents of their steps, and what people's words mean in them, as a checker knows it."""

import json
import random as random_
from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import (
    WHEN_SPENT_ASK,
    WHEN_SPENT_DEFER,
    WHEN_SPENT_DROP,
    Agent,
    AgentBudget,
    Blueprint,
)
from tests.property import plans
from tests.simulation import scenes

NAMES: Final = ("house", "garden", *scenes.NAMES)
# What the agents of plans are called begins with it.
PLANNING: Final = "p-"
UNDOING: Final = f"{PLANNING}undo"
SKILLS: Final = ("swift", "slow", "faulty", "rash", "undo")
# One for each step, in order; none is near another one.
WORDS: Final = ("kettle", "umbrella", "walnut", "zeppelin", "mosaic", "quarry")
FACTS: Final[Mapping[str, Sequence[Any]]] = {
    "guests": (20, 35, 75),
    "budget": (1, 4, 120.5),
    "city": ("Austin", "Reno"),
}
# What each condition means, said a second time.
CONDITIONS: Final[Mapping[str, Callable[[Mapping[str, Any], Collection[str]], bool]]] = {
    '"s0" in categories': lambda facts, categories: "s0" in categories,
    "facts.guests > 30": lambda facts, categories: facts.get("guests", 0) > 30,
    "size(categories) > 1": lambda facts, categories: len(categories) > 1,
}


def blueprint(random: Random, name: str) -> Blueprint:
    if name in scenes.NAMES:
        return scenes.scene(random, name, {skill: f"{PLANNING}{skill}" for skill in SKILLS})
    made = plans.blueprint(random, random.choice((3, 4, 5)))
    made.name = name
    for word, step in zip(WORDS, made.steps, strict=False):
        if step.HasField("category"):
            step.category.words[:] = [word]
        if step.when:
            step.when = random.choice(list(CONDITIONS))
        step.agent = f"{PLANNING}{random.choice(('swift', 'swift', 'slow', 'faulty'))}"
        step.priority = random.choice((0, 1, 2, 3))
        step.attempts = random.choice((0, 0, 2))
        step.compensate = UNDOING if random.random() < 0.4 else ""
    return made


def agents(random: Random) -> list[Agent]:
    return [_agent(random, skill) for skill in SKILLS]


def _agent(random: Random, skill: str) -> Agent:
    tokens = 0 if skill == "undo" else random.choice((0, 0, 0, 0, 30))
    return Agent(
        name=f"{PLANNING}{skill}",
        skill=f"tests.simulation.plan_skills:{skill}",
        model="offline",
        budget=AgentBudget(
            tokens=tokens * random.choice((0, 4, 20)),
            per_run=tokens,
            when_spent=random.choice((WHEN_SPENT_DEFER, WHEN_SPENT_DEFER, WHEN_SPENT_DROP, WHEN_SPENT_ASK)),
        ),
        max_instances=random.choice((1, 4, 16)),
        timeout_ms=random.choice((3_000, 10_000)),
        attempts=random.choice((2, 3, 4)),
        backoff_ms=random.choice((50, 500)),
        max_hops=3,
    )


def wish(random: Random, steps: int) -> tuple[str, tuple[str, ...]]:
    """A text and its tags: about some steps, or none, and perhaps with facts."""
    words = random.sample(WORDS[:steps], random.choice((0, 1, 1, 2, 2)))
    text = f"{' and '.join(words) or 'something blue'} for {random.choice(('anna', 'berta', 'clara'))}"
    tags = [f"s{random.randrange(steps)}"] if random.random() < 0.15 else []
    if random.random() < 0.5:
        fact = random.choice(list(FACTS))
        tags.append(f"{fact}:{random.choice(FACTS[fact])}")
    if random.random() < 0.1:
        tags.append("unheard")
    if random.random() < 0.05:
        tags.append(scenes.STRUCK)
    return text, tuple(tags)


def parameters(random: Random) -> dict[str, Any]:
    return {fact: random.choice(values) for fact, values in FACTS.items() if random.random() < 0.2}


def categories_of(made: Blueprint, text: str, tags: Sequence[str]) -> tuple[str, ...]:
    """Of the blueprint's steps; tags that name some overrule the words."""
    known = {step.name: step for step in made.steps if step.HasField("category")}
    if made.departments:
        return () if scenes.STRUCK in tags else tuple(known)
    chosen = tuple(name for name in known if name in tags)
    words = set(text.split())
    return chosen or tuple(name for name, step in known.items() if words & set(step.category.words))


def facts_of(told: Mapping[str, Any], tags_in_order: Sequence[Sequence[str]]) -> dict[str, Any]:
    """told: parameters, which come before all inputs; what is said last counts."""
    facts = dict(told)
    for tags in tags_in_order:
        for tag in tags:
            fact, separator, value = tag.partition(":")
            if separator:
                facts[fact] = next(one for one in FACTS[fact] if str(one) == value)
    return facts


def as_read(texts: Sequence[str], facts: Mapping[str, Any], results: Mapping[str, Any], item: Any) -> str:
    """All that an agent is given, in one line."""
    return json.dumps([list(texts), dict(facts), dict(results), item], sort_keys=True)


def result_of(step: str, read: str) -> dict[str, Any]:
    """What any agent of plans comes to: it follows from the step and what it reads, and is often the same."""
    if scenes.role_of(step) is not None:
        return scenes.answer(step, read)
    texts, facts, results, item = json.loads(read)
    found = plans.result_of(step, texts, facts, results, item)
    if random_.Random(read).random() < 0.3:
        found["recommendations"] = [{"priority": "low", "description": f"look at {step} again"}]
    return found


def never_done(step: str, read: str) -> bool:
    """A faulty agent fails with it, however often it is tried."""
    return random_.Random(f"never {step} {read}").random() < 0.15
