"""The shipped blueprint `party`, and inputs for it."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from reveille.analyzer.domain.inputs import Given
from reveille.analyzer.domain.reading.reading import Reader
from reveille.analyzer.domain.understanding import Understood, understood
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, BlueprintStep, Category
from reveille.kernel.ids import derive
from tests.unit.manual_clock import NOON


@cache
def party() -> Blueprint:
    file = yaml.safe_load(files("reveille.ingress.fleets").joinpath("party.yaml").read_text())
    steps = [_step(name, step) for name, step in file["steps"].items()]
    return Blueprint(name=file["blueprint"], title=file["title"], steps=steps, facts=file["facts"])


def _step(name: str, step: Mapping[str, Any]) -> BlueprintStep:
    words = Category(words=step["category"]["words"])
    return BlueprintStep(name=name, title=step.get("title", ""), agent=step["agent"], category=words)


def blueprint(*, facts: Sequence[str] = (), **words: Sequence[str]) -> Blueprint:
    """By step its words."""
    steps = [BlueprintStep(name=name, category=Category(words=listed)) for name, listed in words.items()]
    return Blueprint(name="b", steps=steps, facts=facts)


@cache
def reader() -> Reader:
    return Reader(party())


def given(text: str, *tags: str, number: int = 0, at: int = NOON) -> Given:
    return Given(
        input_id=f"i-{number}",
        ref=EventRef(stream="t.inputs-e", revision=number),
        digest=derive("digest", text, *sorted(tags)),
        text=text,
        tags=tags,
        at=at,
    )


def meaning(
    *inputs: str | Given, of: Blueprint | None = None, parameters: Mapping[str, Any] | None = None
) -> Understood:
    """Of inputs that came in this order."""
    said = [given(one, number=number) if isinstance(one, str) else one for number, one in enumerate(inputs)]
    return understood(said, parameters or {}, reader() if of is None else Reader(of), at=NOON)


def categories(understood: Understood, number: int = 0) -> list[str]:
    return [name for name, _ in understood.inputs[number].scores]
