"""What a sender told, normalised: the words that rules are written in, whoever the sender is."""

import re
from dataclasses import dataclass
from typing import Final

from reveille.contracts.common.v1.common_pb2 import Priority, SignalContent
from reveille.ingress.domain.refusals import Malformed

MAX_KEY: Final = 255
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


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
