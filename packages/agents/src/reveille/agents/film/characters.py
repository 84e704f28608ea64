"""The character designer: who these people are when they come in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.film import choosing
from reveille.agents.film.casting import Person
from reveille.agents.film.crafts import FORMS
from reveille.agents.film.drafting import worked
from reveille.agents.film.lexicon import entries
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import Scene
from reveille.agents.film.wording import capital
from reveille.agents.task import Task

_SAID: Final[Mapping[str, str]] = {
    "look": "Seen first: {}.", "want": "Wants to {}.", "need": "Needs {}.", "flaw": "Flaw: {}.", "fear": "Fears {}.",
    "voice": "Voice: {}.",
}  # fmt: skip
_TRAITS: Final[Mapping[str, str]] = {
    "look": "looks",
    "need": "needs",
    "flaw": "flaws",
    "fear": "fears",
    "wound": "wounds",
    "voice": "voices",
    "habit": "habits",
}
_ANYBODY: Final = ("family", "worker")
_BYSTANDERS_WANT: Final = (
    "get both of them out of here before it is said",
    "be asked, for once, which side is right",
    "see it ended, no matter how",
)


async def design_characters(task: Task, context: Context) -> dict[str, Any]:
    """`{kind, title, text, people: [{name, look, want, need, flaw, fear, voice, text}], …}`."""
    return await worked(task, context, CRAFT, render)


def render(scene: Scene, parts: Sequence[Part]) -> str:
    told = []
    for part in parts:
        said = [form.format(part.fields[name].rstrip(".")) for name, form in _SAID.items() if part.fields.get(name)]
        told.append(" ".join((headed(scene, part.key), *said, *part.lines)))
    return "\n\n".join(told)


def headed(scene: Scene, key: str) -> str:
    person = next((one for one in scene.cast if one.name == key), None)
    return f"{key.upper()}, {person.label}." if person and person.role else f"{key.upper()}."


def person_of(scene: Scene, key: str) -> Person:
    return next((one for one in scene.cast if one.name == key), scene.cast[0])


def trait(scene: Scene, key: str, name: str) -> str:
    """Two of the same kind draw from the same pack, and never the same card while it lasts."""
    person = person_of(scene, key)
    # Where there are more of a kind than it has cards, the others draw from what suits anybody.
    kinds = dict.fromkeys((person.kind, *_ANYBODY))
    packs = (entries("archetypes")[kind][_TRAITS[name]] for kind in kinds)
    pack = [card for one in packs for card in choosing.in_turn(scene.prompt, f"trait/{name}", one)]
    alike = [one for one in scene.cast if one.kind == person.kind]
    return scene.said_of(person, pack[alike.index(person) % len(pack)])


def wants(scene: Scene, key: str) -> str:
    at = [person.name for person in scene.cast].index(key) if key in (one.name for one in scene.cast) else 0
    if at < 2:
        return scene.fill(scene.conflict[("want_a", "want_b")[at]])
    return choosing.in_turn(scene.prompt, "bystander", _BYSTANDERS_WANT)[(at - 2) % len(_BYSTANDERS_WANT)]


def _field(scene: Scene, key: str, name: str, variant: int) -> str:
    return wants(scene, key) if name == "want" else trait(scene, key, name)


def _pool(scene: Scene, key: str) -> Sequence[str]:
    person = person_of(scene, key)
    return [
        f"{person.name} {trait(scene, key, 'habit')}.",
        f"{capital(person.pronouns['he'])} {trait(scene, key, 'wound')}.",
        *([f"With {scene.other.name} there is a history: {scene.fill('{over}')}."] if person is scene.cast[0] else []),
        *([scene.in_short] if person is scene.other else []),
    ]


CRAFT: Final = Craft(
    form=FORMS["characters"],
    keys=lambda scene, number: [person.name for person in scene.cast],
    field=_field,
    pool=_pool,
    stock=lambda scene: ["Says less than there is to say."],
    fuller=lambda scene: {scene.in_short: scene.happens},
)
