"""Who may not eat what: `two guests are vegetarian`, `nut-free`, `my son is allergic to peanuts and milk`."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reveille.analyzer.domain.reading.forms import distance
from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.passage import PEOPLE, PLAIN, Passage, Read

VEGETARIAN, VEGAN, GLUTEN_FREE, NUTS = "vegetarian", "vegan", "gluten-free", "nut allergy"
LACTOSE_FREE, HALAL, KOSHER = "lactose-free", "halal", "kosher"
KINDS: Final = (VEGETARIAN, VEGAN, GLUTEN_FREE, NUTS, LACTOSE_FREE, HALAL, KOSHER)

_NAMES: Final = {
    "vegetarian": VEGETARIAN,
    "vegetarians": VEGETARIAN,
    "veggie": VEGETARIAN,
    "meatless": VEGETARIAN,
    "meatfree": VEGETARIAN,
    "vegan": VEGAN,
    "vegans": VEGAN,
    "celiac": GLUTEN_FREE,
    "celiacs": GLUTEN_FREE,
    "coeliac": GLUTEN_FREE,
    "coeliacs": GLUTEN_FREE,
    "glutenfree": GLUTEN_FREE,
    "nutfree": NUTS,
    "dairyfree": LACTOSE_FREE,
    "lactosefree": LACTOSE_FREE,
    "halal": HALAL,
    "kosher": KOSHER,
}
_STUFFS: Final = {
    **dict.fromkeys(("gluten", "wheat"), GLUTEN_FREE),
    **dict.fromkeys(("nut", "nuts", "peanut", "peanuts", "hazelnut", "hazelnuts", "almonds", "walnuts"), NUTS),
    **dict.fromkeys(("lactose", "dairy", "milk"), LACTOSE_FREE),
    "meat": VEGETARIAN,
}
_AVOIDED: Final = frozenset(words("""free intolerant intolerance allergy allergies allergic sensitive sensitivity"""))
_AVOIDING: Final = frozenset({"no", "without", "avoid", "avoids"})
_BESIDES: Final = frozenset(words("any all tree some to eat the every"))
_DENIED: Final = frozenset({"no", "not", "non", "nobody", "none", "isnt", "arent"})
_LINKS: Final = frozenset(
    words(
        """of us them the our my are is r be being will who that with have has having a an eat eats only need needs
        want wants require requires requiring prefer prefers also strictly strict severe food they"""
    )
)
_VERBS: Final = frozenset(
    words(
        """are is r be being who that with have has having eat eats need needs want wants require requires requiring
        prefer prefers"""
    )
)
_FOODS: Final = frozenset(
    words(
        """food foods buffet menu option options meal meals dish dishes catering cake cakes snack snacks choice
        choices"""
    )
)
_REACH: Final = 8


def read(passage: Passage) -> Read:
    found: dict[str, int | None] = {}
    used, idioms = set[int](), set[int]()
    at = 0
    while at < len(passage.tokens):
        kind, length = _kind(passage, at)
        if kind is None:
            at += 1
            continue
        if passage.text(at) in _AVOIDING:
            idioms.add(at)
        if not _denied(passage, at):
            count, place = _count(passage, at, at + length, used)
            if count is not None:
                used.add(place)
            if count is not None or kind not in found:
                found[kind] = count
        for also, more in _listed(passage, at, length):
            found.setdefault(also, None)
            length = more
        used.update(range(at, at + length))
        at += length
    return Read(found or None, PLAIN, frozenset(used), frozenset(idioms))


def given(passage: Passage) -> Any:
    return read(passage).value


def merged(values: Iterable[Mapping[str, int | None]]) -> dict[str, int | None] | None:
    """A later count of the same diet beats an earlier one; that somebody has it takes no count back."""
    found: dict[str, int | None] = {}
    for value in values:
        for kind, count in value.items():
            if count is not None or kind not in found:
                found[kind] = count
    return {kind: found[kind] for kind in KINDS if kind in found} or None


def _kind(passage: Passage, at: int) -> tuple[str | None, int]:
    word, following = passage.text(at), passage.text(at + 1)
    if passage.kind(at) != "word":
        return None, 0
    if word in _NAMES:
        return _NAMES[word], 2 if following == "disease" else 1
    if word.startswith("veg") and len(word) >= 8 and min(_far(word, "vegetarian"), _far(word, "vegetarians")) <= 2:
        return VEGETARIAN, 1
    if word in _STUFFS and following in _AVOIDED:
        return _STUFFS[word], 2
    if word in _AVOIDING or (word == "eat" and passage.text(at - 1) in ("dont", "doesnt", "cant", "not")):
        place = _over(passage, at + 1)
        # `no meat lovers` or `no milk chocolate` are no diets; `no nuts please` is one.
        if passage.text(place) in _STUFFS and passage.text(place + 1) not in ("chocolate", "lovers", "shake", "shakes"):
            return _STUFFS[passage.text(place)], place + 1 - at
    if word in ("allergic", "intolerant", "allergy", "allergies", "intolerance") and following in ("to", ":"):
        place = _over(passage, at + 2)
        if passage.text(place) in _STUFFS:
            return _STUFFS[passage.text(place)], place + 1 - at
    return None, 0


def _far(word: str, other: str) -> int:
    return distance(word, other, 2)


def _over(passage: Passage, at: int) -> int:
    while passage.text(at) in _BESIDES:
        at += 1
    return at


def _listed(passage: Passage, at: int, length: int) -> list[tuple[str, int]]:
    """Of `allergic to nuts, eggs and milk` what stands behind the first; with where the list ends."""
    found: list[tuple[str, int]] = []
    place = at + length
    while passage.text(place) in (",", "and", "or", "&"):
        nxt = _over(passage, place + 1)
        if passage.text(nxt) not in _STUFFS or passage.text(nxt + 1) in _AVOIDED:
            break
        place = nxt + 1
        found.append((_STUFFS[passage.text(nxt)], place - at))
    return found


def _denied(passage: Passage, at: int) -> bool:
    return passage.text(at - 1) in _DENIED or (
        passage.text(at - 1) in ("a", "is", "are", "any") and passage.text(at - 2) in _DENIED
    )


def _count(passage: Passage, begin: int, end: int, used: set[int]) -> tuple[int | None, int]:
    """How many have it, and where that stands; None where it does not."""
    if passage.text(end) in (":", "x", "(", "="):
        after = passage.number(end + 1)
        if after is not None:
            return after, end + 1
    verb = people = offered = False
    if passage.text(begin) == "eat":
        begin -= 2 if passage.text(begin - 1) == "not" else 1
        verb = True
    for at in range(begin - 1, max(-1, begin - 1 - _REACH), -1):
        word = passage.text(at)
        number = None if at in used else passage.number(at)
        if number is not None:
            fits = 0 < number < 100_000 and (verb or not people) and not (people and offered)
            return (number, at) if fits else (None, at)
        if word in PEOPLE:
            people = True
        elif word not in _LINKS:
            return None, at
        elif not people:
            verb = verb or word in _VERBS
            offered = offered or (word == "with" and passage.text(end) in _FOODS)
    return None, begin
