"""The scene that a prompt makes: everybody who works on it sees the same people, place, conflict and turn."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from reveille.agents.film import choosing
from reveille.agents.film.casting import Person, cast_of
from reveille.agents.film.happening import Phrase, phrases_of
from reveille.agents.film.lexicon import entries
from reveille.agents.film.premise import Premise, premise_of
from reveille.agents.film.telling import told_of
from reveille.agents.film.wording import capital, stem, words_in

_SLOT: Final = re.compile(r"\{(\w+)\}")
_MOODS_BY_ENDING: Final = {
    "comedy": "happy",
    "romance": "happy",
    "family": "happy",
    "horror": "open",
    "mystery": "open",
}
_HOMES: Final[Mapping[str, str]] = {
    "healer": "hospital", "law": "police", "artist": "theatre", "royal": "castle", "soldier": "battlefield",
    "scholar": "laboratory", "faith": "church", "child": "park",
}  # fmt: skip
# Their sheriffs and doctors are not found in offices.
_ELSEWHERE: Final = frozenset({"western", "war", "fantasy", "science fiction", "adventure"})
ORDER: Final = ("open", "disturb", "press", "turn", "crisis", "choice", "twist", "close")
TITLES: Final[Mapping[str, str]] = {
    "open": "Opening image", "disturb": "Disturbance", "press": "Pressure", "turn": "The turn", "crisis": "Crisis",
    "choice": "The choice", "twist": "The twist", "close": "Last image",
}  # fmt: skip
_NOW: Final = {"night": "night", "dawn": "morning", "morning": "morning", "day": "day", "dusk": "evening"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """other: against whom the first of the cast stands; alone, somebody who is not there.

    happens, in_short: what the prompt tells, with names, whole and without where and when; also: its other sentences.
    """

    prompt: str
    premise: Premise
    genre: str
    tone: str
    mood: str
    cast: tuple[Person, ...]
    other: Person
    setting: Mapping[str, Any]
    at: str
    place: str
    time: str
    weather: str
    thing: str
    conflict: Mapping[str, Any]
    twist: str
    ending: str
    happens: str
    in_short: str
    also: tuple[str, ...]
    phrases: tuple[Phrase, ...]

    @property
    def solo(self) -> bool:
        return len(self.cast) == 1

    @property
    def slug(self) -> str:
        side = "EXT." if self.setting["side"] == "ext" else "INT."
        return f"{side} {self.place.removeprefix('the ').upper()} - {entries('sky')['times'][self.time]['slug']}"

    def beats(self, number: int) -> tuple[str, ...]:
        """So many of them, in order; those that a scene cannot do without come first."""
        ranked = ["open", "disturb", "turn", "close", "press", "choice", "crisis"]
        if self.twist:
            ranked.insert(3, "twist")
            number += 1
        return tuple(beat for beat in ORDER if beat in ranked[: max(4, number)])

    def pick(self, what: str, options: Sequence[str]) -> str:
        return self.fill(choosing.one_of(self.prompt, what, options))

    def shuffled(self, what: str, options: Sequence[str]) -> list[str]:
        return [self.fill(one) for one in choosing.in_turn(self.prompt, what, options)]

    def said_of(self, person: Person, template: str) -> str:
        """`he` and `his` in it are of this person."""
        return self.fill(template, **person.pronouns)

    def fill(self, template: str, **more: str) -> str:
        """Its slots filled; what fills one may have slots of its own. more: instead of the scene's."""
        slots = {**_slots(self), **more}
        for _ in range(2):
            template = _SLOT.sub(lambda found: slots.get(found[1], found[0]), template)
        return template


