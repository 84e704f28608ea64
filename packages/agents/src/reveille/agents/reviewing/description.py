"""Rules for what a pull request says of itself."""

import re
from collections.abc import Iterator
from typing import Final

from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.material import Description
from reveille.agents.reviewing.size import judge_size

_VAGUE: Final = re.compile(
    r"^\W*(wip|fix(es|ed)?|updates?|changes?|misc|stuff|test(ing)?|tmp|temp|refactor|cleanup)\W*$", re.I
)
_UNFINISHED: Final = re.compile(r"\b(wip|do not merge|don't merge|dnm)\b", re.I)
_SHORTEST_TITLE: Final = 8


def review_description(pull: Description) -> Iterator[Finding]:
    if _VAGUE.match(pull.title) or len(pull.title.strip()) < _SHORTEST_TITLE:
        yield _finding("vague-title", "low", f"the title {pull.title[:80]!r} does not say what changes")
    if _UNFINISHED.search(pull.title) and not pull.draft:
        yield _finding("unfinished", "medium", "the title says that it is not to be merged, and it is no draft")
    if pull.body is not None and not pull.body.strip():
        yield _finding(
            "no-description", "low", "the description is empty: say why the change is made and how it was tried"
        )
    if pull.draft:
        yield _finding("draft", "info", "it is a draft: what is found may be known already")
    if pull.read:
        return
    yield from judge_size("", lines=(pull.additions or 0) + (pull.deletions or 0), files=pull.changed_files or 0)
    yield _finding("not-read", "info", "the diff itself was not to be had: its lines were not reviewed")


def _finding(rule: str, severity: str, message: str) -> Finding:
    return Finding(rule=rule, severity=severity, path="", line=None, message=message)
