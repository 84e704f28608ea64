"""The storyboard artist: what the camera sees, shot by shot."""

from collections.abc import Sequence
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.film import choosing
from reveille.agents.film.crafts import FORMS
from reveille.agents.film.drafting import worked
from reveille.agents.film.lexicon import entries
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import Scene
from reveille.agents.task import Task

# Sizes that no shot has of itself.
_BETWEEN: Final = ("MEDIUM WIDE", "MEDIUM CLOSE")


async def draw_storyboard(task: Task, context: Context) -> dict[str, Any]:
    """`{kind, title, text, shots: [{beat, size, move, text}], …}`."""
    return await worked(task, context, CRAFT, render)


def render(scene: Scene, parts: Sequence[Part]) -> str:
    told = []
    for number, part in enumerate(parts, 1):
        how = ", ".join(part.fields[name] for name in ("size", "move") if part.fields.get(name))
        told.append(f"{number}. {f'{how}. ' if how else ''}{' '.join(part.lines)}")
    return "\n".join(told)


def _shots(scene: Scene, key: str) -> list[tuple[str, str, str]]:
    shots = choosing.in_turn(scene.prompt, f"shot/{key}", [tuple(one) for one in entries("shots")[key]])
    if scene.solo:
        alone = [one for one in shots if "{B}" not in one[2]]
        shots = alone or [("CLOSE", "locked off", "{A}, {thing}, and nobody else.")]
    return [(size, move, scene.fill(what)) for size, move, what in shots]


def _field(scene: Scene, key: str, name: str, variant: int) -> str:
    if key not in entries("shots"):
        return ""
    size, move, _ = _shots(scene, key)[0]
    if name == "size":
        return _BETWEEN[variant % len(_BETWEEN)] if variant else size
    return move


def _pool(scene: Scene, key: str) -> Sequence[str]:
    if key not in entries("shots"):
        return []
    first, *others = _shots(scene, key)
    lines = [first[2], *(f"Cut to {size.lower()}, {move}: {what}" for size, move, what in others[:1])]
    sky = entries("sky")
    if key == "open":
        lines.append(f"The hour is told by {sky['times'][scene.time]['source']}.")
        lines.append(scene.pick("seen", scene.setting["details"]))
    if key == "disturb":
        lines.append(scene.in_short)
    if key == "press" and scene.weather:
        lines.append(scene.pick("weather seen", sky["weather"][scene.weather][scene.setting["side"]]))
    if key == "crisis":
        lines.append(f"Sound leads the picture: {scene.pick('sound', scene.setting['sounds'])}.")
    return lines


CRAFT: Final = Craft(
    form=FORMS["storyboard"],
    keys=lambda scene, number: scene.beats(number),
    field=_field,
    pool=_pool,
    stock=lambda scene: [scene.pick("stock shot", ("Hold on {thing}.", "Hold two beats longer than is polite."))],
    fuller=lambda scene: {scene.in_short: scene.happens},
)
