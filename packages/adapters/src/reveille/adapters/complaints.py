"""What a process has to complain of: said in words, and by codes for which there is advice."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

# Where an answer about health carries them; whoever does not know it sees the status alone.
METADATA: Final = "reveille-complaints-bin"
# Of one answer: headers have bounds, and more says no more.
MOST: Final = 20
MOST_CHARACTERS: Final = 300


@dataclass(frozen=True, slots=True)
class Complaint:
    code: str
    text: str


def encoded(complaints: Iterable[Complaint]) -> bytes:
    told = [asdict(Complaint(one.code, one.text[:MOST_CHARACTERS])) for one in complaints]
    return json.dumps(told[:MOST]).encode()


def decoded(value: bytes) -> list[Complaint]:
    """Nothing where it is of a build that says it in another way."""
    try:
        return [Complaint(str(one["code"]), str(one["text"])) for one in json.loads(value)]
    except (ValueError, TypeError, KeyError):
        return []
