"""The orchestrator of a scene: whose business a prompt is, and in the end the scene of everybody's work."""

from collections.abc import Mapping
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.film.composing import composed
from reveille.agents.film.drafting import prompt_of
from reveille.agents.film.premise import MOST_CHARACTERS, Premise, premise_of
from reveille.agents.film.relevance import Relevance, relevance_of
from reveille.agents.film.scene import scene_of
from reveille.agents.film.wording import listed, sentences_in, words_in
from reveille.agents.reading import clean
from reveille.agents.task import Task

_USUAL_RELEVANCE: Final = 0.3


async def orchestrate(task: Task, context: Context) -> dict[str, Any]:
    """Role `orchestrate`: `{relevance, reasons, prompt, complexity, summary}`; role `compose`: the scene.

    Raises ValueError where nobody said what the scene is to be about, and for a task of another role.
    """
    await context.checkpoint()
    match task.role:
        case "orchestrate":
            return await _weighed(task, context)
        case "compose":
            return await _composed(task, context)
        case role:
            raise ValueError(f"role {role!r} is none of an orchestrator, expected orchestrate or compose")


async def _weighed(task: Task, context: Context) -> dict[str, Any]:
    prompt = "\n".join(text for one in task.inputs if (text := one.text.strip()))[:MOST_CHARACTERS]
    if not prompt:
        raise ValueError("no input says what the scene is about, expected at least one text")
    departments = task.facts.get("departments")
    known: Mapping[str, Any] = departments if isinstance(departments, Mapping) else {}
    premise = premise_of(prompt)
    await context.progress(f"reading the prompt: {clean(prompt, 160)}")
    found = {
        str(name): relevance_of(premise, str(name), told if isinstance(told, Mapping) else {})
        for name, told in known.items()
    }
    least = task.facts.get("min_relevance")
    least = float(least) if isinstance(least, int | float) and not isinstance(least, bool) else _USUAL_RELEVANCE
    found = _somebody(found, least)
    woken = [name for name, one in found.items() if one.score >= least]
    complexity = _complexity(premise)
    scores = ", ".join(f"{name} {one.score:.2f}" for name, one in found.items())
    await context.progress(
        f"{complexity}; {listed(woken) or 'nobody'} {'is' if len(woken) == 1 else 'are'} to work on it ({scores})"
    )
    return {
        "relevance": {name: one.score for name, one in found.items()},
        "reasons": {name: clean(one.reason, 300) for name, one in found.items()},
        "prompt": prompt,
        "complexity": complexity,
        "summary": clean(f"{complexity} prompt for {listed(woken) or 'nobody'}: {scores}", 300),
    }


def _somebody(found: Mapping[str, Relevance], least: float) -> dict[str, Relevance]:
    """Where nobody's words are in the prompt, the likeliest does it all the same: a prompt is there to be worked on."""
    if not found or any(one.score >= least for one in found.values()):
        return dict(found)
    best = max(found, key=lambda name: found[name].score)
    why = f"nothing in the prompt is for anybody more than for this department ({found[best].reason})"
    return {**found, best: Relevance(max(least, found[best].score), why)}


def _complexity(premise: Premise) -> str:
    people = sum(mention.count for mention in premise.people)
    points = (
        (len(words_in(premise.text)) > 25)
        + (len(words_in(premise.text)) > 60)
        + (people > 2)
        + (len(premise.wishes) > 1)
        + (len(sentences_in(premise.text)) > 2)
        + (premise.length > 700)
    )
    return ("simple", "moderate", "complex")[0 if premise.length and premise.length < 300 else min(2, points)]


async def _composed(task: Task, context: Context) -> dict[str, Any]:
    scene = scene_of(prompt_of(task, {}))
    told = task.facts.get("departments")
    departments = (
        {str(name): one for name, one in told.items() if isinstance(one, Mapping)} if isinstance(told, Mapping) else {}
    )
    await context.progress(f"putting together what {listed(list(departments)) or 'nobody'} made")
    result = composed(scene, departments, task.results)
    await context.progress(f"{result['title']}: {result['summary']}")
    return result
