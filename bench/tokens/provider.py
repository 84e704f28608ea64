"""The providers as a poller sees them: what has happened by now, as far as it asks."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.tokens.doors import body_of, received
from bench.tokens.happening import Happening
from bench.tokens.payloads import time_of
from reveille.contracts.ingress.v1.events_pb2 import Source
from reveille.ingress.domain.delivery import Delivery

# Failures of a repository's pipelines that a list counts together.
COUNTED_WITHIN: Final = 15 * 60.0
COUNTED: Final = 3


@dataclass(frozen=True, slots=True)
class _Listed:
    one: Happening
    delivery: Delivery
    earlier: tuple[str, ...]


class Provider:
    """Knows the whole day and tells what is past."""

    def __init__(self, happened: Sequence[Happening], sources: dict[str, Source]) -> None:
        self._times = [one.at for one in happened]
        self._listed: list[_Listed] = []
        failures: dict[str, list[Happening]] = {}
        for one in happened:
            delivery = received(one, sources).delivery
            earlier: tuple[str, ...] = ()
            if delivery.means == "pipeline.failed":
                row = failures.setdefault(delivery.content.repository, [])
                row[:] = [other for other in row if one.at - other.at <= COUNTED_WITHIN]
                earlier = tuple(other.key for other in row)
                row.append(one)
                if len(row) == COUNTED:
                    row.clear()
            self._listed.append(_Listed(one, delivery, earlier))

    def new(self, since: float, until: float) -> list[dict[str, Any]]:
        """From `since` on and before `until`, with all that the providers know of each."""
        first, last = bisect_left(self._times, since), bisect_left(self._times, until)
        return [self._whole(listed) for listed in self._listed[first:last]]

    def recent(self, now: float, repository: str, hours: int, limit: int) -> list[dict[str, Any]]:
        """As the tool `signals.recent` tells it, the newest first."""
        first, last = bisect_left(self._times, now - hours * 3600), bisect_left(self._times, now)
        found = [one for one in self._listed[first:last] if repository in ("", one.delivery.content.repository)]
        return [_shown(one) for one in reversed(found[-limit:])]

    def _whole(self, listed: _Listed) -> dict[str, Any]:
        content = listed.delivery.content
        return {
            **_shown(listed),
            "before": content.before,
            "payload": body_of(listed.one).decode(),
            "earlier": [*listed.earlier],
        }


def _shown(listed: _Listed) -> dict[str, Any]:
    one, delivery, content = listed.one, listed.delivery, listed.delivery.content
    return {
        "id": one.key,
        "source": delivery.source,
        "kind": delivery.kind,
        "means": delivery.means,
        "actor": content.actor,
        "repository": content.repository,
        "ref": content.ref,
        "base_ref": content.base_ref,
        "number": content.number,
        "title": content.title,
        "paths": [*content.paths] if content.paths_known else None,
        "labels": dict(content.labels),
        "draft": content.draft,
        "conclusion": content.conclusion,
        "severity": content.severity,
        "summary": content.summary,
        "url": content.url,
        "received_at": time_of(one.at),
        "after": content.after,
    }
