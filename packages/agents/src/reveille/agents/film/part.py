"""A part of a draft, and what each craft knows of its parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reveille.agents.film.crafts import Form
from reveille.agents.film.scene import Scene
from reveille.agents.film.wording import words_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """key: its beat, or its person. lines: sentences; of a dialogue, what each says."""

    key: str
    fields: Mapping[str, str]
    lines: tuple[str, ...]

    @property
    def words(self) -> int:
        return sum(len(words_in(line)) for line in (*self.lines, *self.fields.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Craft:
    """keys: the parts of a scene of so many beats. field, pool: what belongs to a part, the best lines first.

    field's number: from 1, another one instead, and neighbours get different ones. stock: what a first pass falls back
    on. fuller: by line, one that says more. replies: what the second voice can always say; None where nobody speaks.
    """

    form: Form
    keys: Callable[[Scene, int], Sequence[str]]
    field: Callable[[Scene, str, str, int], str]
    pool: Callable[[Scene, str], Sequence[str]]
    stock: Callable[[Scene], Sequence[str]]
    fuller: Callable[[Scene], Mapping[str, str]]
    replies: Callable[[Scene], Sequence[str]] | None = None
