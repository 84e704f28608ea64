"""The lighting designer: where the light comes from in each beat, and what it is for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.film.crafts import FORMS
from reveille.agents.film.drafting import worked
from reveille.agents.film.lexicon import entries
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import ORDER, TITLES, Scene
from reveille.agents.film.wording import capital
from reveille.agents.task import Task


async def light_scene(task: Task, context: Context) -> dict[str, Any]:
    """`{kind, title, text, setups: [{beat, purpose, key, fill, colour, change, text}], …}`."""
    return await worked(task, context, CRAFT, render)


def render(scene: Scene, parts: Sequence[Part]) -> str:
    told = []
    for part in parts:
        said = [f"{capital(name)}: {part.fields[name]}." for name in CRAFT.form.fields if part.fields.get(name)]
        told.append(" ".join((f"{TITLES.get(part.key, part.key)}.", *said, *part.lines)))
    return "\n".join(told)


def _field(scene: Scene, key: str, name: str, variant: int) -> str:
    lights = entries("lights")
    at = ORDER.index(key) if key in ORDER else 0
    mood: Mapping[str, str] = lights["moods"][scene.mood]
    match name:
        case "purpose":
            return _of_beat(scene, lights["purposes"], key)
        case "key":
            return f"{_source(scene, at)}, {mood['direction'] if at == 0 else _dealt(scene, 'angles', at)}"
        case "fill":
            return mood["fill"] if at == 0 else _dealt(scene, "fills", at)
        case "colour":
            return mood["colour"] if at == 0 else _dealt(scene, "colours", at)
        case _:
            return _of_beat(scene, lights["changes"], key)


def _of_beat(scene: Scene, by_beat: Mapping[str, Sequence[str]], key: str) -> str:
    options = by_beat.get(key, ("",))
    if scene.solo:
        options = [one for one in options if "{B}" not in one] or ["nothing moves but the light"]
    return scene.pick(f"light/{key}/{options[0]}", options)


def _dealt(scene: Scene, what: str, at: int) -> str:
    options = entries("lights")[what]
    if scene.solo:
        options = [one for one in options if "{B}" not in one]
    pack = scene.shuffled(what, options)
    return pack[at % len(pack)]


def _source(scene: Scene, at: int) -> str:
    sky = entries("sky")
    sources = [*scene.setting["lights"], sky["times"][scene.time]["source"]]
    if scene.weather:
        sources.append(sky["weather"][scene.weather]["light"])
    return str(sources[at % len(sources)])


def _pool(scene: Scene, key: str) -> Sequence[str]:
    mood = entries("lights")["moods"][scene.mood]
    lines = {
        "open": [f"{capital(scene.place)}, {entries('sky')['times'][scene.time]['here']}: {mood['contrast']}."],
        "disturb": [scene.in_short],
        "press": [f"Keep {scene.thing} just readable."],
        "turn": [f"{scene.other.name if not scene.solo else scene.cast[0].name} carries this one; the rest may go."],
        "crisis": [f"Nothing may spill on the floor {scene.at}."],
        "close": [f"The last thing to be seen is {scene.thing}."],
    }
    return lines.get(key, [])


CRAFT: Final = Craft(
    form=FORMS["lighting"],
    keys=lambda scene, number: scene.beats(number),
    field=_field,
    pool=_pool,
    stock=lambda scene: ["Keep it simple and quick to rig."],
    fuller=lambda scene: {scene.in_short: scene.happens},
)
