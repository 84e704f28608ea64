"""A day in a few lines: what came in, what failed and was not mended, which alerts still fire."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.words import plural

_MOST: Final = 20
_ENDS: Final = {"pipeline.succeeded": "pipeline.failed", "alert.resolved": "alert.firing"}


def overview(signals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """signals: as the API shows them, the newest first."""
    by_means = Counter(str(signal["means"]) for signal in signals)
    by_repository = Counter(str(signal["repository"]) for signal in signals if signal["repository"])
    return {
        "signals": len(signals),
        "by_means": dict(by_means.most_common()),
        "repositories": dict(by_repository.most_common(_MOST)),
        "open_failures": _open(signals, "pipeline.failed"),
        "firing": _open(signals, "alert.firing"),
        "open_issues": [_line(one) for one in signals if one["means"] == "issue.opened"][:_MOST],
        "open_changes": _open_changes(signals),
    }


def summary_of(day: Mapping[str, Any]) -> str:
    if not day["signals"]:
        return "nothing came in"
    sentences = [f"{plural(day['signals'], 'signal')} from {plural(len(day['repositories']), 'repository')}"]
    for key, what in (
        ("open_failures", "pipeline failing"),
        ("firing", "alert firing"),
        ("open_changes", "change waiting"),
        ("open_issues", "new issue"),
    ):
        if day[key]:
            sentences.append(
                f"{len(day[key])} {what}: {'; '.join(one['title'] or one['kind'] for one in day[key][:3])}"
            )
    return ". ".join(sentences)


def _open(signals: Sequence[Mapping[str, Any]], means: str) -> list[dict[str, Any]]:
    """What began and was not told to have ended since."""
    ended: set[tuple[Any, ...]] = set()
    found: list[dict[str, Any]] = []
    seen: set[tuple[Any, ...]] = set()
    for signal in signals:
        key = (signal["source"], signal["repository"], signal["ref"], signal["title"])
        if _ENDS.get(signal["means"]) == means:
            ended.add(key)
        elif signal["means"] == means and key not in ended and key not in seen:
            seen.add(key)
            found.append(_line(signal))
    return found[:_MOST]


def _open_changes(signals: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    done: set[tuple[Any, ...]] = set()
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for signal in signals:
        key = (signal["repository"], signal["number"])
        if signal["means"] in ("change.merged", "change.closed"):
            done.add(key)
        elif signal["means"] in ("change.opened", "change.updated") and key not in done:
            found.setdefault(key, _line(signal))
    return list(found.values())[:_MOST]


def _line(signal: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "kind", "repository", "ref", "number", "title", "url", "received_at")
    return {name: signal.get(name) for name in names}
