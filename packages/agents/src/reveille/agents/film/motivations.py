"""The motivation writer: why each of them wants it, and what stands in the way."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.film import choosing
from reveille.agents.film.characters import headed, person_of, trait, wants
from reveille.agents.film.crafts import FORMS
from reveille.agents.film.drafting import worked
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import Scene
from reveille.agents.film.wording import capital
from reveille.agents.task import Task

_SAID: Final[Mapping[str, str]] = {
    "wants": "{} wants to {}.", "because": "The reason: {}.", "obstacle": "In the way: {}.",
    "risk": "What it may cost: {}.",
}  # fmt: skip
_OBSTACLES: Final = (
    "{B}, who would rather {want_b}",
    "{A}, who will not stop until it is possible to {want_a}",
    "the other two, and having loved them both",
    "everybody here having a reason, and nobody a better one",
)


async def write_motivations(task: Task, context: Context) -> dict[str, Any]:
    """`{kind, title, text, people: [{name, wants, because, obstacle, risk, text}], …}`."""
    return await worked(task, context, CRAFT, render)


def render(scene: Scene, parts: Sequence[Part]) -> str:
    told = []
    for part in parts:
        said = [
            form.format(part.key, part.fields[name]) if name == "wants" else form.format(part.fields[name].rstrip("."))
            for name, form in _SAID.items()
            if part.fields.get(name)
        ]
        told.append(" ".join((headed(scene, part.key), *said, *part.lines)))
    return "\n\n".join(told)


def _field(scene: Scene, key: str, name: str, variant: int) -> str:
    person = person_of(scene, key)
    at = scene.cast.index(person)
    match name:
        case "wants":
            return wants(scene, key)
        case "because":
            return f"{person.pronouns['he']} {trait(scene, key, 'wound')}"
        case "obstacle":
            return scene.fill(_OBSTACLES[at % len(_OBSTACLES)])
        case _:
            return scene.fill(scene.conflict["stakes"]) if at == 0 else trait(scene, key, "fear")


def _pool(scene: Scene, key: str) -> Sequence[str]:
    person = person_of(scene, key)
    he, flaw, need = person.pronouns["he"], trait(scene, key, "flaw"), trait(scene, key, "need")
    ways = choosing.in_turn(
        scene.prompt,
        "pursuit",
        (
            f"{capital(he)} goes about it the only way {he} knows: {he} {flaw}.",
            f"It is made harder by this: {person.name} {flaw}.",
            f"Watch how it is done, for {he} {flaw}.",
            f"What spoils it is that {person.name} {flaw}.",
        ),
    )
    deeper = (
        f"What {he} does not know is how little would do: {need}.",
        f"Beneath the want is a need: {need}.",
        f"Ask twice, and it comes down to this: {need}.",
        f"It would take less than that: {need}.",
    )
    at = scene.cast.index(person)
    knowing = {
        0: f"{person.name} does not know it yet: {scene.fill('{truth}')}.",
        1: f"{person.name} came {scene.at} knowing what {scene.cast[0].name} does not.",
    }
    return [
        ways[at % len(ways)],
        deeper[at % len(deeper)],
        *([knowing[at]] if at in knowing else []),
        *([scene.in_short] if at == 0 else []),
    ]


CRAFT: Final = Craft(
    form=FORMS["motivations"],
    keys=lambda scene, number: [person.name for person in scene.cast],
    field=_field,
    pool=_pool,
    stock=lambda scene: ["It goes back a long way."],
    fuller=lambda scene: {scene.in_short: scene.happens},
)
