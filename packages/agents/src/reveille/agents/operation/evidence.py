"""What came in about a repository lately, put in order: what a diagnosis is drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from reveille.agents.task import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """A signal as the history has it. at: seconds since 1970; commit: what a push or a run is of."""

    id: str
    source: str
    kind: str
    means: str
    actor: str
    repository: str
    ref: str
    number: int
    title: str
    url: str
    paths: tuple[str, ...]
    labels: Mapping[str, str]
    at: float
    commit: str = ""


def happenings(recent: Sequence[Mapping[str, Any]]) -> list[Happening]:
    """recent: as the API shows signals. The oldest first."""
    found = [
        Happening(
            id=str(one["id"]),
            source=str(one["source"]),
            kind=str(one["kind"]),
            means=str(one["means"]),
            actor=str(one["actor"]),
            repository=str(one["repository"]),
            ref=branch(str(one["ref"])),
            number=int(one["number"] or 0),
            title=str(one["title"]),
            url=str(one["url"]),
            paths=tuple(one["paths"] or ()),
            labels=dict(one["labels"] or {}),
            at=_seconds(str(one["received_at"])),
            commit=str(one.get("after") or ""),
        )
        for one in recent
    ]
    return sorted(found, key=lambda one: (one.at, one.id))


def with_newest(happened: Sequence[Happening], signals: Sequence[Signal]) -> list[Happening]:
    """Also those of the signals that the history has not heard of yet, in their order: nothing is newer."""
    known = {one.id for one in happened}
    at = happened[-1].at if happened else 0.0
    return [*happened, *(_now(signal, at) for signal in signals if signal.id not in known)]


def _now(signal: Signal, at: float) -> Happening:
    return Happening(
        id=signal.id,
        source=signal.source,
        kind=signal.kind,
        means=signal.means,
        actor=signal.actor,
        repository=signal.repository,
        ref=branch(signal.ref),
        number=signal.number,
        title=signal.title,
        url=signal.url,
        paths=signal.paths or (),
        labels=signal.labels,
        at=at,
        commit=signal.after,
    )


def branch(ref: str) -> str:
    return ref.removeprefix("refs/heads/")


def same_pipeline(one: Happening, signal: Signal) -> bool:
    """The same job on the same branch; providers call it by its title."""
    return (
        one.means.startswith("pipeline.")
        and one.source == signal.source
        and one.ref == branch(signal.ref)
        and (one.title == signal.title or not one.title or not signal.title)
    )


def same_alert(one: Happening, signal: Signal) -> bool:
    """The same name with the same labels; without labels, the same title."""
    if not one.means.startswith("alert."):
        return False
    return dict(one.labels) == dict(signal.labels) and (bool(signal.labels) or one.title == signal.title)


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time.replace("Z", "+00:00")).astimezone(UTC).timestamp()
