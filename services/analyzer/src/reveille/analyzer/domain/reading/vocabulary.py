"""A blueprint's words, made ready to be found in what people write."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from reveille.analyzer.domain.reading.common_words import COMMON
from reveille.analyzer.domain.reading.cues import CONTEXTS, Context
from reveille.analyzer.domain.reading.forms import derived, distance, edits_allowed, plurals
from reveille.analyzer.domain.reading.tokens import Token, tokens_of
from reveille.contracts.ingress.v1.events_pb2 import Blueprint

EXACT: Final = 0.8
INFLECTED: Final = 0.7
MISSPELT: Final = 0.6
# Words that were looked up; people use the same ones again and again.
KEPT: Final = 20_000
# Of a step's title, these say nothing.
EMPTY_WORDS: Final = frozenset({"and", "or", "of", "the", "a", "an", "for", "other", "with", "to", "in", "your"})


# By entry and place in it how surely.
_Places = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Category:
    """name: its step's. own: the words of that name, in their forms. title: further words that the step is called by.

    contexts: kinds of things that it may be one of.
    """

    name: str
    own: frozenset[str]
    title: frozenset[str]
    contexts: tuple[Context, ...]


class Part(NamedTuple):
    """What one written word may be of a listed word or phrase: its `place` in it, and how surely."""

    entry: int
    place: int
    strength: float


class Hit(NamedTuple):
    """A category's word at these tokens. own: it is the category's name."""

    category: str
    begin: int
    end: int
    strength: float
    own: bool
    entry: int


class Vocabulary:
    """Of one blueprint. Pure in what it answers; it keeps what it has looked up."""

    def __init__(self, blueprint: Blueprint) -> None:
        steps = [step for step in blueprint.steps if step.HasField("category")]
        self.categories: Mapping[str, Category] = {
            step.name: _category(step.name, step.title, step.category.words) for step in steps
        }
        self._unfiled = deque(steps)
        # By entry: its category, and how many words it has.
        self._entries: list[tuple[str, int]] = []
        # By form. One category's word is no form of another's: what is in the first is not looked for in the second.
        self._exact: dict[str, _Places] = {}
        self._inflected: dict[str, _Places] = {}
        # By the first letter the forms that can be misspelt, each with the letters that it has.
        self._near: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._looked_up: OrderedDict[str, tuple[Part, ...]] = OrderedDict()

    def prepare(self) -> bool:
        """Make the words of one more step ready; False where all are. Whoever asks sooner waits for it."""
        if not self._unfiled:
            return False
        step = self._unfiled.popleft()
        for words in dict.fromkeys(_words(text) for text in step.category.words):
            if words:
                self._file(step.name, words)
        return bool(self._unfiled)

    def _file(self, category: str, words: Sequence[str]) -> None:
        entry = len(self._entries)
        self._entries.append((category, len(words)))
        for place, word in enumerate(words):
            for form in dict.fromkeys(plurals(word)):
                self._add(self._exact, form)[entry, place] = EXACT
            for form in dict.fromkeys(derived(word)):
                self._add(self._inflected, form)[entry, place] = INFLECTED

    def _add(self, forms: dict[str, _Places], form: str) -> _Places:
        if edits_allowed(len(form)) and form not in self._exact and form not in self._inflected:
            self._near[form[0]].append((form, _letters(form)))
        return forms.setdefault(form, {})

    def _parts(self, form: str) -> tuple[Part, ...]:
        places = self._exact.get(form) or self._inflected.get(form) or {}
        return tuple(Part(entry, place, strength) for (entry, place), strength in places.items())

    def hits(self, tokens: Sequence[Token]) -> list[Hit]:
        """Each listed word and phrase that stands in the text, without those that are part of a longer one."""
        while self.prepare():
            pass
        found: dict[tuple[str, int, int], Hit] = {}
        longest = 1
        for at, token in enumerate(tokens):
            if token.kind not in ("word", "number"):
                continue
            for part in self._look_up(token.text):
                if part.place:
                    continue
                category, length = self._entries[part.entry]
                strength = self._rest(part, length, tokens, at) if length > 1 else part.strength
                if not strength:
                    continue
                own = length == 1 and token.text in self.categories[category].own
                hit = Hit(category, at, at + length, strength, own, part.entry)
                before = found.get((category, at, at + length))
                if before is None or before.strength < strength:
                    found[category, at, at + length] = hit
                longest = max(longest, length)
        hits = list(found.values())
        if longest == 1:
            return hits
        return [one for one in hits if not any(_inside(one, other) for other in hits)]

    def _rest(self, first: Part, length: int, tokens: Sequence[Token], at: int) -> float:
        strength = first.strength
        for place in range(1, length):
            if at + place >= len(tokens):
                return 0
            parts = [
                part.strength
                for part in self._look_up(tokens[at + place].text)
                if part.entry == first.entry and part.place == place
            ]
            if not parts:
                return 0
            strength = min(strength, *parts)
        return strength

    def _look_up(self, word: str) -> tuple[Part, ...]:
        found = self._looked_up.get(word)
        if found is None:
            found = self._looked_up[word] = self._parts(word) or self._misspelt(word)
            if len(self._looked_up) > KEPT:
                self._looked_up.popitem(last=False)
        return found

    def _misspelt(self, word: str) -> tuple[Part, ...]:
        """What it is a typing error of. Words of different categories that are equally near: of none of them."""
        if len(word) < 4 or not word.isalpha() or is_common(word):
            return ()
        nearest, found = 3, list[str]()
        has = _letters(word)
        swapped = [pair for pair in self._near.get(word[1], ()) if pair[0][1:2] == word[0]]
        for form, letters in (*self._near.get(word[0], ()), *swapped):
            most = edits_allowed(len(form))
            # An edit takes one letter away at the most, and brings another one.
            if abs(len(form) - len(word)) > most or (has ^ letters).bit_count() > 2 * most:
                continue
            far = distance(word, form, most)
            if far <= most and far <= nearest:
                found = [form] if far < nearest else [*found, form]
                nearest = far
        categories = {frozenset(self._entries[part.entry][0] for part in self._parts(form)) for form in found}
        if len(categories) != 1:
            return ()
        parts = dict.fromkeys((part.entry, part.place) for form in found for part in self._parts(form))
        return tuple(Part(entry, place, MISSPELT) for entry, place in parts)


def is_common(word: str) -> bool:
    """A word of English, or a form of one."""
    if word in COMMON:
        return True
    for ending, instead in (
        ("s", ""),
        ("es", ""),
        ("d", ""),
        ("ed", ""),
        ("ing", ""),
        ("ing", "e"),
        ("ies", "y"),
        ("ly", ""),
    ):
        if word.endswith(ending) and word[: -len(ending)] + instead in COMMON:
            return True
    return False


def _letters(word: str) -> int:
    """A bit for each letter that it has."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 63)
    return found


def _inside(one: Hit, other: Hit) -> bool:
    longer = other.end - other.begin > one.end - one.begin
    return longer and other.begin <= one.begin and one.end <= other.end


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens_of(text) if token.kind in ("word", "number"))


def _category(name: str, title: str, words: Iterable[str]) -> Category:
    called = frozenset(_words(name.replace("_", " ").replace("-", " ")))
    own = frozenset(form for word in called for form in derived(word))
    told = frozenset(form for word in _words(title) if word not in EMPTY_WORDS for form in plurals(word)) - own
    listed = frozenset(word for text in words for word in _words(text))
    contexts = tuple(one for one in CONTEXTS if one.names & called or len(one.names & listed) > 1)
    return Category(name, own, told, contexts)
