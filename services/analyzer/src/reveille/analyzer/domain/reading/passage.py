"""What someone reads facts out of: the pieces of a text, and what others have read out of them before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.tokens import Token

# How plainly a text says a fact: outright, in passing, or only perhaps.
OUTRIGHT: Final = 2
PLAIN: Final = 1
PERHAPS: Final = 0

PEOPLE: Final = frozenset(
    words(
        """guest guests people ppl person persons kid kids child children adult adults friend friends attendee
        attendees participant participants head heads pax invitee invitees folk folks toddler toddlers teen teens
        teenager teenagers boy boys girl girls colleague colleagues coworker coworkers classmate classmates employee
        employees student students visitor visitors cousin cousins relative relatives parent parents babies grownups
        souls women men ladies mates buddies preschoolers kiddos peoples guets gusts"""
    )
)
ABOUT: Final = frozenset(
    words("""about around approximately approx roughly circa maybe nearly almost some up to max at most ca""")
)


@dataclass(frozen=True, slots=True)
class Read:
    """used: tokens that are part of it, at which others need not look. idioms: of these, words of no category."""

    value: Any
    rank: int = PLAIN
    used: frozenset[int] = frozenset()
    idioms: frozenset[int] = frozenset()


NOTHING: Final = Read(None)


@dataclass(slots=True)
class Passage:
    """at: when it was written, in microseconds since 1970. named: tokens that are a category's words."""

    tokens: Sequence[Token]
    at: int
    named: Collection[int] = frozenset()
    used: set[int] = field(default_factory=set)

    def text(self, at: int) -> str:
        """ "" beyond either end."""
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else "break"

    def number(self, at: int) -> int | None:
        """A whole number that nobody has used."""
        if self.kind(at) != "number" or at in self.used:
            return None
        value = self.tokens[at].value
        return int(value) if value == value // 1 and value < 1e9 else None

    def texts(self, begin: int, end: int) -> tuple[str, ...]:
        return tuple(token.text for token in self.tokens[max(0, begin) : end])

    def back_over(self, at: int, words: Collection[str]) -> int:
        """The first place before `at` that is none of these words; -1: the beginning."""
        at -= 1
        while at >= 0 and self.tokens[at].text in words:
            at -= 1
        return at
