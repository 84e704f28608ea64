"""The result of a review: merged, ordered, bounded."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from reveille.agents.reviewing.answer import UNNAMED
from reveille.agents.reviewing.diff import Diff
from reveille.agents.reviewing.finding import SEVERITIES, Finding, order
from reveille.agents.words import plural

# Above 64 KiB a result becomes a blob; what else stands in it stays below the rest.
_MAX_BYTES: Final = 48_000
_MOST: Final = 200
_MAX_NOTES: Final = 4_000
_SIMILAR: Final = 0.5


def merge(rules: Iterable[Finding], model: Iterable[Finding]) -> list[Finding]:
    """The rules' findings, and those of the model's that say something else."""
    merged = sorted(set(rules), key=order)
    for finding in sorted(set(model), key=order):
        if not any(_same(finding, other) for other in merged):
            merged.append(finding)
    return sorted(merged, key=order)


def _same(one: Finding, other: Finding) -> bool:
    if one.path != other.path or one.line != other.line:
        return False
    if one.rule != UNNAMED and (one.rule in other.rule or other.rule in one.rule):
        return True
    ours, theirs = _words(one), _words(other)
    return len(ours & theirs) >= _SIMILAR * min(len(ours), len(theirs))


def _words(finding: Finding) -> set[str]:
    words = re.findall(r"[a-z]{4,}", f"{finding.rule} {finding.message}".lower())
    return {word.rstrip("s") for word in words}


def verdict(findings: Sequence[Finding], *, read: bool) -> str:
    severities = {finding.severity for finding in findings}
    if severities & {"critical", "high"}:
        return "request_changes"
    return "comment" if severities - {"info"} or not read else "approve"


def report(
    diff: Diff, findings: Sequence[Finding], *, model: str, read: bool, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """read: whether lines of the change were seen. notes: what the reader should know about the review itself."""
    ordered = sorted(findings, key=order)
    kept = _bounded(ordered)
    dropped = len(ordered) - len(kept)
    added = [*notes, f"{dropped} of the least serious findings are left out"] if dropped else list(notes)
    return {
        "summary": _summary(diff, ordered, read, added),
        "findings": kept,
        "dropped": dropped,
        "model": model,
        "files": len(diff.files),
        "additions": diff.additions,
        "deletions": diff.deletions,
        "verdict": verdict(ordered, read=read),
    }


def _bounded(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    left = _MAX_BYTES
    for finding in findings[:_MOST]:
        item = finding.as_json()
        left -= len(json.dumps(item)) + 2
        if left < 0:
            break
        kept.append(item)
    return kept


def _summary(diff: Diff, findings: Sequence[Finding], read: bool, notes: Sequence[str]) -> str:
    seen = f"{plural(len(diff.files), 'file')}, +{diff.additions} -{diff.deletions}" if read else "no lines to read"
    counts = Counter(finding.severity for finding in findings)
    found = (
        ", ".join(f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity]) or "nothing found"
    )
    sentences = [f"{seen}: {found}"]
    if findings and findings[0].severity != "info":
        first = findings[0]
        place = f"{first.path}:{first.line}" if first.line else first.path
        sentences.append(f"first of all {place[-300:]}: {first.message}" if place else f"first of all: {first.message}")
    return ". ".join([*sentences, *notes])[:_MAX_NOTES]
