"""What a sender told, normalised: the words that rules are written in, whoever the sender is."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reveille.contracts.common.v1.common_pb2 import Priority, SignalContent
from reveille.ingress.domain.refusals import Invalid, Malformed

# What a signal may mean, whoever tells of it.
MEANS: Final = frozenset(
    ("code.pushed", "change.opened", "change.updated", "change.merged", "change.closed", "issue.opened",
     "issue.closed", "comment.created", "review.submitted", "pipeline.started", "pipeline.succeeded",
     "pipeline.failed", "alert.firing", "alert.resolved", "task.requested", "timer.fired", "files.changed",
     "system.event", "other")
)  # fmt: skip
# Where signals come from that rules decide on; a trigger's sender has named its agent himself.
SOURCES: Final = ("github", "gitlab", "jenkins", "ci", "prometheus", "custom", "events", "git", "system", "files")
# Of one request, whatever it calls them.
MAX_SEVERAL: Final = 1_000
MAX_KEY: Final = 255
MAX_KIND: Final = 100
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_NO_KIND: Final = re.compile(r"[^a-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """key: by it a repetition is known; "" where the sender gave none, so that it is new.

    target: the agent that the sender named; "" where rules decide.
    """

    source: str
    kind: str
    means: str
    key: str
    content: SignalContent
    target: str = ""
    priority: Priority = Priority.PRIORITY_UNSPECIFIED


def delivery_key(given: str, name: str) -> str:
    """What the sender calls this delivery. `name` is where it says so."""
    if given and not _KEY.fullmatch(given):
        raise Malformed(
            "invalid_delivery_id", f"{name} must be 1 to {MAX_KEY} printable ASCII characters without a space"
        )
    return given


@lru_cache(maxsize=4096)
def kind_of(told: str) -> str:
    """The sender's own word in the letters of a kind: `Build Finished` → `build_finished`; "" where none is left."""
    words = [word for word in _NO_KIND.sub("_", told.lower()).split(".") if word.strip("_-")]
    return ".".join(words)[:MAX_KIND].rstrip(".")


def means_of(kind: str) -> str:
    """A sender that uses our words means what they mean."""
    return kind if kind in MEANS else "other"


def check_several(count: int, what: str) -> None:
    """Raises Invalid for more than one append is to hold."""
    if count > MAX_SEVERAL:
        raise Invalid("too_many", f"the body has {count} {what}, at most {MAX_SEVERAL} are taken at a time")
