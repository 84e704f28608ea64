"""Names and faces for the people of a prompt, and somebody to stand against them where it names only one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.agents.film import choosing
from reveille.agents.film.lexicon import entries
from reveille.agents.film.people import MOST, Mention
from reveille.agents.film.premise import Premise

# Who comes where nobody is named: by genre, of two kinds that have something to settle.
_USUAL: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "horror": (("caretaker", "worker"), ("visitor", "traveller")),
    "comedy": (("waiter", "worker"), ("guest", "traveller")),
    "thriller": (("courier", "worker"), ("stranger", "traveller")),
    "mystery": (("inspector", "law"), ("witness", "law")),
    "crime": (("safecracker", "criminal"), ("getaway driver", "criminal")),
    "science fiction": (("engineer", "scholar"), ("android", "creature")),
    "fantasy": (("young heir", "royal"), ("old servant", "royal")),
    "western": (("sheriff", "law"), ("drifter", "traveller")),
    "war": (("sergeant", "soldier"), ("deserter", "soldier")),
    "romance": (("florist", "worker"), ("pianist", "artist")),
    "adventure": (("explorer", "scholar"), ("guide", "worker")),
    "family": (("child", "child"), ("grandfather", "family")),
    "historical": (("duchess", "royal"), ("clockmaker", "worker")),
    "drama": (("night nurse", "healer"), ("visitor", "traveller")),
}
# Against whom somebody of a kind stands where the prompt names nobody else.
_AGAINST: Final[Mapping[str, tuple[str, str]]] = {
    "worker": ("stranger", "traveller"), "family": ("sibling", "family"), "law": ("witness", "traveller"),
    "criminal": ("old partner", "criminal"), "healer": ("patient", "traveller"), "artist": ("old teacher", "artist"),
    "scholar": ("assistant", "scholar"), "soldier": ("deserter", "soldier"), "royal": ("old servant", "worker"),
    "child": ("grandfather", "family"), "faith": ("penitent", "traveller"), "creature": ("night guard", "law"),
    "traveller": ("stranger", "worker"),
}  # fmt: skip
_ONE_OF: Final = "one of the "
_PRONOUNS: Final = {
    "she": {"he": "she", "him": "her", "his": "her", "himself": "herself"},
    "he": {"he": "he", "him": "him", "his": "his", "himself": "himself"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """role: `lighthouse keeper`, or `one of the sisters`. asked: the prompt names them. pronoun: she or he."""

    name: str
    role: str
    kind: str
    pronoun: str
    asked: bool

    @property
    def label(self) -> str:
        if self.role.startswith(_ONE_OF):
            return self.role
        return f"the {self.role}" if self.role else self.name

    @property
    def at_first(self) -> str:
        """As somebody says who has not told of them yet."""
        if not self.role or self.role.startswith(_ONE_OF):
            return self.role
        return f"{'an' if self.role[:1].lower() in 'aeiou' else 'a'} {self.role}"

    @property
    def pronouns(self) -> Mapping[str, str]:
        return _PRONOUNS[self.pronoun]


def cast_of(premise: Premise, genre: str) -> tuple[tuple[Person, ...], Person, Mapping[int, Sequence[str]]]:
    """The people, the first one whose scene it is; who stands against that one; how those of each mention are called.

    Alone, one stands against somebody who is not there.
    """
    seed = premise.text
    most = max(2, premise.cast) if premise.cast else MOST
    taken = [mention.name for mention in premise.people if mention.name]
    cast: list[Person] = []
    names: dict[int, Sequence[str]] = {}
    for index, mention in enumerate(premise.people):
        called = []
        for role in _members(mention):
            if len(cast) == most:
                break
            person = _person(mention, role, seed, taken)
            taken.append(person.name)
            cast.append(person)
            called.append(person.name)
        if called:
            names[index] = called
    against = [_AGAINST[cast[0].kind]] if cast else []
    for role, kind in (*against, *_USUAL[genre]):
        if len(cast) >= max(2, premise.cast):
            break
        if any(person.role == role for person in cast):
            continue
        gender = {"duchess": "she", "grandfather": "he"}.get(role, "any")
        other = Mention(
            role=role, noun=role, kind=kind, gender=gender, count=1, many="", name="", owned=False, start=0, end=0
        )
        cast.append(_person(other, role, seed, taken, asked=False))
        taken.append(cast[-1].name)
    return tuple(cast[: premise.cast or None]), cast[1], names


def _members(mention: Mention) -> Sequence[str]:
    group: Sequence[str] | None = entries("groups").get(mention.noun)
    if group:
        return group
    return [mention.role] if mention.count == 1 else [f"{_ONE_OF}{mention.many}"] * min(mention.count, MOST)


def _person(mention: Mention, role: str, seed: str, taken: Sequence[str], *, asked: bool = True) -> Person:
    known = mention.gender if mention.gender != "any" else _of_role(role)
    pronoun = known if known in _PRONOUNS else ("she", "he")[choosing.number(seed, f"{role}/{len(taken)}") % 2]
    if mention.name:
        return Person(name=mention.name, role=mention.role, kind=mention.kind, pronoun=pronoun, asked=asked)
    initials = {name[:1] for name in taken}
    free = [name for name in entries("names")[pronoun] if name[:1] not in initials]
    name = choosing.one_of(seed, f"name/{role}/{len(taken)}", free or entries("names")[pronoun])
    return Person(name=name, role=role, kind=mention.kind, pronoun=pronoun, asked=asked)


def _of_role(role: str) -> str:
    for genders in entries("people").values():
        for gender, nouns in genders.items():
            if role.split()[-1:] and role.split()[-1] in nouns:
                return str(gender)
    return "any"
