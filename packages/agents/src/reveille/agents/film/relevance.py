"""How much of a prompt is a department's business, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from reveille.agents.film.lexicon import wordlist
from reveille.agents.film.premise import Premise
from reveille.agents.film.telltale import STOP
from reveille.agents.film.wording import listed, stem, words_in
from reveille.agents.reading import Vocabulary, vocabulary

# What one, two, three of its words make it; further ones add little.
_BY_WORDS: Final = (0.0, 0.4, 0.6, 0.75, 0.85, 0.9)
_LEAST_PREFIX: Final = 5
_MOST_BEHIND: Final = 4
# By what a department is called, or its words are: what else of a prompt it has to do with.
_TOPICS: Final = ("story", "character", "visual")
_ACTION: Final = wordlist("action")
_INNER: Final = wordlist("inner")
_SEEN: Final = wordlist("seen")


@dataclass(frozen=True, slots=True)
class Relevance:
    score: float
    reason: str


def relevance_of(premise: Premise, name: str, department: Mapping[str, Any]) -> Relevance:
    """0 to 1: of its own words in the prompt, and of what the prompt is about."""
    words = [one for one in department.get("words") or () if isinstance(one, str)]
    named = _named(premise.text, tuple(words))
    score = _BY_WORDS[min(len(named), len(_BY_WORDS) - 1)]
    reasons = [f"the prompt speaks of {listed(named[:5])}"] if named else []
    for topic in _topics(name, department):
        more, why = _ABOUT_THE_PROMPT[topic](premise)
        if more > 0:
            score += more
            reasons.append(why)
    if not reasons:
        asked = f"none of its words ({', '.join(words[:5])})" if words else "nothing that it is for"
        return Relevance(0.0, f"{asked} is in the prompt")
    return Relevance(round(min(1.0, score), 2), "; ".join(reasons))


def _named(text: str, words: Sequence[str]) -> list[str]:
    """Those that it names and does not refuse: other endings and a wrong letter aside."""
    refused = {mention.key for mention in _vocabulary(tuple(words)).mentions([text]) if mention.refused}
    found = dict.fromkeys(_vocabulary(tuple(words)).chosen([text]))
    spoken = words_in(text)
    stems = {stem(word) for word in spoken if word not in STOP}
    for word in words:
        parts = [stem(part) for part in words_in(word)]
        if parts and word not in refused and all(_is_among(part, stems) for part in parts):
            found.setdefault(word)
    return list(found)


def _is_among(part: str, stems: set[str]) -> bool:
    """`drama` is in `dramatic`, and `motiv` in `motivation`; `light` is not in `lighthouse`."""
    if part in stems:
        return True
    return len(part) >= _LEAST_PREFIX and any(
        (one.startswith(part) or part.startswith(one))
        and abs(len(one) - len(part)) <= _MOST_BEHIND
        and len(one) >= _LEAST_PREFIX
        for one in stems
    )


@lru_cache(maxsize=64)
def _vocabulary(words: tuple[str, ...]) -> Vocabulary:
    return vocabulary(dict.fromkeys(words, ()))


def _topics(name: str, department: Mapping[str, Any]) -> list[str]:
    """By what it is called; where that says nothing, by its specialists' names and at least two of its words."""
    called = set(words_in(name.replace("-", " "))) | set(words_in(str(department.get("title") or "")))
    topics = [topic for topic in _TOPICS if called & wordlist(f"about_{topic}")]
    if topics:
        return topics[:1]
    own = {word for one in department.get("words") or () if isinstance(one, str) for word in words_in(one)}
    counts = {topic: len(own & wordlist(f"about_{topic}")) for topic in _TOPICS}
    best = max(counts, key=lambda topic: counts[topic])
    return [best] if counts[best] >= 2 else []


def _of_story(premise: Premise) -> tuple[float, str]:
    stems = _stems(premise)
    acts = [word for word in sorted(_ACTION) if stem(word) in stems]
    happening = (
        bool(premise.people) and len(premise.words) > len({w for one in premise.people for w in words_in(one.role)}) + 1
    )
    wished = bool(premise.twist or premise.ending)
    met = sum(mention.count for mention in premise.people) > 1 and not happening
    score = 0.35 * happening + 0.3 * met + 0.15 * min(2, len(acts)) + 0.1 * wished
    why = [
        *(["something happens to people"] if happening else []),
        *(["people meet"] if met else []),
        *([f"there is {listed(acts[:3])}"] if acts else []),
        *(["it is to have an ending of its own"] if wished else []),
    ]
    return score, listed(why)


def _of_character(premise: Premise) -> tuple[float, str]:
    stems = _stems(premise)
    people = sum(mention.count for mention in premise.people)
    inner = [word for word in sorted(_INNER) if stem(word) in stems]
    related = any(mention.owned or mention.kind == "family" for mention in premise.people)
    score = (0.0, 0.2, 0.35, 0.45, 0.5)[min(4, people)] + 0.1 * min(2, len(inner)) + 0.1 * related
    roles = [mention.name or mention.role for mention in premise.people]
    why = [
        *([f"it has people in it: {listed(roles[:3])}"] if people else []),
        *([f"they feel something: {listed(inner[:3])}"] if inner else []),
    ]
    return score, "; ".join(why)


def _of_visual(premise: Premise) -> tuple[float, str]:
    stems = _stems(premise)
    seen = [word for word in sorted(_SEEN) if stem(word) in stems]
    where = [what for what in (premise.place, premise.weather, premise.time) if what]
    score = 0.15 * len(where) + 0.15 * min(3, len(seen)) + 0.2 * premise.silent
    why = [
        *([f"there is something to see: {listed(where)}"] if where else []),
        *([f"it names {listed(seen[:3])}"] if seen else []),
    ]
    return score, "; ".join(why) or "it is told without words"


def _stems(premise: Premise) -> frozenset[str]:
    words = words_in(premise.text)
    # `no dialogue`, `without camera moves`.
    refused = {other for one, other in pairwise(words) if one in ("no", "without", "not")}
    return frozenset(stem(word) for word in words if word not in refused)


_ABOUT_THE_PROMPT: Final = {"story": _of_story, "character": _of_character, "visual": _of_visual}
