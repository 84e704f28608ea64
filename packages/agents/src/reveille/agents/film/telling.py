"""A prompt's own words as a scene tells them: a sentence of what happens, with names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from reveille.agents.film.casting import Person
from reveille.agents.film.happening import brief_of, happens, is_told, is_wish
from reveille.agents.film.lexicon import wordlist
from reveille.agents.film.people import Mention
from reveille.agents.film.premise import Premise
from reveille.agents.film.telltale import telling
from reveille.agents.film.wording import capital, listed, sentences_in, words_in

_WHERE: Final = wordlist("where")


def told_of(
    premise: Premise, cast: Sequence[Person], names: Mapping[int, Sequence[str]], *, at: str
) -> tuple[str, str, tuple[str, ...]]:
    """Its first sentence with everybody's name, the same without where, when and why, and its other sentences."""
    sentences = [line for one in sentences_in(premise.body) if not is_wish(one) and (line := _without_wishes(one))]
    first = cast[0].name
    if not sentences:
        both = listed([person.name for person in cast])
        line = f"{both} {'meet' if len(cast) > 1 else 'is'} {at}."
        return line, line, ()
    sentence, *others = sentences
    offset = max(0, premise.body.find(sentence))
    people = premise.people
    inside = {
        index: names[index]
        for index, mention in enumerate(people)
        if index in names and offset <= mention.start < offset + len(sentence)
    }
    shifted = [_shifted(mention, offset) for mention in people]
    if is_told(sentence, shifted):
        told = happens(sentence, shifted, inside, known=first)
        cut = brief_of(sentence, shifted)
        short = happens(sentence[:cut], [one for one in shifted if one.end <= cut], inside, known=first)
    else:
        told, short = _headed(sentence, shifted, inside, cast)
    also = tuple(_as_told(one) for one in others)
    return _closed(told), _closed(short), also


def _without_wishes(sentence: str) -> str:
    """`a heist in a museum, two characters, twist` without what says only how it is to be told, at its end."""
    pieces = sentence.split(",")
    while len(pieces) > 1 and not telling(words_in(pieces[-1])):
        pieces.pop()
    return ",".join(pieces)


def _headed(
    sentence: str, people: Sequence[Mention], names: Mapping[int, Sequence[str]], cast: Sequence[Person]
) -> tuple[str, str]:
    """`a cop and a thief in an elevator` becomes what they are in."""
    everybody = listed([person.name for person in cast])
    are = "are" if len(cast) > 1 else "is"
    plain = capital(sentence.strip().rstrip(".!?,;"))
    if not names:
        return f"{plain}, and {everybody} {are} in the middle of it", f"{everybody} {are} in the middle of it"
    last = max(people[index].end for index in names)
    rest = sentence[last:].strip(" .!?,;")
    called = [name for one in names.values() for name in one]
    be = "are" if len(called) > 1 else "is"
    if rest.startswith(("who ", "that ", "whose ")):
        return f"{listed(called)} {be} {sentence[:1].lower()}{sentence[1:].rstrip(' .!?,;')}", f"{everybody} {are} here"
    group = happens(sentence[:last], people, names, known="").rstrip(",")
    comma = "" if people[max(names)].name else ","
    if rest and rest.split()[0].lower() in _WHERE:
        return f"{group}{comma} {be} {rest}", f"{group}{comma} {be} here"
    return f"{plain}: {everybody} {are} here", f"{everybody} {are} here"


def _shifted(mention: Mention, offset: int) -> Mention:
    return replace(mention, start=mention.start - offset, end=mention.end - offset) if offset else mention


def _as_told(sentence: str) -> str:
    return _closed(capital(sentence.strip()))


def _closed(sentence: str) -> str:
    plain = sentence.strip().rstrip(",;:")
    return plain if plain.endswith((".", "!", "?", "…")) else f"{plain}."