@lru_cache(maxsize=64)
def scene_of(prompt: str) -> Scene:
    premise = premise_of(prompt)
    seed = premise.text
    genre = premise.genre or choosing.one_of(seed, "genre", ("drama", "drama", "drama", "thriller", "mystery"))
    style = next(one for one in entries("genres") if one["name"] == genre)
    cast, other, names = cast_of(premise, genre)
    usual = _home(premise, genre) or choosing.one_of(seed, "setting", style["settings"])
    setting = next(one for one in entries("settings") if one["key"] == (premise.setting or usual))
    conflict = _conflict(premise, genre, cast)
    twists = [one["text"] for one in entries("twists") if genre in one["genres"]] or [
        one["text"] for one in entries("twists") if "drama" in one["genres"]
    ]
    if len(cast) == 1:
        twists = [one for one in twists if "{B}" not in one] or ["{thing} was never here"]
    told, short, also = told_of(premise, cast, names, at=premise.at or setting["at"])
    usual_ending = choosing.one_of(seed, "ending", ("sad", "open", "any", "happy"))
    return Scene(
        prompt=seed,
        premise=premise,
        genre=genre,
        tone=style["tone"],
        mood=style["mood"],
        cast=cast,
        other=other,
        setting=setting,
        at=premise.at or setting["at"],
        place=premise.place or setting["place"],
        time=premise.time or choosing.one_of(seed, "time", ("night", "dusk", "dawn", "day", "night")),
        weather=premise.weather,
        thing=premise.thing or "the " + choosing.one_of(seed, "thing", setting["things"]).split(" ", 1)[1],
        conflict=conflict,
        twist=choosing.one_of(seed, "twist", twists) if premise.twist else "",
        ending=premise.ending or _MOODS_BY_ENDING.get(genre, usual_ending),
        happens=told,
        in_short=short,
        also=also,
        phrases=tuple(phrases_of(premise.body, premise.people)),
    )


def _home(premise: Premise, genre: str) -> str:
    """Where somebody of this kind is found; "" where that is anywhere."""
    if genre in _ELSEWHERE:
        return ""
    return next((_HOMES[one.kind] for one in premise.people if one.kind in _HOMES), "")


def _conflict(premise: Premise, genre: str, cast: Sequence[Person]) -> Mapping[str, Any]:
    """The one that the prompt's words and people speak of most."""
    spoken = {stem(word) for word in words_in(premise.text)}
    kinds = {person.kind for person in cast if person.asked}

    def weight(one: Mapping[str, Any]) -> int:
        named = sum(3 for word in {stem(word) for word in one["words"]} if word in spoken)
        of_people = (
            2 * ("family" in kinds and "family" in one["classes"])
            + 2 * ("child" in kinds and "child" in one["classes"])
            + ("law" in kinds and "crime" in one["classes"])
            + ("soldier" in kinds and "war" in one["classes"])
        )
        # A doctor is not told the truth by her patient.
        turned = 6 * (cast[0].kind in one.get("withholds", ()))
        return named - turned + of_people + 2 * (genre in one["genres"]) + ("any" in one["classes"])

    most = max(weight(one) for one in entries("conflicts"))
    fitting: list[Mapping[str, Any]] = [one for one in entries("conflicts") if weight(one) == most]
    return choosing.one_of(premise.text, "conflict", fitting)


def _slots(scene: Scene) -> Mapping[str, str]:
    first, other = scene.cast[0], scene.other
    third = scene.cast[2].name if len(scene.cast) > 2 else ""
    truth = scene.conflict["truth"]
    return {
        "A": first.name,
        # Of somebody who is only a name.
        "a": first.label if first.role else "nobody's fool",
        "B": other.name,
        "b": other.label,
        "C": third,
        **first.pronouns,
        "He": capital(first.pronouns["he"]),
        "His": capital(first.pronouns["his"]),
        **{f"b{slot}": word for slot, word in other.pronouns.items()},
        "thing": scene.thing,
        "thing_cap": capital(scene.thing),
        "at": scene.at,
        "At": capital(scene.at),
        "here": scene.at,
        "place": scene.place,
        "time_of": _NOW[scene.time],
        "now": {"night": "tonight", "evening": "tonight"}.get(_NOW[scene.time], "today"),
        "truth": truth,
        "Truth": truth if truth.startswith("{") else capital(truth),
        **{slot: scene.conflict[slot] for slot in ("over", "want_a", "want_b", "stakes")},
    }
