"""What the film agents know: kinds of people, places, conflicts, lines, shots and lights, written for them."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

_ENTRIES: Final = "entries"


@cache
def entries(name: str) -> Any:
    """The JSON of one file, read once. Whoever reads it changes nothing in it."""
    file = files("reveille.agents.film") / _ENTRIES / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


@cache
def wordlist(name: str) -> frozenset[str]:
    """A list of words that go together: those that hold sentences together, those of actions, of light."""
    return frozenset(entries("words")[name].split())


@cache
def kinds_of_people() -> Mapping[str, tuple[str, str]]:
    """By noun: its kind (`worker`), and `she`, `he` or `any`."""
    return {
        noun: (kind, gender)
        for kind, genders in entries("people").items()
        for gender, nouns in genders.items()
        for noun in nouns
    }


@cache
def verbs() -> frozenset[str]:
    """Base forms, and those that follow `she`."""
    base: Sequence[str] = entries("verbs")
    return frozenset((*base, *map(_third_person, base), *wordlist("auxiliaries")))


@cache
def things() -> frozenset[str]:
    return frozenset(entries("things"))


def _third_person(verb: str) -> str:
    if verb == "have":
        return "has"
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"
