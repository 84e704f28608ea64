"""What rules may know of a signal."""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import SignalEnriched, SignalReceived
from reveille.kernel.sealing import open_sealed


def signal_of(event: Message | None) -> Signal:
    """The signal of an event that tells of one: as it came in, or as its provider has completed it."""
    assert isinstance(event, SignalReceived | SignalEnriched)
    return event.signal


def content_of(signal: Signal) -> SignalContent:
    return SignalContent.FromString(open_sealed(signal.content))


def variables_of(signal: Signal, content: SignalContent) -> dict[str, Any]:
    """What `where` may speak of, as `signal.<name>`."""
    return {
        "source": signal.source,
        "kind": signal.kind,
        "means": signal.means,
        "verified": signal.verified,
        "hop": signal.hop,
        "actor": content.actor,
        "repository": content.repository,
        "ref": content.ref,
        "base_ref": content.base_ref,
        "number": content.number,
        "title": content.title,
        "paths": list(content.paths),
        "paths_known": content.paths_known,
        "labels": dict(content.labels),
        "draft": content.draft,
        "conclusion": content.conclusion,
        "severity": content.severity,
        "summary": content.summary,
        "url": content.url,
    }


# One of everything: an expression that fails on it for its types fails on every signal.
EXAMPLE: Final[Mapping[str, Any]] = variables_of(Signal(), SignalContent())
