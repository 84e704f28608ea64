"""What the load generator sends is what GitHub would send."""

import hashlib
import hmac
import json
from itertools import islice

import pytest

from bench import deliveries
from reveille.ingress.domain import github


def parts(request: bytes) -> tuple[dict[str, str], bytes]:
    head, body = request.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines), body


def test_each_request_is_signed_and_a_delivery_of_its_own() -> None:
    made = [parts(one) for one in islice(deliveries.requests(deliveries.bodies("opened")), 3)]
    for headers, body in made:
        signature = hmac.new(deliveries.SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-hub-signature-256"] == f"sha256={signature}"
        assert int(headers["content-length"]) == len(body)
    assert len({headers["x-github-delivery"] for headers, _ in made}) == 3


def test_two_runs_have_no_delivery_in_common() -> None:
    runs = [parts(next(deliveries.requests(deliveries.bodies("opened"))))[0]["x-github-delivery"] for _ in range(2)]
    assert runs[0] != runs[1]


@pytest.mark.parametrize(
    ("action", "means"), [(deliveries.WAKING, "change.opened"), (deliveries.UNMATCHED, "change.updated")]
)
def test_a_body_is_understood_as_a_pull_request(action: str, means: str) -> None:
    first, second = (json.loads(body) for body in islice(deliveries.bodies(action), 2))
    delivery = github.normalise("pull_request", second, "key")
    assert delivery is not None
    assert (delivery.kind, delivery.means) == (f"pull_request.{action}", means)
    assert (first["pull_request"]["number"], delivery.content.number) == (0, 1)


def test_a_timed_body_says_when_it_is_to_be_sent() -> None:
    bodies = deliveries.timed_bodies("opened", iter([17, 39]))
    assert [json.loads(body)["sent_ns"] for body in bodies] == [17, 39]
