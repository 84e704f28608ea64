"""The plot writer: a treatment of the scene, beat by beat."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.film.crafts import FORMS
from reveille.agents.film.drafting import worked
from reveille.agents.film.lexicon import entries, wordlist
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import TITLES, Scene
from reveille.agents.film.wording import capital, words_in
from reveille.agents.task import Task

_AFTER_THE_TWIST: Final = (
    "Nobody says the obvious thing.",
    "Everything before it has to be looked at again.",
    "{A} goes back over the evening, word by word, and it all still fits.",
)


async def write_plot(task: Task, context: Context) -> dict[str, Any]:
    """`{kind, title, logline, text, beats: [{beat, text}], …}`."""
    return await worked(task, context, CRAFT, render)


def logline(scene: Scene) -> str:
    """What the prompt says that happens, and what it is about beneath."""
    who, happens = scene.cast[0], scene.happens
    if who.role and who.name in happens and who.role.split()[-1].lower() not in happens.lower():
        happens = happens.replace(who.name, f"{who.name}, {who.at_first},", 1)
    wants = f"{who.name} wants to {scene.fill(scene.conflict['want_a'])}"
    if scene.solo:
        return f"{capital(happens)} {wants}. At stake: {scene.fill(scene.conflict['stakes'])}."
    return f"{capital(happens)} {wants}; {scene.other.name} wants to {scene.fill(scene.conflict['want_b'])}."


def render(scene: Scene, parts: Sequence[Part]) -> str:
    met: set[str] = set()
    return "\n\n".join(
        f"{TITLES.get(part.key, part.key.upper())}\n{introduced(scene, ' '.join(part.lines), met)}" for part in parts
    )


def introduced(scene: Scene, text: str, met: set[str]) -> str:
    """Everybody in capitals who comes in first here, with who it is; `met` has those who have, and gets these."""
    for person in scene.cast:
        found = re.search(rf"\b{re.escape(person.name)}\b(?!['\u2019])", text)
        if found is None or person.name in met:
            continue
        met.add(person.name)
        before, behind = text[max(0, found.start() - 60) : found.start()].lower(), text[found.end() :]
        noun = (person.role.split() or [""])[-1].lower()
        known = noun in before or noun in behind[:60].lower()
        end = "" if behind[:1] in (",", ".", ";", ":", "!", "?", "") else ","
        who = person.name.upper() if known else f"{person.name.upper()}, {person.label}{end}"
        text = f"{text[: found.start()]}{who}{behind}"
    return text


def _pool(scene: Scene, key: str) -> Sequence[str]:
    core, *others = _cores(scene, key)
    pool = entries("reactions").get("solo" if scene.solo and key in ("press", "turn") else key, ())
    reactions = scene.shuffled(f"reaction/{key}", fitting(scene, pool))
    if scene.solo:
        reactions = [line for line in reactions if scene.other.name not in line]
    sky = _sky(scene)
    details = scene.shuffled("details", scene.setting["details"])
    match key:
        case "open":
            return [core, details[0], *sky[:1], *reactions[:1], *details[1:2]]
        case "disturb":
            return [*_entrance(scene, core), *reactions[:2], *scene.also]
        case "press":
            return [core, *reactions[:1], *sky[1:], *_third(scene, 0), *others[:1], *reactions[1:2]]
        case "turn":
            return [core, *reactions[:1], *_third(scene, 1), details[-1], *reactions[1:2]]
        case "twist":
            return [f"{capital(scene.fill(scene.twist))}.", *(scene.fill(line) for line in _AFTER_THE_TWIST)]
        case "crisis":
            sound = scene.pick("sound", scene.setting["sounds"])
            return [core, *reactions[:1], f"There is {sound}, and nothing else.", *reactions[1:3]]
        case _:
            return [core, *reactions[:3]]


def _cores(scene: Scene, key: str) -> Sequence[str]:
    if scene.solo:
        return scene.shuffled(f"core/{key}", entries("solo").get(key, ("",)))
    of_beat: Mapping[str, Sequence[str]] = entries("beats")[key]
    options = of_beat.get(scene.ending) or [*of_beat["any"], *of_beat.get(scene.genre, ())]
    return scene.shuffled(f"core/{key}", fitting(scene, options) or options) or [""]


def fitting(scene: Scene, lines: Sequence[str]) -> list[str]:
    """Under the sky there are no doors."""
    if scene.setting["side"] == "int":
        return list(lines)
    return [line for line in lines if not wordlist("indoors").intersection(words_in(line))]


def _entrance(scene: Scene, core: str) -> Sequence[str]:
    """What the prompt tells; before it who comes in, where the prompt does not say."""
    if scene.solo or scene.other.name in scene.in_short:
        return [scene.in_short] if scene.premise.people else [core, scene.in_short]
    return [scene.in_short, core]


def _third(scene: Scene, at: int) -> Sequence[str]:
    return scene.shuffled("third", entries("reactions")["third"])[at : at + 1] if len(scene.cast) > 2 else ()


def _sky(scene: Scene) -> Sequence[str]:
    sky = entries("sky")
    lines = [scene.pick("hour", sky["times"][scene.time]["line"])]
    if scene.weather:
        lines += scene.shuffled("weather", sky["weather"][scene.weather][scene.setting["side"]])
    return lines


CRAFT: Final = Craft(
    form=FORMS["plot"],
    keys=lambda scene, number: scene.beats(number),
    field=lambda scene, key, name, variant: "",
    pool=_pool,
    stock=lambda scene: scene.shuffled(
        "stock", ("A silence.", "Nobody moves.", "{A} looks at {thing} again.", "It is very quiet {at}.")
    )[1:3],
    fuller=lambda scene: {scene.in_short: scene.happens},
)
