"""All rules of the review, as data: those that need one file, the whole change, or its description."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from reveille.agents.reviewing.description import review_description
from reveille.agents.reviewing.diff import Diff, FileDiff
from reveille.agents.reviewing.finding import Finding, order
from reveille.agents.reviewing.leftovers import conflict_markers, debug_leftovers, focused_tests
from reveille.agents.reviewing.material import Description
from reveille.agents.reviewing.risky import lock_without_manifest, risky_files
from reveille.agents.reviewing.secrets import secrets
from reveille.agents.reviewing.size import size, unread
from reveille.agents.reviewing.undocumented import missing_docs, undocumented_change
from reveille.agents.reviewing.untested import missing_tests

FILE_RULES: Final[tuple[Callable[[FileDiff], Iterator[Finding]], ...]] = (
    conflict_markers,
    debug_leftovers,
    focused_tests,
    missing_docs,
    risky_files,
    secrets,
)
CHANGE_RULES: Final[tuple[Callable[[Diff], Iterator[Finding]], ...]] = (
    lock_without_manifest,
    missing_tests,
    size,
    undocumented_change,
    unread,
)


def review_files(files: Iterable[FileDiff]) -> list[Finding]:
    return sorted({finding for file in files for rule in FILE_RULES for finding in rule(file)}, key=order)


def review_change(diff: Diff) -> list[Finding]:
    return sorted({finding for rule in CHANGE_RULES for finding in rule(diff)}, key=order)


def review_descriptions(descriptions: Iterable[Description]) -> list[Finding]:
    return sorted({finding for pull in descriptions for finding in review_description(pull)}, key=order)


def review(diff: Diff) -> list[Finding]:
    return sorted({*review_files(diff.files), *review_change(diff)}, key=order)
