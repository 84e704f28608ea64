"""Which categories an input is of by its words, and which words leave that open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.analyzer.domain.reading.cues import NEGATING_PAIRS, NEGATION_ENDS, NEGATION_REACH, NEGATIONS
from reveille.analyzer.domain.reading.tokens import Token
from reveille.analyzer.domain.reading.vocabulary import Category, Hit

# An ambiguous word that its neighbours have settled, one that the plan's other inputs have, and one that nothing has.
SETTLED: Final = 0.85
BY_THE_PLAN: Final = 0.7
OPEN: Final = 0.5
# What one reading of a word must have, and have more than the next one, to be taken.
ENOUGH: Final = 2
AHEAD: Final = 2
NEAR: Final = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """scores: by category, of the words that can be of one category only, or that the input itself settles.

    open: words that it does not: by category how sure it would be. sure: categories of words that have one meaning.
    denied: there were words, and the input says that they are not wanted.
    """

    scores: Mapping[str, float]
    open: tuple[Mapping[str, float], ...]
    sure: frozenset[str]
    denied: bool


def evidence(
    tokens: Sequence[Token], hits: Sequence[Hit], categories: Mapping[str, Category], *, idioms: frozenset[int]
) -> Evidence:
    """idioms: tokens that mean something else together, as `sweet` in `sweet sixteen`."""
    all_hits = [hit for hit in hits if idioms.isdisjoint(range(hit.begin, hit.end))] if idioms else hits
    if not all_hits:
        return Evidence({}, (), frozenset(), False)
    wanted = [hit for hit in all_hits if not _negated(tokens, hit.begin, idioms)]
    heads = _without_modifiers(tokens, wanted)
    by_place: dict[tuple[int, int], list[Hit]] = defaultdict(list)
    for hit in heads:
        by_place[hit.begin, hit.end].append(hit)
    plain = [group[0] for group in by_place.values() if len(group) == 1]
    found: dict[tuple[str, int], float] = {(hit.category, hit.entry): hit.strength for hit in plain}
    left: list[Mapping[str, float]] = []
    for group in by_place.values():
        if len(group) == 1:
            continue
        settled = _settled(tokens, group, plain, categories)
        if settled is None:
            left.append({hit.category: hit.strength for hit in group})
        else:
            found.setdefault((settled.category, settled.entry), settled.strength * SETTLED)
    sure = frozenset(hit.category for hit in plain)
    return Evidence(_added(found), tuple(left), sure, bool(all_hits) and not wanted)


def together(confidences: Iterable[float]) -> float:
    """Each takes its part of the doubt that the others leave."""
    doubt = 1.0
    for one in confidences:
        doubt *= 1 - one
    return round(1 - doubt, 3)


def _added(found: Mapping[tuple[str, int], float]) -> dict[str, float]:
    by_category: dict[str, list[float]] = defaultdict(list)
    for (category, _), strength in found.items():
        by_category[category].append(strength)
    return {category: together(strengths) for category, strengths in by_category.items()}


def _without_modifiers(tokens: Sequence[Token], hits: list[Hit]) -> list[Hit]:
    """A word right before or behind another category's own name says what that is like: a garden theme is a theme."""
    kept: list[Hit] = []
    for hit in hits:
        if hit.own:
            kept.append(hit)
            continue
        head = _own_name_at(tokens, hit.end, hits) or _named_before(tokens, hit, hits)
        if head is None or head == hit.category:
            kept.append(hit)
    return kept


def _own_name_at(tokens: Sequence[Token], at: int, hits: Sequence[Hit]) -> str | None:
    return next((hit.category for hit in hits if hit.own and hit.begin == at), None)


def _named_before(tokens: Sequence[Token], hit: Hit, hits: Sequence[Hit]) -> str | None:
    """`theme: space` and `the theme is space` say it too."""
    at = hit.begin - 1
    if at < 0 or not (tokens[at].text in (":", "=") or tokens[at].text in ("is", "will", "be")):
        return None
    while at > 0 and tokens[at].text in ("be", "will", "is", ":", "="):
        at -= 1
    return next((other.category for other in hits if other.own and other.end == at + 1), None)


def _settled(
    tokens: Sequence[Token], group: Sequence[Hit], plain: Sequence[Hit], categories: Mapping[str, Category]
) -> Hit | None:
    """By what stands around it; None where that says too little."""
    begin, end = group[0].begin, group[0].end
    before = tokens[begin - 1].text if begin else ""
    after = tokens[end].text if end < len(tokens) else ""
    counted = after == "for" and _counts_people(tokens, end + 1)
    points: list[tuple[int, Hit]] = []
    for hit in group:
        category = categories[hit.category]
        score = 4 if before in category.own else 0
        others = [other for other in plain if other.category == hit.category]
        for other in others[:2]:
            apart = max(other.begin - end, begin - other.end)
            score += 3 if apart < NEAR and _one_clause(tokens, other, group[0]) else 2
        score += any(token.text in category.title for token in tokens)
        for context in category.contexts:
            score += max(context.before.get(before, 0), 0) + context.after.get(after, 0)
            score += 2 if counted and context.kind == "place" else 0
        points.append((score, hit))
    points.sort(key=lambda pair: -pair[0])
    best, second = points[0][0], points[1][0]
    if (best >= ENOUGH and best - second >= AHEAD) or (best and not second):
        return points[0][1]
    return None


def _counts_people(tokens: Sequence[Token], at: int) -> bool:
    return any(token.kind == "number" for token in tokens[at : at + 2])


def _one_clause(tokens: Sequence[Token], one: Hit, other: Hit) -> bool:
    begin, end = min(one.end, other.end), max(one.begin, other.begin)
    return not any(token.kind == "break" for token in tokens[begin:end])


def _negated(tokens: Sequence[Token], at: int, idioms: frozenset[int]) -> bool:
    """`no cake`, `without any balloons`, `instead of the buffet`; not `don't forget the cake`."""
    for place in range(at - 1, max(-1, at - 1 - NEGATION_REACH), -1):
        token = tokens[place]
        if token.kind == "break" or token.text == "&":
            return False
        following = tokens[place + 1].text
        if following in NEGATING_PAIRS.get(token.text, ()):
            return True
        if token.text in NEGATIONS and place not in idioms:
            return True
        if token.text in NEGATION_ENDS:
            return False
    return False
