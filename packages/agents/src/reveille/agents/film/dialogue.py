"""The dialogue writer: what they say to each other, and what they say instead."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.film import choosing
from reveille.agents.film.crafts import FORMS
from reveille.agents.film.drafting import worked
from reveille.agents.film.lexicon import entries
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import Scene
from reveille.agents.task import Task

_SURPRISED: Final = ("Say that again.", "How long were you going to let me go on?", "No. Wait. Then who was it?")
_UNSURPRISED: Final = ("You heard me the first time.", "Until you asked.", "You know who it was.")
_ALONE: Final = ("disturb", "press", "turn", "crisis", "choice", "twist", "close")


async def write_dialogue(task: Task, context: Context) -> dict[str, Any]:
    """`{kind, title, text, lines: [{beat, speaker, line}], …}`."""
    return await worked(task, context, CRAFT, render)


def render(scene: Scene, parts: Sequence[Part]) -> str:
    return "\n\n".join("\n".join(part.lines) for part in parts if part.lines)


def _pool(scene: Scene, key: str) -> Sequence[str]:
    moves: Mapping[str, Sequence[str]] = entries("moves")
    if scene.solo:
        lines = choosing.in_turn(scene.prompt, "solo", moves["solo"])
        at = _ALONE.index(key) if key in _ALONE else 0
        return [_by_first(scene, line) for line in lines[at::7] + lines[at + 1 :: 7]]

    def asks(kind: str, number: int = 0) -> str:
        return _by_first(scene, _move(scene, kind, f"{key}/a", number))

    def says(kind: str, number: int = 0) -> str:
        return _by_other(scene, _move(scene, kind, f"{key}/b", number))

    fought = scene.conflict
    match key:
        case "disturb":
            return [asks("greet"), says("answer"), asks("probe"), says("deflect"), asks("greet", 1), says("answer", 1)]
        case "press":
            return [
                _by_first(scene, fought["asks"][0]), _by_other(scene, fought["dodges"][0]),
                _by_first(scene, fought["asks"][1]), _by_other(scene, fought["dodges"][1]),
                *_third(scene, 0), asks("press"), says("deflect"), asks("probe"), _by_other(scene, fought["dodges"][2]),
            ]  # fmt: skip
        case "turn":
            return [
                _by_first(scene, fought["asks"][2]), _by_other(scene, fought["truths"][0]),
                asks("silence"), _by_other(scene, fought["truths"][1]), *_third(scene, 1),
            ]  # fmt: skip
        case "crisis":
            return [
                asks("accuse"),
                says("plead"),
                asks("accuse", 1),
                says("concede"),
                asks("press", 1),
                says("silence"),
            ]
        case "choice":
            return [
                _by_first(scene, fought["answers"][0]), says("concede"),
                _by_first(scene, fought["answers"][1]), says("plead"),
            ]  # fmt: skip
        case "twist":
            pairs = [
                (_by_first(scene, one), _by_other(scene, other))
                for one, other in zip(_SURPRISED, _UNSURPRISED, strict=True)
            ]
            return [line for pair in choosing.in_turn(scene.prompt, "twist", pairs) for line in pair]
        case _:
            kind = f"close_{scene.ending}"
            kind = kind if kind in moves else "close"
            return [asks(kind), says("concede", 1), asks("close"), says(kind, 1)]


def _move(scene: Scene, kind: str, where: str, number: int) -> str:
    """Each beat deals from its own place in the pack, so that none says what another one said."""
    pack = choosing.in_turn(scene.prompt, f"move/{kind}", entries("moves")[kind])
    beats = (
        "disturb/a",
        "press/a",
        "crisis/a",
        "choice/a",
        "close/a",
        "disturb/b",
        "press/b",
        "crisis/b",
        "choice/b",
        "close/b",
    )
    start = {
        name: at for at, name in enumerate(name for name in beats if (name.split("/")[0], kind, name[-1]) in _USES)
    }
    return str(pack[(start.get(where, 0) + number * max(1, len(start))) % len(pack)])


# Which beat draws which kind of line, and for whom.
_USES: Final = frozenset(
    {
        ("disturb", "greet", "a"), ("disturb", "answer", "b"), ("disturb", "probe", "a"), ("disturb", "deflect", "b"),
        ("press", "press", "a"), ("press", "deflect", "b"), ("press", "probe", "a"), ("crisis", "accuse", "a"),
        ("crisis", "plead", "b"), ("crisis", "concede", "b"), ("crisis", "press", "a"), ("crisis", "silence", "b"),
        ("choice", "concede", "b"), ("choice", "plead", "b"), ("close", "concede", "b"), ("close", "close", "a"),
    }
)  # fmt: skip


def _by_first(scene: Scene, line: str) -> str:
    return f"{scene.cast[0].name.upper()}: {scene.fill(line, you=scene.other.name)}"


def _by_other(scene: Scene, line: str) -> str:
    return f"{scene.other.name.upper()}: {scene.fill(line, you=scene.cast[0].name)}"


def _third(scene: Scene, at: int) -> Sequence[str]:
    if len(scene.cast) < 3:
        return ()
    lines = choosing.in_turn(scene.prompt, "third", entries("moves")["third"])
    return [f"{scene.cast[2].name.upper()}: {scene.fill(lines[at], you=scene.other.name)}"]


def _stock(scene: Scene) -> Sequence[str]:
    first = scene.cast[0].name.upper()
    lines = choosing.in_turn(
        scene.prompt,
        "stock",
        ("I don't know what to say to that.", "What do you want me to say?", "You know what I mean."),
    )
    return [f"{first}: {line}" for line in lines[:1]]


CRAFT: Final = Craft(
    form=FORMS["dialogue"],
    keys=lambda scene, number: [key for key in scene.beats(number) if key != "open"],
    field=lambda scene, key, name, variant: "",
    pool=_pool,
    stock=_stock,
    fuller=lambda scene: {},
    replies=lambda scene: (
        [scene.fill(line, you="") for line in entries("moves")["silence"]]
        + ["Go on.", "I heard you.", "And then?", "No.", "If you say so."]
    ),
)
