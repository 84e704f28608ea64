"""What a head asks of each specialist: aims, the words to bring, the length, the parts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.film.crafts import FORMS, Form, craft_of
from reveille.agents.film.lexicon import entries, verbs
from reveille.agents.film.scene import Scene
from reveille.agents.film.wording import listed, stem, words_in
from reveille.agents.reading import clean

_BEATS: Final = {"simple": 6, "moderate": 7, "complex": 8}
_USUAL_BEATS: Final = 6
# How many of the prompt's words each craft is to bring; the treatment all of them.
_MOST_WORDS: Final = {"plot": 14, "storyboard": 8, "dialogue": 5, "characters": 6, "motivations": 5, "lighting": 5}
_LEAST_WORDS: Final = 3
_MOST_OF_PROMPT: Final = 6_000
# Of a scene's words: of its people in pairs, and not longer than there is something to say of each.
_PER_PERSON: Final = 2
_AIMS: Final[Mapping[str, str]] = {
    "plot": "tell it in {n} beats that follow from one want: {A} wants to {want_a}",
    "dialogue": "let them fight over {over} without naming it before the turn",
    "characters": "make the cast of {people} people whom one would know again: {cast}",
    "motivations": "say why {A} wants to {want_a}, and why {B} cannot let it be",
    "storyboard": "cover {n} beats {at} with shots that say who has the upper hand",
    "lighting": "light {place} for {n} beats, {tone}",
}


def brief_for(
    specialist: str, scene: Scene, *, complexity: str, department: str, words: Sequence[str] = ()
) -> dict[str, Any]:
    form = FORMS.get(craft_of(specialist))
    number = _BEATS.get(complexity, _USUAL_BEATS)
    keys = _parts(scene, form, number)
    least, most = _length(scene, form, keys)
    brief: dict[str, Any] = {
        "craft": form.kind if form else "",
        "aims": _aims(scene, form, specialist, number),
        "must_mention": _must_mention(scene, form),
        "length": {"least": least, "most": most},
        "tone": scene.tone,
        "genre": scene.genre,
        "structure": {"parts": keys, "fields": list(form.fields) if form else []},
        "cast": [{"name": person.name, "role": clean(person.role, 80)} for person in scene.cast],
        "slug": clean(scene.slug, 120),
        "prompt": scene.prompt[:_MOST_OF_PROMPT],
        "wishes": list(scene.premise.wishes),
    }
    if not form:
        brief["aims"].append(
            f"keep to what {clean(department, 60)} is for: {listed([clean(one, 30) for one in words[:6]])}"
            if words
            else f"speak for {clean(department, 60)}"
        )
    return brief


def is_needed(specialist: str, scene: Scene) -> bool:
    """Who would write what nobody wants is not woken: no dialogue is written for a silent scene."""
    return not (scene.premise.silent and craft_of(specialist) == "dialogue")


def _parts(scene: Scene, form: Form | None, number: int) -> list[str]:
    if form is None:
        return []
    if not form.beats:
        return [person.name for person in scene.cast]
    return [beat for beat in scene.beats(number) if form.kind != "dialogue" or beat != "open"]


def _length(scene: Scene, form: Form | None, keys: Sequence[str]) -> tuple[int, int]:
    """In proportion to the beats, or to the people; where a length was asked for, the treatment keeps to it."""
    if form is None:
        return 60, 1_000
    least, most = form.words
    usual = _USUAL_BEATS if form.beats else _PER_PERSON
    scaled = len(keys) / usual
    if scene.premise.length:
        # Less than this is no scene, and more than four times the usual is beyond what the beats hold.
        scaled = max(0.5, min(scaled * 1.6, scene.premise.length / ((least + most) / 2)))
    return max(30, round(least * scaled)), max(120, round(most * max(scaled, 0.6)))


def _aims(scene: Scene, form: Form | None, specialist: str, number: int) -> list[str]:
    if form is None:
        return [f"do what a {clean(specialist.replace('-', ' '), 60)} does for this scene: {clean(scene.happens, 200)}"]
    cast = listed([person.name for person in scene.cast])
    aims = [scene.fill(_AIMS[form.kind], n=str(number), cast=cast, people=str(len(scene.cast)), tone=scene.tone)]
    aims.append(f"keep to what was asked: {clean(scene.happens, 300)}")
    aims += [f"heed the wish for {wish}" for wish in scene.premise.wishes]
    return aims


def _must_mention(scene: Scene, form: Form | None) -> list[str]:
    """What this craft can show, what it shows best first; of a prompt with hardly any words, the scene's own."""
    words = list(scene.premise.words)
    if form is not None and form.kind != "plot":
        # Who does what is the treatment's.
        named = {one for phrase in scene.phrases if not phrase.clause for one in phrase.stems}
        words = [word for word in words if word not in verbs() or stem(word) in named]
        words.sort(key=lambda word: _rank(word, form.kind, scene))
    chosen = words[: _MOST_WORDS[form.kind] if form else 6]
    if len(chosen) < _LEAST_WORDS:
        own = [*(person.name.lower() for person in scene.cast[:2]), words_in(scene.place)[-1]]
        chosen += [word for word in own if word not in chosen][: _LEAST_WORDS - len(chosen)]
    return chosen


def _rank(word: str, kind: str, scene: Scene) -> int:
    """0 is what the craft is there for."""
    seen = {stem(one) for one in words_in(f"{scene.at} {scene.thing}")} | _words_of_sky()
    of_people = {stem(one) for person in scene.cast for one in words_in(f"{person.name} {person.role}")}
    if kind in ("storyboard", "lighting"):
        return 0 if stem(word) in seen else 1 if stem(word) not in of_people else 2
    if kind in ("characters", "motivations"):
        return 0 if stem(word) in of_people else 1 if stem(word) not in seen else 2
    return 0 if stem(word) not in of_people and stem(word) not in seen else 1


def _words_of_sky() -> frozenset[str]:
    sky = entries("sky")
    words = (word for part in (sky["times"], sky["weather"]) for entry in part.values() for word in entry["words"])
    return frozenset(stem(word) for word in (*words, "light", "lamp", "shadow", "colour", "fails"))
