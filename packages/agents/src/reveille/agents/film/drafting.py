"""How every specialist works: read the brief, draft or go over the draft with its notes, say what was done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from reveille.agents.asking import is_worth_asking
from reveille.agents.context import Context
from reveille.agents.film.lexicon import entries
from reveille.agents.film.modelling import drafted_by_model
from reveille.agents.film.notes import Notes, notes_in
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.parts import bounded, first_pass, parts_from, revised, told_by
from reveille.agents.film.scene import Scene, scene_of
from reveille.agents.film.wording import words_in
from reveille.agents.reading import clean
from reveille.agents.task import Task

Render: TypeAlias = Callable[[Scene, Sequence[Part]], str]
USUAL_BEATS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """keys: the parts that the brief asks for. previous: its draft of the round before; notes: what was said of it."""

    brief: Mapping[str, Any]
    scene: Scene
    keys: tuple[str, ...]
    round: int
    previous: Mapping[str, Any] | None
    notes: Notes
    said: str


async def worked(task: Task, context: Context, craft: Craft, render: Render) -> dict[str, Any]:
    job = _job_of(task, craft)
    form = craft.form
    told: list[str] = []
    await context.checkpoint()
    before = parts_from(craft, job.previous) if job.previous else []
    if before:
        await context.progress(f"going over the {form.title.lower()} with the notes: {clean(job.said, 160) or 'none'}")
        parts = revised(craft, job.scene, before, job.notes, job.keys)
    else:
        names = " and ".join(person.name for person in job.scene.cast)
        await context.progress(f"first pass of the {form.title.lower()}: {names}, {job.scene.slug}")
        parts = first_pass(craft, job.scene, job.keys)
    if is_worth_asking(context):
        parts = await drafted_by_model(context, craft, parts, brief=job.brief, notes=job.said, told=told) or parts
    parts = bounded(parts)
    text = render(job.scene, parts)
    number = len(words_in(text))
    await context.progress(f"{number} words in {len(parts)} parts, ready for review")
    return {
        "kind": form.kind,
        "title": f"{form.title}: {job.scene.slug}",
        "summary": clean(f"{form.title.lower()} of {number} words, round {job.round}: {_first_words(text)}", 300),
        "text": text,
        form.holds: told_by(craft, parts),
        "words": number,
        "round": job.round,
        "genre": job.scene.genre,
        "model": context.model.name,
        "notes": [clean(note, 300) for note in told],
    }


def _job_of(task: Task, craft: Craft) -> Job:
    item = task.item if isinstance(task.item, Mapping) else {}
    brief = item.get("brief")
    brief = brief if isinstance(brief, Mapping) else {"aims": [brief]} if isinstance(brief, str) else {}
    scene = scene_of(prompt_of(task, brief))
    asked = brief.get("structure")
    named = texts(asked.get("parts")) if isinstance(asked, Mapping) else []
    known = craft.keys(scene, USUAL_BEATS)
    keys = [key for key in named if _can(craft, scene, key)]
    round_ = task.round or item.get("round") or 1
    said = "; ".join(str(one) for one in (item.get("notes"),) if one)
    return Job(
        brief=brief,
        scene=scene,
        keys=tuple(keys or known),
        round=round_ if isinstance(round_, int) else 1,
        previous=_previous(task, craft) if task.round > 1 else None,
        notes=notes_in(said),
        said=said,
    )


def _can(craft: Craft, scene: Scene, key: str) -> bool:
    return key in entries("beats") if craft.form.beats else key in {person.name for person in scene.cast}


def prompt_of(task: Task, brief: Mapping[str, Any]) -> str:
    """What the scene is to be about. Raises ValueError where nobody said."""
    asked = task.results.get("orchestrate")
    found = (
        brief.get("prompt"),
        asked.get("prompt") if isinstance(asked, Mapping) else None,
        "\n".join(one.text for one in task.inputs),
        "\n".join(texts(brief.get("aims"))),
    )
    for prompt in found:
        if isinstance(prompt, str) and prompt.strip():
            return prompt
    raise ValueError(
        f"step {task.step} has no prompt, expected one in its brief, its inputs or the orchestrator's result"
    )


def texts(value: Any) -> list[str]:
    """Of a list that somebody else wrote, what is a text."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _previous(task: Task, craft: Craft) -> Mapping[str, Any] | None:
    """Its own draft: of the results, the one of its step in the round before, or else the only one of its form."""
    base = task.step.removesuffix(f"/{task.round}")
    for name in (f"{base}/{task.round - 1}", base):
        draft = task.results.get(name)
        if isinstance(draft, Mapping) and name != task.step:
            return draft
    of_form = [one for one in task.results.values() if isinstance(one, Mapping) and one.get("kind") == craft.form.kind]
    return of_form[-1] if of_form else None


def _first_words(text: str) -> str:
    return " ".join(text.split()[:24])
