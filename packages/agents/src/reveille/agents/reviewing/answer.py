"""A model's answer, read leniently and believed only as far as the diff bears it out."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reveille.agents.reviewing.diff import Diff
from reveille.agents.reviewing.finding import SEVERITIES, Finding
from reveille.agents.reviewing.secrets import masked

# The rule of a finding to which the model gave no name.
UNNAMED: Final = "model"
MAX_MESSAGE: Final = 500
_MOST: Final = 200
_START: Final = re.compile(r'"findings"\s*:\s*\[|^\s*(?:```\w*\s*)?\[', re.MULTILINE)
_SEPARATORS: Final = ", \t\r\n"
_DECODER: Final = json.JSONDecoder()


def read_answer(text: str, diff: Diff) -> list[Finding] | None:
    """None where the text holds no list of findings; what does not fit the diff is left out.

    A list that was cut off in the middle gives what stands before the cut.
    """
    start = _START.search(text)
    if start is None:
        return None
    lines = _lines(diff)
    return [finding for item in _objects(text, start.end()) if (finding := _finding(item, lines))]


def _lines(diff: Diff) -> dict[str, set[int]]:
    lines: dict[str, set[int]] = {}
    for file in diff.files:
        lines.setdefault(file.path, set()).update(line.new for line in file.lines if line.new is not None)
    return lines


def _objects(text: str, at: int) -> Iterator[Mapping[str, Any]]:
    for _ in range(_MOST):
        while at < len(text) and text[at] in _SEPARATORS:
            at += 1
        try:
            item, at = _DECODER.raw_decode(text, at)
        # RecursionError: brackets nested by the thousand.
        except (ValueError, RecursionError):
            return
        if isinstance(item, dict):
            yield item


def _finding(item: Mapping[str, Any], lines: Mapping[str, set[int]]) -> Finding | None:
    path, line, message = item.get("path"), item.get("line"), item.get("message")
    if not isinstance(path, str) or not isinstance(message, str) or not message.strip():
        return None
    path = path if path in lines else re.sub(r"^(\./|[ab]/)", "", path)
    if path and path not in lines:
        return None
    if line is not None and (not isinstance(line, int) or isinstance(line, bool) or line not in lines.get(path, ())):
        return None
    severity = str(item.get("severity", "")).lower()
    return Finding(
        rule=re.sub(r"[^a-z0-9]+", "-", str(item.get("rule", "")).lower())[:40].strip("-") or UNNAMED,
        severity=severity if severity in SEVERITIES else "low",
        path=path,
        line=line,
        message=masked(" ".join(message.split()))[:MAX_MESSAGE],
    )
