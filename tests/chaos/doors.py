"""What nobody should send to a door: each is refused with a reason, and leaves nothing."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from tests.chaos.ongoing import Ongoing
from tests.e2e import github

DOOR: Final = "/webhooks/github"
PATIENCE: Final = 30.0
REFUSED: Final = range(400, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    what: str
    body: bytes
    headers: Mapping[str, str]


def knock(run: Ongoing, url: str) -> None:
    """All kinds again and again, for as long as the run goes on."""
    with httpx.Client(base_url=url, timeout=PATIENCE) as http:
        while True:
            told = list(letters())
            run.tell(f"{len(told)} requests that nobody should send")
            for letter in told:
                run.faults += 1
                answer = http.post(DOOR, content=letter.body, headers=letter.headers)
                run.expect(
                    answer.status_code in REFUSED and "Traceback" not in answer.text,
                    f"{letter.what} was answered {answer.status_code}: {answer.text[:200]}",
                )
            run.pause(0.2, 1)
            if not run.going_on:
                return


def letters() -> Iterator[Letter]:
    good = json.dumps(github.pull_request()).encode()
    for what, body in {
        "no bytes at all": b"",
        "bytes that are nothing": b"\xff\x00\xfe",
        "a document that is cut off": good[:-20],
        "two documents": good + good,
        "a list": b"[]",
        "a key twice": b'{"action": "opened", ' + good[1:],
        "a number that is none": good.replace(b'"number": 12', b'"number": NaN', 1),
        "a number of a million digits": good.replace(b'"number": 12', b'"number": ' + b"9" * 900_000, 1),
        "half a surrogate": good.replace(b'"wip"', b'"\\ud800"', 1),
        "a hundred thousand levels": b"[" * 100_000,
        "more than it takes": b'{"a": "' + b"x" * 2_000_000 + b'"}',
        "a bomb": gzip.compress(bytes(10_000_000)),
    }.items():
        yield Letter(what=what, body=body, headers=github.headers(body))
    signed = github.headers(good)
    yield Letter(what="no signature", body=good, headers=_without(signed, "x-hub-signature-256"))
    yield Letter(what="somebody else's signature", body=good, headers=github.headers(good, secret="guessed"))
    yield Letter(what="the signature of another body", body=good + b" ", headers=signed)
    yield Letter(what="no event", body=good, headers=_without(signed, "x-github-event"))
    yield Letter(what="a delivery that is no name", body=good, headers={**signed, "x-github-delivery": "an id"})
    yield Letter(what="another type", body=good, headers={**signed, "content-type": "image/png"})


def _without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}
