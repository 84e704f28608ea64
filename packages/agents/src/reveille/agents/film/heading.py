"""The head of a department: briefs its specialists, and reviews what they bring by measuring it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.asking import is_worth_asking
from reveille.agents.context import Context
from reveille.agents.film.briefs import brief_for, is_needed
from reveille.agents.film.crafts import FORMS, craft_of
from reveille.agents.film.drafting import prompt_of, texts
from reveille.agents.film.modelling import answered
from reveille.agents.film.notes import told
from reveille.agents.film.scene import Scene, scene_of
from reveille.agents.film.wording import listed
from reveille.agents.reading import clean
from reveille.agents.task import Task
from reveille.agents.words import plural

_USUAL_QUALITY: Final = 70
_MOST_OUTPUT: Final = 700
_MOST_OF_TEXT: Final = 40_000
_MOST_NOTES: Final = 2_000


async def head(task: Task, context: Context) -> dict[str, Any]:
    """Role `brief`: `{briefs: {specialist: brief}, summary}`. Role `review`: `{reviews: [...], summary}`."""
    match task.role:
        case "brief":
            return await _brief(task, context)
        case "review":
            return await _review(task, context)
        case role:
            raise ValueError(f"role {role!r} is none of a head, expected brief or review")


async def _brief(task: Task, context: Context) -> dict[str, Any]:
    specialists = texts(task.facts.get("specialists"))
    department = str(task.facts.get("title") or task.facts.get("department") or task.department)
    asked = task.results.get("orchestrate")
    scene = scene_of(prompt_of(task, {}))
    complexity = str(asked.get("complexity", "")) if isinstance(asked, Mapping) else ""
    await context.checkpoint()
    await context.progress(
        f"{scene.genre} {scene.at}: {listed([person.name for person in scene.cast])}, {scene.conflict['name']}"
    )
    wanted = [one for one in specialists if is_needed(one, scene)]
    briefs = {
        one: brief_for(one, scene, complexity=complexity, department=department, words=texts(task.facts.get("words")))
        for one in wanted
    }
    notes = [f"{one} is not briefed: no dialogue was asked for" for one in specialists if one not in wanted]
    if is_worth_asking(context) and briefs:
        await _aim_with_model(context, briefs, department, notes)
    words = listed(sorted({word for brief in briefs.values() for word in brief["must_mention"]})[:8])
    await context.progress(f"briefed {listed(list(briefs)) or 'nobody'}; to be mentioned: {words or 'nothing'}")
    return {
        "briefs": briefs,
        "summary": clean(f"{plural(len(briefs), 'specialist')} briefed on {scene.in_short}", 300),
        "notes": [clean(note, 300) for note in notes],
        "model": context.model.name,
    }


async def _aim_with_model(
    context: Context, briefs: dict[str, dict[str, Any]], department: str, notes: list[str]
) -> None:
    """Its aims stand before those that follow from the prompt."""
    await context.progress(f"asking {context.model.name} what each is to aim at")
    first = next(iter(briefs.values()))
    prompt = (
        f"You head the department {clean(department, 80)} of a film. Say in up to three short aims what each is to do."
        f" Answer with an object that has by name a list of texts, for: {', '.join(briefs)}.\n"
        f"Scene: {first['slug']}, {first['genre']}, {first['tone']}\nPrompt: {first['prompt']}"
    )
    answer = await answered(context, "brief", prompt, notes, most_output=_MOST_OUTPUT)
    for specialist, brief in briefs.items():
        aims = [clean(aim, 300) for aim in texts(answer.get(specialist))[:3]]
        brief["aims"] = [*aims, *brief["aims"]]


async def _review(task: Task, context: Context) -> dict[str, Any]:
    drafts = task.facts.get("drafts")
    given = {
        str(specialist): task.results[step]
        for specialist, step in (drafts.items() if isinstance(drafts, Mapping) else ())
        if step in task.results
    }
    least = task.facts.get("min_quality")
    least = least if isinstance(least, int | float) and not isinstance(least, bool) else _USUAL_QUALITY
    briefs = _briefs(task)
    last = task.round >= int(task.facts.get("rounds") or task.round or 1)
    notes: list[str] = []
    reviews = []
    for specialist, draft in given.items():
        await context.checkpoint()
        brief = briefs.get(specialist) or _assumed(task, specialist)
        measured = await context.tools.call("text.measure", _arguments(draft, brief, specialist))
        reviews.append(_reviewed(specialist, measured, least=least, last=last))
        one = reviews[-1]
        await context.progress(
            f"{specialist}, round {max(1, task.round)}: {one['score']} of 100, {one['status']}; {one['reasons'][0]}"
        )
    if is_worth_asking(context) and reviews:
        await _note_with_model(context, reviews, given, notes)
    passed = [one["specialist"] for one in reviews if one["status"] == "approved"]
    told_scores = ", ".join(f"{one['specialist']} {one['score']}" for one in reviews) or "no draft was handed in"
    return {
        "reviews": reviews,
        "summary": clean(f"{len(passed)} of {plural(len(reviews), 'draft')} approved: {told_scores}", 300),
        "notes": [clean(note, 300) for note in notes],
        "model": context.model.name,
    }


def _reviewed(specialist: str, measured: Mapping[str, Any], *, least: float, last: bool) -> dict[str, Any]:
    """The worst first. What passes gets no notes: it is not done again."""
    checks = sorted(measured["checks"], key=lambda check: check["score"])
    score = measured["score"]
    status = "approved" if score >= least else "rejected" if last else "revise"
    advice = [advice for check in checks for advice in check["advice"]]
    return {
        "specialist": specialist,
        "score": score,
        "reasons": [clean(f"{check['name']} {check['score']}: {check['reason']}", 400) for check in checks],
        "status": status,
        "notes": "" if status == "approved" else told(advice)[:_MOST_NOTES],
    }


async def _note_with_model(
    context: Context, reviews: Sequence[dict[str, Any]], drafts: Mapping[str, Any], notes: list[str]
) -> None:
    """The score stays what was measured; the model says in its own words what else to better."""
    revised = [one for one in reviews if one["status"] == "revise"]
    if not revised:
        return
    await context.progress(f"asking {context.model.name} for notes")
    lines = ["Say for each draft in one sentence what to better. Answer with an object that has by name a text."]
    for one in revised:
        lines.append(
            f"{one['specialist']} ({'; '.join(one['reasons'])}): {_text_of(drafts[one['specialist']])[:4_000]}"
        )
    answer = await answered(context, "review", "\n".join(lines), notes, most_output=_MOST_OUTPUT)
    for one in revised:
        said = answer.get(one["specialist"])
        if isinstance(said, str) and said.strip():
            one["notes"] = told([one["notes"], clean(said, 500)])


def _arguments(draft: Any, brief: Mapping[str, Any], specialist: str) -> dict[str, Any]:
    kind = draft.get("kind") if isinstance(draft, Mapping) else None
    form = FORMS.get(kind if isinstance(kind, str) else craft_of(specialist))
    structure, length = brief.get("structure"), brief.get("length")
    entries = draft.get(form.holds) if form and isinstance(draft, Mapping) else None
    bounds = length if isinstance(length, Mapping) else {}
    cast = brief.get("cast")
    return {
        "text": _text_of(draft),
        "must_mention": texts(brief.get("must_mention")),
        "least": _bound(bounds.get("least"), 40),
        "most": max(_bound(bounds.get("least"), 40), _bound(bounds.get("most"), 2_000)),
        "kind": form.kind if form else "",
        "parts": texts(structure.get("parts")) if isinstance(structure, Mapping) else [],
        "voices": len(cast) if isinstance(cast, list) else 2,
        "entries": [dict(one) for one in entries if isinstance(one, Mapping)] if isinstance(entries, list) else [],
    }


def _text_of(draft: Any) -> str:
    """Of an agent that writes no `text`: all the texts that its draft has."""
    if isinstance(draft, Mapping):
        text = draft.get("text")
        if isinstance(text, str) and text.strip():
            return text[:_MOST_OF_TEXT]
        return "\n".join(_text_of(value) for key, value in draft.items() if key != "model")[:_MOST_OF_TEXT]
    if isinstance(draft, list | tuple):
        return "\n".join(map(_text_of, draft))[:_MOST_OF_TEXT]
    return draft[:_MOST_OF_TEXT] if isinstance(draft, str) else ""


def _briefs(task: Task) -> Mapping[str, Mapping[str, Any]]:
    item = task.item if isinstance(task.item, Mapping) else {}
    told_in = task.results.get(task.department)
    found: dict[str, Mapping[str, Any]] = {}
    for source in (told_in.get("briefs") if isinstance(told_in, Mapping) else None, item.get("briefs")):
        if isinstance(source, Mapping):
            found |= {str(name): brief for name, brief in source.items() if isinstance(brief, Mapping)}
    return found


def _assumed(task: Task, specialist: str) -> Mapping[str, Any]:
    """Where nobody said what the brief was: nothing but a text that is one."""
    try:
        scene: Scene = scene_of(prompt_of(task, {}))
    except ValueError:
        return {}
    return brief_for(specialist, scene, complexity="", department=task.department)


def _bound(value: Any, usual: int) -> int:
    return max(1, min(value, 5_000)) if isinstance(value, int) and not isinstance(value, bool) else usual
