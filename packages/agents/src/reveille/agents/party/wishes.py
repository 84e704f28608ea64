"""A task as the party agents see it: people's words, facts in a known shape, and what was found before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from reveille.agents.party.amounts import Limit, limit_in, whole
from reveille.agents.party.catalogue import cities
from reveille.agents.reading import Vocabulary, clean, folded, vocabulary
from reveille.agents.task import Task

MOST_GUESTS: Final = 100_000
_MOST_TEXTS: Final = 200
_MOST_CHARACTERS: Final = 4_000
# Of a plan's budget, where nobody said what one thing may cost.
SHARES: Final[Mapping[str, float]] = {"venue": 0.35, "catering": 0.4, "cake": 0.1, "vendor": 0.15}
_CITIES: Final[Mapping[str, Sequence[str]]] = {
    "New York": ("new york city", "nyc", "manhattan", "brooklyn"),
    "Los Angeles": ("la california", "l a"),
    "San Francisco": ("san fran", "bay area"),
    "Munich": ("münchen", "muenchen"),
}
_DIETS: Final[Mapping[str, Sequence[str]]] = {
    "vegetarian": ("veggie", "meatless", "no meat"),
    "vegan": ("plant based", "plantbased"),
    "gluten-free": ("celiac", "coeliac", "no gluten", "without gluten", "gluten intolerant", "allergic to gluten"),
    "lactose-free": (
        "dairy allergy",
        "dairy free",
        "no dairy",
        "lactose intolerant",
        "milk allergy",
        "allergic to milk",
    ),
    "nut-free": ("nut allergy", "peanut allergy", "no nuts", "without nuts", "allergic to nuts", "allergic to peanuts"),
    "halal": (),
    "kosher": (),
}
# What only a fact about diets can mean by it: a nut cake is none for an allergy.
_ALLERGENS: Final[Mapping[str, Sequence[str]]] = {
    "gluten-free": ("gluten",),
    "lactose-free": ("lactose", "dairy", "milk"),
    "nut-free": ("nut", "peanut"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """texts: of the step's inputs, in order. What nobody said, or nobody can make sense of, is None, or "", or empty.

    diets: by diet how many guests keep it; None where nobody said how many. limit: a price in the step's own words.
    """

    texts: tuple[str, ...]
    guests: int | None
    budget: int | None
    city: str
    day: date | None
    age: int | None
    diets: Mapping[str, int | None]
    limit: Limit | None
    results: Mapping[str, Mapping[str, Any]]

    def allowance(self, step: str, *, guests: int, hours: int = 1) -> tuple[int, str] | None:
        """The most that the step may cost, and why so."""
        if self.limit is not None:
            times = {"guest": guests, "hour": hours}.get(self.limit.unit, 1)
            each = f" ({self.limit.amount} for each {self.limit.unit})" if self.limit.unit else ""
            return self.limit.amount * times, f"the limit of {self.limit.amount * times}{each}"
        if self.budget is None:
            return None
        share = SHARES[step]
        return int(self.budget * share), f"{share:.0%} of the budget of {self.budget}"

    def result_of(self, step: str) -> Mapping[str, Any]:
        """Empty where the step is not in the plan, or not done."""
        return self.results.get(step, {})


def wishes_of(task: Task) -> Wishes:
    texts = [one.text[:_MOST_CHARACTERS] for one in task.inputs[-_MOST_TEXTS:]]
    if isinstance(task.item, str):
        texts.append(task.item[:_MOST_CHARACTERS])
    facts = task.facts
    results = {str(step): found for step, result in task.results.items() if (found := _object(result))}
    # A step that is not told how many come may read it where another one was.
    counts = (facts.get("guests"), *(results[step].get("guests") for step in sorted(results)))
    guests = (whole(count, most=MOST_GUESTS) for count in counts)
    return Wishes(
        texts=tuple(texts),
        guests=next((count for count in guests if count is not None), None),
        budget=whole(facts.get("budget")),
        city=_city(facts.get("city"), texts),
        day=_day(facts.get("date")),
        age=whole(facts.get("age"), most=120),
        diets=_diets(facts.get("diet"), texts),
        limit=limit_in(texts, step=task.step),
        results=results,
    )


def text_in(found: Mapping[str, Any], key: str, most: int = 80) -> str:
    value = found.get(key)
    return clean(value, most) if isinstance(value, str) else ""


def texts_in(found: Mapping[str, Any], key: str, *, most: int = 6) -> list[str]:
    value = found.get(key)
    if not isinstance(value, list | tuple):
        return []
    return [clean(one, 60) for one in value if isinstance(one, str)][:most]


def _object(result: Any) -> Mapping[str, Any]:
    """Of a step that is done for each of a list, its first result."""
    if isinstance(result, list | tuple):
        return next((one for one in result if isinstance(one, Mapping)), {})
    return result if isinstance(result, Mapping) else {}


def _city(value: Any, texts: Sequence[str]) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("value")
    if isinstance(value, list | tuple) and value:
        value = value[-1]
    if isinstance(value, str) and (name := clean(value, 60)):
        known = _city_names().get(folded(name).strip()) or next(iter(_city_words().chosen([name])), None)
        return known or name
    named = _city_words().latest(texts)
    return named[-1] if named else ""


@cache
def _city_names() -> Mapping[str, str]:
    aliases = {folded(alias): city for city, names in _CITIES.items() for alias in names}
    return {**aliases, **{folded(city): city for city in cities()}}


@cache
def _city_words() -> Vocabulary:
    return vocabulary({city: _CITIES.get(city, ()) for city in cities()})


def _day(value: Any) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _diets(value: Any, texts: Sequence[str]) -> Mapping[str, int | None]:
    counted: list[tuple[str, Any]] = []
    if isinstance(value, Mapping):
        counted = [(str(name), count) for name, count in value.items()]
    elif isinstance(value, list | tuple):
        counted = [(name, None) for name in value if isinstance(name, str)]
    elif isinstance(value, str):
        counted = [(value, None)]
    found: dict[str, int | None] = {}
    for name, count in counted[:50]:
        for diet in dict.fromkeys(mention.key for mention in _diet_facts().mentions([name])):
            found[diet] = whole(count, most=MOST_GUESTS)
    for diet in _diet_words().chosen(texts):
        found.setdefault(diet, None)
    return dict(sorted(found.items()))


@cache
def _diet_words() -> Vocabulary:
    return vocabulary(_DIETS)


@cache
def _diet_facts() -> Vocabulary:
    return vocabulary({diet: (*words, *_ALLERGENS.get(diet, ())) for diet, words in _DIETS.items()})
