"""Where to look for what a report tells of: the files that it names, and who changed them lately."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents.reviewing.finding import Finding

_ENDINGS: Final = (
    "py|js|jsx|ts|tsx|go|rs|java|kt|rb|php|c|h|cc|cpp|hpp|cs|swift|scala|sql|sh|yaml|yml|toml|json|html|css|proto|tf"
)
# A line of a Python traceback, or a file with or without its line as other stacks and people write it.
_PYTHON: Final = re.compile(r'File "([^"\n]{1,200})", line (\d{1,7})')
_PLACE: Final = re.compile(
    rf"(?<![\w/.-])((?:[\w.-]{{1,80}}/){{0,12}}[\w.-]{{1,80}}\.(?:{_ENDINGS}))(?::(\d{{1,7}}))?(?![\w/])"
)
_MOST_READ: Final = 20_000
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Place:
    path: str
    line: int | None


def named_in(text: str) -> list[Place]:
    """In the order in which the report names them, each once."""
    text = text[:_MOST_READ]
    found: dict[Place, None] = {}
    for path, line in _PYTHON.findall(text):
        found[Place(path, int(line))] = None
    for path, line in _PLACE.findall(_PYTHON.sub(" ", text)):
        found[Place(path, int(line) if line else None)] = None
    return list(found)[:_MOST]


def findings_of(places: Iterable[Place], recent: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """recent: signals as the API shows them, the newest first. A file that was changed lately says so."""
    return [_finding(place, _last_change(place, recent)) for place in places]


def _last_change(place: Place, recent: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    for signal in recent:
        if signal["means"] not in ("code.pushed", "change.merged", "change.opened", "change.updated"):
            continue
        if any(_same(place.path, str(path)) for path in signal["paths"] or ()):
            return signal
    return None


def _same(named: str, changed: str) -> bool:
    """A report names a file as it is installed, or by its end alone."""
    return named == changed or named.endswith(f"/{changed}") or changed.endswith(f"/{named}")


def _finding(place: Place, change: Mapping[str, Any] | None) -> Finding:
    if change is None:
        return Finding(
            rule="named-in-report",
            severity="info",
            path=place.path,
            line=place.line,
            message="the report names it; no change of it is on record lately",
        )
    what = change["title"] or change["kind"]
    by = f" by {change['actor']}" if change["actor"] else ""
    return Finding(
        rule="changed-lately",
        severity="medium",
        path=place.path,
        line=place.line,
        message=f"the report names it, and it was changed lately: {what}{by}"[:500],
    )
