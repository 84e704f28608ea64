"""What stands in for a language model's judgement in a poll: it reads the lines of the question and names some."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

REVIEWER_WANTS: Final = (
    "You review changes into main when they are opened, synchronize or ready_for_review, but no drafts, "
    "and only such as touch src/ beside src/generated/."
)
LEADER_WANTS: Final = (
    "You sort issues when they are opened, but not such as agents open themselves, "
    "and you write the morning report when its time has come."
)
OPERATOR_WANTS: Final = (
    "You look into alerts that are firing with severity critical or page, "
    "and into pipelines that failed 3 times within 15 minutes."
)
_NUMBERED: Final = re.compile(r"^([0-9]{1,4})\. (.*)$", re.MULTILINE)
_CHANGE: Final = re.compile(r"pull_request\.(?:opened|synchronize|ready_for_review) into main by ")
_SOURCES: Final = re.compile(r"(?:[\[ ])src/(?!generated/)")
_ISSUE: Final = re.compile(r"issues\.opened by (?!claude\[bot\] |reveille-lead )")
_ALERT: Final = re.compile(r"alert\.firing (?:critical|page) ")
_THIRD: Final = re.compile(r"workflow_run\.completed failed 3 times ")


def line_of(one: Mapping[str, Any]) -> str:
    """One of the news, in a line. What outsiders have written stands at its end, but for the names of files."""
    kind, means, where = one["kind"], one["means"], one["repository"] or "the platform"
    title = " ".join(one["title"].split())
    if means.startswith("change."):
        draft = " draft" if one["draft"] else ""
        files = ", ".join(one["paths"] or ())
        return f"{kind}{draft} into {one['base_ref']} by {one['actor']} in {where} [{files}]: {title}"
    if means.startswith("alert."):
        return f"{kind} {one['severity']} in {where}: {title}"
    if means == "pipeline.failed":
        return f"{kind} failed {len(one['earlier']) + 1} times within 15 minutes in {where}: {title}"
    by = f" by {one['actor']}" if one["actor"] else ""
    return f"{kind}{by} in {where}: {title}"


def answer_poll(prompt: str, most: int) -> str:
    wants, _, listed = prompt.partition("\n")
    concerns = _CONCERNS[wants]
    numbers = [number for number, line in _NUMBERED.findall(listed) if concerns(line)]
    return (", ".join(numbers) or "none")[:most]


def numbers_in(answer: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]{1,4}", answer)]


def _reviews(line: str) -> bool:
    files = line.partition("[")[2].partition("]")[0]
    return bool(_CHANGE.match(line)) and bool(_SOURCES.search(f" {files}"))


def _leads(line: str) -> bool:
    return bool(_ISSUE.match(line)) or line.startswith("morning-report")


def _operates(line: str) -> bool:
    return bool(_ALERT.match(line) or _THIRD.match(line))


_CONCERNS: Final[Mapping[str, Callable[[str], bool]]] = {
    REVIEWER_WANTS: _reviews,
    LEADER_WANTS: _leads,
    OPERATOR_WANTS: _operates,
}
