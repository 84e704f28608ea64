"""What may be behind a failed pipeline or an alert: from what came in before it, with how sure that is and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from reveille.agents.operation.evidence import Happening, branch, same_alert, same_pipeline
from reveille.agents.task import Signal

# A change that is to blame shows within the hour; after it the odds fall.
_NEAR_SECONDS: Final = 3_600.0
_OFTEN: Final = 3
_MOST: Final = 5
_MINUTE: Final = 60.0
# Where a change goes wrong more often than elsewhere.
_RISKY: Final = (".github/", ".gitlab-ci", "Jenkinsfile", "Dockerfile", "deploy/", "helm/", "terraform/", "migrations/",
                 "requirements", "package-lock", "pyproject", "go.mod", "Cargo.lock", "pom.xml")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """confidence: 0 to 1."""

    happening: Happening
    why: str
    confidence: float

    def as_json(self) -> dict[str, Any]:
        one = self.happening
        return {
            "signal_id": one.id,
            "kind": one.kind,
            "title": one.title,
            "actor": one.actor,
            "url": one.url,
            "why": self.why,
            "confidence": round(self.confidence, 2),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """pattern: regression, flaky, recurring, widespread, new or unknown."""

    signal: Signal
    pattern: str
    because: str
    suspects: tuple[Suspect, ...]
    next_steps: tuple[str, ...]
    seen: int

    def as_json(self) -> dict[str, Any]:
        return {
            "signal_id": self.signal.id,
            "what": self.signal.title or self.signal.kind,
            "severity": self.signal.severity or ("high" if self.signal.means == "pipeline.failed" else "medium"),
            "pattern": self.pattern,
            "because": self.because,
            "suspects": [suspect.as_json() for suspect in self.suspects],
            "next_steps": list(self.next_steps),
            "earlier": self.seen,
            "url": self.signal.url,
        }


def diagnose(signal: Signal, happened: Sequence[Happening]) -> Diagnosis:
    """happened: the oldest first; what stands behind the signal itself, if it is among them, came later."""
    place = next((place for place, one in enumerate(happened) if one.id == signal.id), len(happened))
    before = happened[:place]
    now = happened[min(place, len(happened) - 1)].at if happened else 0.0
    if signal.means == "pipeline.failed":
        return _pipeline(signal, before, now)
    return _alert(signal, before, now)


def _pipeline(signal: Signal, before: Sequence[Happening], now: float) -> Diagnosis:
    runs = [one for one in before if same_pipeline(one, signal) and one.means != "pipeline.started"]
    failures = _last_row(runs, "pipeline.failed")
    success = next((one for one in reversed(runs) if one.means == "pipeline.succeeded"), None)
    suspects = _changes(signal, before, now, since=success.at if success else 0.0)
    elsewhere = {
        one.repository
        for one in before
        if one.means == "pipeline.failed" and one.repository != signal.repository and now - one.at < _NEAR_SECONDS
    }
    if signal.after and any(run.commit == signal.after and run.means == "pipeline.succeeded" for run in runs):
        pattern, because = "flaky", "the same commit has passed before"
    elif _changes_of_mind(runs) >= _OFTEN:
        pattern, because = "flaky", f"its last {len(runs)} runs went now this way, now that"
    elif len(elsewhere) > 1:
        pattern, because = "widespread", f"pipelines of {', '.join(sorted(elsewhere)[:3])} failed in the same hour"
    elif len(failures) + 1 >= _OFTEN:
        pattern, because = "recurring", f"it failed {len(failures) + 1} times in a row"
    elif suspects and success:
        pattern, because = "regression", "it passed before the changes that follow"
    elif suspects:
        pattern, because = "regression", "there were changes shortly before, and no success is on record"
    else:
        pattern, because = "unknown", _nothing_known(failures)
    return _diagnosis(signal, pattern, because, suspects, seen=len(failures))


def _nothing_known(failures: Sequence[Happening]) -> str:
    return "it failed before, and no change is on record" if failures else "no change and no earlier run is on record"


def _alert(signal: Signal, before: Sequence[Happening], now: float) -> Diagnosis:
    earlier = [one for one in before if same_alert(one, signal) and one.means == "alert.firing"]
    suspects = _changes(signal, before, now, since=now - 2 * _NEAR_SECONDS)
    shared = _shared_with_others(signal, before, now)
    if len(earlier) + 1 >= _OFTEN:
        pattern, because = "recurring", f"it fired {len(earlier)} times before in the time looked at"
    elif shared:
        pattern, because = "widespread", f"other alerts fire with {shared}"
    elif suspects:
        pattern, because = "regression", "something was changed shortly before"
    else:
        pattern, because = "new", "nothing was changed shortly before, and it did not fire before"
    return _diagnosis(signal, pattern, because, suspects, seen=len(earlier))


def _diagnosis(signal: Signal, pattern: str, because: str, suspects: tuple[Suspect, ...], *, seen: int) -> Diagnosis:
    return Diagnosis(
        signal=signal,
        pattern=pattern,
        because=because,
        suspects=suspects,
        next_steps=_steps(pattern, signal, suspects),
        seen=seen,
    )


def _changes(signal: Signal, before: Iterable[Happening], now: float, *, since: float) -> tuple[Suspect, ...]:
    """Pushes and merges, the likeliest first."""
    found = [
        _suspect(signal, one, now)
        for one in before
        if one.means in ("code.pushed", "change.merged") and one.at >= since and _concerns(one, signal)
    ]
    found.sort(key=lambda suspect: (-suspect.confidence, -suspect.happening.at, suspect.happening.id))
    return tuple(found[:_MOST])


def _concerns(one: Happening, signal: Signal) -> bool:
    if signal.repository and one.repository != signal.repository:
        return False
    return not (signal.means == "pipeline.failed" and signal.ref and one.ref and one.ref != branch(signal.ref))


def _suspect(signal: Signal, one: Happening, now: float) -> Suspect:
    if signal.after and one.commit == signal.after:
        return Suspect(happening=one, why="it is the commit that failed", confidence=0.9)
    minutes = max(0.0, now - one.at) / _MINUTE
    nearness = 1 / (1 + minutes * _MINUTE / _NEAR_SECONDS)
    why = f"{_told(minutes)} before"
    confidence = 0.2 + 0.4 * nearness
    if risky := [path for path in one.paths if any(part in path for part in _RISKY)]:
        why, confidence = f"{why}, and it touches {risky[0]}", confidence + 0.15
    if signal.repository and one.repository == signal.repository:
        confidence += 0.1
    return Suspect(happening=one, why=why, confidence=min(0.85, confidence))


def _told(minutes: float) -> str:
    return f"{round(minutes)} min" if minutes < 120 else f"{round(minutes / 60)} h"


def _last_row(runs: Sequence[Happening], means: str) -> list[Happening]:
    row: list[Happening] = []
    for run in reversed(runs):
        if run.means != means:
            break
        row.append(run)
    return row


def _changes_of_mind(runs: Sequence[Happening]) -> int:
    return sum(one.means != other.means for one, other in pairwise(runs))


def _shared_with_others(signal: Signal, before: Iterable[Happening], now: float) -> str:
    """The label value that most other alerts of the last hour have too; "" where none has."""
    counts: dict[str, int] = {}
    for one in _firing(before, now):
        if same_alert(one, signal):
            continue
        for name, value in one.labels.items():
            if name not in ("severity", "alertname") and signal.labels.get(name) == value:
                counts[f"{name} {value}"] = counts.get(f"{name} {value}", 0) + 1
    return max(sorted(counts), key=lambda shared: counts[shared]) if counts else ""


def _firing(before: Iterable[Happening], now: float) -> list[Happening]:
    """Alerts of the last hour that were not resolved since."""
    firing: dict[tuple[str, tuple[tuple[str, str], ...]], Happening] = {}
    for one in before:
        key = (one.title, tuple(sorted(one.labels.items())))
        if one.means == "alert.firing" and now - one.at <= _NEAR_SECONDS:
            firing[key] = one
        elif one.means == "alert.resolved":
            firing.pop(key, None)
    return list(firing.values())


def _steps(pattern: str, signal: Signal, suspects: Sequence[Suspect]) -> tuple[str, ...]:
    first = suspects[0].happening if suspects else None
    named = f"{first.title or first.commit[:12] or first.kind} by {first.actor or 'somebody'}" if first else ""
    steps: Mapping[str, tuple[str, ...]] = {
        "flaky": ("run it again", "mark the test as flaky and open an issue for it"),
        "widespread": ("look at what all of them share: runners, registry, network, the cluster", "do not revert yet"),
        "recurring": ("treat it as a standing fault: open an issue with the history above",),
        "regression": (f"look at {named}", "revert it if the cause is not found soon"),
        "new": ("look at what the alert measures, and since when", "compare with the same hour of the day before"),
        "unknown": ("read the log of the run",),
    }
    own = steps[pattern]
    if pattern == "recurring" and named:
        own = (*own, f"the nearest change before it: {named}")
    return (*own, f"start at {signal.url}") if signal.url else own
