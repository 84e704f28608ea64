"""How senders prove themselves, with several secrets at a time."""

import base64
import hmac

import pytest

from reveille.contracts.ingress.v1.events_pb2 import Source, SourceScheme
from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.domain.signing import signing_key
from reveille.ingress.entrypoints.http.problems import Unauthenticated
from reveille.ingress.entrypoints.http.proofs import (
    TOLERANCE,
    Authorization,
    BodySignature,
    HeaderToken,
    Proof,
    SignedOrTold,
    StandardSignature,
    of_gitlab,
    of_source,
)
from reveille.kernel.clock import SECOND

# https://github.com/standard-webhooks/standard-webhooks: the vector of its libraries' tests.
SECRET = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
STAMP = 1614265330
HEADERS = {
    b"webhook-id": b"msg_p5jXN8AQM9LWM0D4loKWxJek",
    b"webhook-timestamp": str(STAMP).encode(),
    b"webhook-signature": b"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
NOW = STAMP * SECOND


def refused(proof: Proof, headers: dict[bytes, bytes], body: bytes = BODY, now: int = NOW) -> str:
    """The code of the refusal, "" where it is taken."""
    try:
        proof.expect(headers)
        proof.check(headers, body, now)
    except Unauthenticated as error:
        return error.code
    return ""


def standard(*secrets: bytes) -> StandardSignature:
    return StandardSignature([signing_key(secret) for secret in secrets])


def test_the_published_signature_fits() -> None:
    assert refused(standard(SECRET), HEADERS) == ""
    assert refused(standard(SECRET.removeprefix(b"whsec_")), HEADERS) == ""


def test_one_of_several_signatures_by_one_of_several_secrets_is_enough() -> None:
    headers = {**HEADERS, b"webhook-signature": b"v2,xyz v1,AAAA " + HEADERS[b"webhook-signature"]}
    assert refused(standard(b"whsec_AAAA", SECRET), headers) == ""
    assert refused(standard(b"whsec_AAAA"), headers) == "wrong_signature"


@pytest.mark.parametrize("name", list(HEADERS))
def test_what_is_signed_cannot_be_changed_or_left_out(name: bytes) -> None:
    assert refused(standard(SECRET), {**HEADERS, name: b"1614265331"}) == "wrong_signature"
    assert refused(standard(SECRET), {k: v for k, v in HEADERS.items() if k != name}) == "missing_signature"
    assert refused(standard(SECRET), HEADERS, BODY + b" ") == "wrong_signature"


@pytest.mark.parametrize("stamp", [b"now", b"-1", b"1e9", b"1" * 13, "¹".encode()])
def test_a_time_that_is_none_is_refused(stamp: bytes) -> None:
    assert refused(standard(SECRET), {**HEADERS, b"webhook-timestamp": stamp}) == "wrong_signature"


def test_an_old_signature_is_a_replay_and_so_is_one_of_the_future() -> None:
    edge = TOLERANCE * SECOND
    assert [refused(standard(SECRET), HEADERS, now=NOW + off) for off in (edge, -edge)] == ["", ""]
    for off in (edge + SECOND, -edge - SECOND):
        assert refused(standard(SECRET), HEADERS, now=NOW + off) == "stale_signature"


@pytest.mark.parametrize("secret", [b"", b"whsec_", b"whsec_not base64", b"whsec_A"])
def test_a_signing_secret_is_base64(secret: bytes) -> None:
    with pytest.raises(ValueError, match="base64"):
        signing_key(secret)


def test_with_a_signing_token_gitlabs_plain_one_opens_nothing() -> None:
    plain = {b"x-gitlab-token": b"plain"}
    assert refused(of_gitlab([b"plain"]), plain) == ""
    both = of_gitlab([SECRET, b"plain"])
    assert refused(both, plain) == "missing_signature"
    assert refused(both, {**plain, **HEADERS}) == ""
    assert refused(both, {b"x-gitlab-token": SECRET}) == "missing_signature"


def test_a_token_is_one_of_several() -> None:
    token = HeaderToken("X-Token", [b"new", b"old"])
    assert [refused(token, {b"x-token": given}) for given in (b"new", b"old")] == ["", ""]
    assert refused(token, {b"x-token": b"ne"}) == "wrong_token"
    assert refused(token, {}) == "missing_token"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"Bearer old", ""),
        (b"bearer new", ""),
        (b"Basic " + base64.b64encode(b"anybody:new"), ""),
        (b"Basic " + base64.b64encode(b":old"), ""),
        (b"Basic " + base64.b64encode(b"new"), "wrong_token"),
        (b"Basic ***", "wrong_token"),
        (b"Bearer", "wrong_token"),
        (b"Digest new", "wrong_token"),
        (b"new", "wrong_token"),
        (b"", "missing_token"),
    ],
)
def test_a_token_comes_as_bearer_or_as_a_password(given: bytes, code: str) -> None:
    assert refused(Authorization([b"new", b"old"]), {b"authorization": given}) == code


def signature(secret: bytes) -> bytes:
    return hmac.digest(secret, BODY, "sha256").hex().encode()


def test_a_body_is_signed_with_or_without_a_prefix_by_one_of_several_secrets() -> None:
    proof = BodySignature("X-Sig", [b"new", b"old"])
    for given in (signature(b"old"), b"sha256=" + signature(b"new"), signature(b"new").upper()):
        assert refused(proof, {b"x-sig": given}) == ""
    assert refused(proof, {b"x-sig": signature(b"other")}) == "wrong_signature"
    assert refused(proof, {b"x-sig": "ü".encode()}) == "wrong_signature"
    assert refused(proof, {}) == "missing_signature"


def test_where_a_signature_is_given_a_token_beside_it_opens_nothing() -> None:
    proof, token = SignedOrTold([b"s"]), {b"authorization": b"Bearer s"}
    assert refused(proof, token) == ""
    assert refused(proof, {b"x-reveille-signature-256": b"sha256=" + signature(b"s")}) == ""
    assert refused(proof, {**token, b"x-reveille-signature-256": b"sha256=00"}) == "wrong_signature"
    assert refused(proof, {}) == "missing_token"


@pytest.mark.parametrize(
    ("scheme", "header", "headers"),
    [
        (SourceScheme.SOURCE_SCHEME_STANDARD, "", HEADERS),
        (SourceScheme.SOURCE_SCHEME_HMAC, "x-sig", {b"x-sig": signature(SECRET)}),
        (SourceScheme.SOURCE_SCHEME_TOKEN, "x-token", {b"x-token": SECRET}),
        (SourceScheme.SOURCE_SCHEME_TOKEN, "authorization", {b"authorization": b"Bearer " + SECRET}),
    ],
)
def test_a_source_has_one_of_three_schemes(scheme: SourceScheme, header: str, headers: dict[bytes, bytes]) -> None:
    proof = of_source(Source(name="a", scheme=scheme, header=header), [SECRET])
    assert refused(proof, headers) == ""
    assert refused(proof, {}) != ""


def test_a_source_whose_secret_signs_nothing_is_closed() -> None:
    with pytest.raises(Forbidden, match="base64"):
        of_source(Source(name="a", scheme=SourceScheme.SOURCE_SCHEME_STANDARD), [b"no base64!"])
