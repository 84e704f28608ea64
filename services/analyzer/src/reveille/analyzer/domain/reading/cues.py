"""What stands beside a word that may mean two things: places are rented and have room for people, topics are loved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Context:
    """A kind of things. names: a category called so is of it, or one with two of these words.

    before, after: how much a word says for it that stands right before, or right behind.
    """

    kind: str
    names: frozenset[str]
    before: Mapping[str, int]
    after: Mapping[str, int]


def _weighed(**words: str) -> dict[str, int]:
    weights = {"certain": 4, "strong": 3, "weak": 1}
    return {word: weights[weight] for weight, text in words.items() for word in text.split()}


PLACES: Final = Context(
    kind="place",
    names=frozenset(
        ["venue", "location", "place", "site", "room", "hall", "office", "studio", "indoor", "outdoor", "accommodation"]
    ),
    before=_weighed(
        certain="event rent renting hire hiring function parking",
        strong="meeting party book booking need needs more enough outdoor indoor private large big bigger small "
        "smaller open covered rental reception suitable affordable cheap available heated playing green find finding",
        weak="a an the any this that some own our nice same",
    ),
    after=_weighed(
        certain="rental hire capacity seating",
        strong="available near downtown where that which inside outside outdoors indoors to",
        weak="for in at with is under",
    ),
)
TOPICS: Final = Context(
    kind="topic",
    names=frozenset(["theme", "topic", "style", "motif", "design", "subject", "genre", "mood", "decor", "decoration"]),
    before=_weighed(
        certain="outer deep",
        strong="loves love loved likes adores into about like",
        weak="",
    ),
    after=_weighed(
        certain="themed inspired motif",
        strong="party parties birthday bday decor decoration decorations adventure ship ships shuttle rocket rockets "
        "station explorer explorers astronaut astronauts mission style styled costume costumes bash celebration "
        "instead lovers fans fan travel colours colors idea ideas concept",
        weak="",
    ),
)
CONTEXTS: Final = (PLACES, TOPICS)

# They take what follows them out again.
NEGATIONS: Final = frozenset(
    {
        "no",
        "not",
        "without",
        "skip",
        "except",
        "minus",
        "drop",
        "nor",
        "neither",
        "never",
        "cancel",
        "against",
        "remove",
    }
)
# With what follows in the set they are negations too: `instead of balloons`, `we don't need a cake`.
NEGATING_PAIRS: Final[Mapping[str, frozenset[str]]] = {
    "instead": frozenset({"of"}),
    "rather": frozenset({"than"}),
    "dont": frozenset({"need", "want", "like", "have", "include", "do", "require", "serve", "book"}),
    "doesnt": frozenset({"need", "want", "like", "have", "include", "require"}),
    "not": frozenset({"need", "want", "like", "have", "include", "require"}),
    "wont": frozenset({"need", "have", "want"}),
    "get": frozenset({"rid"}),
}
# What they do not reach over.
NEGATION_ENDS: Final = frozenset(
    [
        "in",
        "on",
        "at",
        "for",
        "with",
        "but",
        "about",
        "sure",
        "only",
        "too",
        "and",
        "so",
        "because",
        "just",
        "than",
        "forget",
        "later",
        "decided",
        "yet",
        "worry",
        "before",
        "until",
    ]
)
NEGATION_REACH: Final = 4
