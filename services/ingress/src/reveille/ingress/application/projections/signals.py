"""The view `signals`: just enough to find a signal in the log, which has the rest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reveille.contracts.common.v1.common_pb2 import Json
from reveille.contracts.ingress.v1.events_pb2 import (
    DeliveryContradicted,
    DeliveryRepeated,
    SignalEnriched,
    SignalReceived,
    SubjectErased,
)
from reveille.contracts.ingress.v1.queries_pb2 import SignalView
from reveille.kernel.events import Recorded, key_of, stream_name, tenant_of
from reveille.kernel.signals import content_of

RECEIVED = SignalReceived.DESCRIPTOR.full_name
ERASED = SubjectErased.DESCRIPTOR.full_name


@dataclass(frozen=True, slots=True)
class SignalRow:
    """id: the signal's, as bytes. key: of its stream, as bytes."""

    position: int
    tenant: str
    id: bytes
    key: bytes
    source: str
    kind: str

    @property
    def stream(self) -> str:
        return stream_name(self.tenant, "signal", self.key.hex())


class SignalIndex(Protocol):
    def find(self, connection: Any, tenant: str, id: bytes) -> SignalRow | None: ...

    def newest(
        self, connection: Any, tenant: str, *, before: int, limit: int, having: Mapping[str, str]
    ) -> list[SignalRow]:
        """Before a position (0: from the newest), the newest first.

        having: by source, kind, repository and means, the values that are asked for.
        """
        ...


def row_of(event: Recorded) -> dict[str, Any]:
    """A SignalRow as the mapping that is inserted: for every signal an object in between cost a third more."""
    assert isinstance(event.msg, SignalReceived)
    signal, stream = event.msg.signal, event.stream
    return {
        "position": event.position,
        "tenant": tenant_of(stream),
        "id": event.id,
        "key": bytes.fromhex(key_of(stream)),
        "source": signal.source,
        "kind": signal.kind,
        "repository": content_of(signal).repository,
        "means": signal.means,
        "key_id": event.keys[0] if event.keys else "",
    }


def view_of(recorded: Sequence[Recorded]) -> SignalView:
    """recorded: the signal's stream."""
    first = recorded[0]
    assert isinstance(first.msg, SignalReceived)
    enriched = next((event.msg for event in recorded if isinstance(event.msg, SignalEnriched)), None)
    signal = first.msg.signal if enriched is None else enriched.signal
    content = content_of(signal)
    return SignalView(
        id=signal.id,
        tenant=tenant_of(first.stream),
        source=signal.source,
        kind=signal.kind,
        means=signal.means,
        actor=content.actor,
        repository=content.repository,
        ref=content.ref,
        base_ref=content.base_ref,
        number=content.number,
        title=content.title,
        paths=Json(text=_json_list(content.paths) if content.paths_known else "null"),
        labels=content.labels,
        draft=content.draft,
        conclusion=content.conclusion,
        severity=content.severity,
        summary=content.summary,
        url=content.url,
        verified=signal.verified,
        hop=signal.hop,
        correlation_id=first.meta.about.correlation,
        received_at=signal.received_at,
        position=first.position,
        target=signal.target,
        contradicted=any(isinstance(event.msg, DeliveryContradicted) for event in recorded),
        fleet_revision=signal.fleet_revision,
        enrichment="" if enriched is None else enriched.detail,
        before=content.before,
        after=content.after,
        repetitions=sum(isinstance(event.msg, DeliveryRepeated) for event in recorded),
    )


def _json_list(paths: Sequence[str]) -> str:
    return json.dumps(list(paths), ensure_ascii=False)
