"""The agents that work on code: `lead` sorts and hands on, `operate` looks for causes, `review` reads a change."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.model import OFFLINE, ModelRefused, ModelRequest, ModelUnavailable, TokensSpent
from reveille.agents.operation.operate import operate
from reveille.agents.reviewing.answer import read_answer
from reveille.agents.reviewing.diff import Diff, FileDiff, parse
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.material import Description, description_in, diff_in, diff_of_paths
from reveille.agents.reviewing.offline import is_complete
from reveille.agents.reviewing.places import findings_of, named_in
from reveille.agents.reviewing.prompt import SYSTEM, Question, compose
from reveille.agents.reviewing.report import merge, report
from reveille.agents.reviewing.rules import review_change, review_descriptions, review_files
from reveille.agents.task import Signal, Task
from reveille.agents.tool import ToolFailed
from reveille.agents.triage.lead import lead
from reveille.agents.triage.sorting import body_of
from reveille.agents.words import plural

__all__ = ["lead", "operate", "review"]

_MOST_OUTPUT: Final = 1_500
_LEAST_OUTPUT: Final = 200
# A fault is told of within days of the change that made it, or much later.
_REPORT_HOURS: Final = 24 * 7
# A change that would need more is read in part, whatever the budgets have room for.
_MOST_ASKED: Final = 30_000


@dataclass(slots=True)
class _Material:
    """read: whether there are lines, not only names of files. notes: what the reader should know about the review."""

    files: list[FileDiff] = field(default_factory=list)
    descriptions: list[Description] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    read: bool = False

    @property
    def diff(self) -> Diff:
        return Diff(tuple(self.files))


async def review(task: Task, context: Context) -> dict[str, Any]:
    """`{summary, findings: [{rule, severity, path, line, message}], model, files, additions, deletions, verdict}`.

    What the rules find stands whatever becomes of the model; the summary says where it could not be asked.
    """
    material = await _gather(task.signals, context)
    await context.checkpoint()
    findings: list[Finding] = []
    if material.files or material.descriptions:
        await context.progress(f"reading {plural(len(material.files), 'file')}")
        findings = await _findings(material, context)
    findings += await _of_reports(task.signals, context, material)
    await context.progress(f"found {plural(len(findings), 'finding')}")
    return _reported(material, findings, context)


def _reported(material: _Material, findings: list[Finding], context: Context) -> dict[str, Any]:
    return report(material.diff, findings, model=context.model.name, read=material.read, notes=material.notes)


async def _gather(signals: Sequence[Signal], context: Context) -> _Material:
    material = _Material()
    seen: set[str] = set()
    for signal in signals:
        await context.checkpoint()
        if signal.after and not signal.after.strip("0"):
            material.notes.append(f"{signal.ref or 'the branch'} was deleted: nothing to review")
            continue
        text = await _diff_of(signal, context, material.notes)
        if text is not None:
            material.read = True
            # Several signals of one push, or one told of twice.
            material.files += parse(text).files if text not in seen else ()
            seen.add(text)
        _add_description(signal, material, read=text is not None)
    if not signals:
        material.notes.append("the task carries no signal: nothing to review")
    return material


async def _diff_of(signal: Signal, context: Context, notes: list[str]) -> str | None:
    """The clone has the change itself, the payload may carry it; None where neither does."""
    if signal.clone and signal.after:
        names = ("clone", "before", "after", "ref", "base_ref")
        try:
            answer = await context.tools.call("git.diff", {name: getattr(signal, name) for name in names})
        except ToolFailed as error:
            notes.append(f"the clone could not be read: {error}")
        else:
            if answer["truncated"]:
                notes.append("the change is too large to be read whole: its end was not reviewed")
            if not answer["diff"]:
                notes.append(f"{signal.ref or signal.after} changes nothing")
            return str(answer["diff"])
    return diff_in(signal.payload) or None


def _add_description(signal: Signal, material: _Material, *, read: bool) -> None:
    if signal.means.startswith("issue."):
        return  # a report of something, and no change
    description = description_in(signal, read=read)
    if description and description not in material.descriptions:
        material.descriptions.append(description)
    if read:
        return
    if signal.paths:
        material.files += parse(diff_of_paths(signal.paths)).files
    elif description is None:
        material.notes.append(f"signal {signal.id} carries neither a diff nor a pull request: nothing to review")


async def _of_reports(signals: Sequence[Signal], context: Context, material: _Material) -> list[Finding]:
    """What a report names, and who changed it lately: where whoever takes it begins."""
    found: list[Finding] = []
    for signal in signals:
        if not signal.means.startswith("issue."):
            continue
        title = f"#{signal.number} {signal.title}".strip()
        places = named_in(f"{signal.title}\n{body_of(signal)}")
        if not places:
            material.notes.append(f"{title} is a report that names no file: there is nothing to look at")
            continue
        try:
            arguments = {"repository": signal.repository, "hours": _REPORT_HOURS, "limit": 200}
            recent = await context.tools.call("signals.recent", arguments)
        except ToolFailed as error:
            material.notes.append(f"what was changed lately could not be read: {error}")
            recent = []
        material.notes.append(f"{title} is a report: the places that it names are below")
        found += findings_of(places, recent)
    return found


async def _findings(material: _Material, context: Context) -> list[Finding]:
    diff = material.diff
    output = max(_LEAST_OUTPUT, min(_MOST_OUTPUT, context.tokens_left // 4))
    external = context.model.name != OFFLINE

    def request(text: str) -> ModelRequest:
        return ModelRequest(purpose="review", system=SYSTEM, prompt=text, max_output_tokens=output)

    def fitting(tokens: int) -> Question | None:
        return compose(
            diff,
            material.descriptions,
            tokens=tokens,
            external=external,
            fits=lambda text: context.model.cap(request(text)) <= tokens,
        )

    question = fitting(context.tokens_left)
    if question is None or len(question.files) < len(material.files):
        whole = fitting(_MOST_ASKED)
        missing = context.model.cap(request(whole.text)) - context.tokens_left if whole else 0
        if missing > 0:
            context.keep(_reported(material, await _by_rules(material, ()), context))
            if await context.more_tokens(missing):
                question = fitting(context.tokens_left)
    if question is None:
        left = context.tokens_left
        material.notes.append(f"the {left} tokens left do not suffice to ask {context.model.name}")
        return await _by_rules(material, ())
    answer = await _ask(request(question.text), context, material.notes)
    await context.checkpoint()
    if answer is None:
        return await _by_rules(material, ())
    if external:
        return await _joined(answer, question, material, context.model.name)
    return await _completed(answer, question, material)


async def _joined(answer: str, question: Question, material: _Material, name: str) -> list[Finding]:
    total = len(material.files)
    findings = read_answer(answer, material.diff)
    if findings is None:
        material.notes.append(f"{name} answered nothing usable")
    elif len(question.files) < total:
        material.notes.append(f"{name} was shown {len(question.files)} whole files of {total}")
    return merge(await _by_rules(material, ()), findings or [])


async def _completed(answer: str, question: Question, material: _Material) -> list[Finding]:
    """The offline model applied the rules to what it was shown; what it was not shown is left to do."""
    findings = read_answer(answer, material.diff) if is_complete(answer) else None
    if findings is None:
        return await _by_rules(material, ())
    if len(question.files) == len(material.files):
        return findings
    return merge([*findings, *await _by_rules(material, question.files)], [])


async def _ask(request: ModelRequest, context: Context, notes: list[str]) -> str | None:
    await context.progress(f"asking {context.model.name}")
    try:
        return (await context.model.complete(request)).text
    except (ModelUnavailable, ModelRefused, TokensSpent) as error:
        notes.append(f"the model was not heard: {error}")
        return None


async def _by_rules(material: _Material, without: Sequence[FileDiff]) -> list[Finding]:
    findings = [*review_change(material.diff), *review_descriptions(material.descriptions)]
    for file in material.files:
        if file not in without:
            findings += review_files([file])
            # A large change takes a while; the loop has other work.
            await asyncio.sleep(0)
    return merge(findings, [])
