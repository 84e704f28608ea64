"""JSON Web Tokens: only what the issuer signed, for us, with a key and an algorithm of its own, counts as somebody."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reveille.ingress.adapters import jwks
from reveille.ingress.adapters.jwks import ASK_AGAIN, Issuer, IssuerKeys, IssuerTokens, issuer_tokens, reader_of
from reveille.ingress.domain.access import Permission, Role
from reveille.kernel.clock import SECOND
from reveille.kernel.errors import Misconfigured, Transient

RSA: Final = rsa.generate_private_key(65537, 2048)
OTHER: Final = rsa.generate_private_key(65537, 2048)
EC: Final = ec.generate_private_key(ec.SECP256R1())
ED: Final = ed25519.Ed25519PrivateKey.generate()
# Later than any test: they are collected long before some of them run.
FAR: Final = 86_400
ISSUER: Final = "https://id.example"
AUDIENCE: Final = "reveille"


class Ahead:
    """The system's clock, and what it was set ahead: the tokens' library reads the system's."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> int:
        return int((time.time() + self.seconds) * SECOND)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def public(key: Any, kid: str = "one", **more: str) -> dict[str, Any]:
    kinds: dict[type, type[Any]] = {
        rsa.RSAPrivateKey: jwt.algorithms.RSAAlgorithm,
        ec.EllipticCurvePrivateKey: jwt.algorithms.ECAlgorithm,
        ed25519.Ed25519PrivateKey: jwt.algorithms.OKPAlgorithm,
    }
    kind = next(algorithm for of, algorithm in kinds.items() if isinstance(key, of))
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, **more}


class Published:
    """What the issuer has at its address. away: nobody answers there. slow: set, it answers; reading: it was asked."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.away = False
        self.slow, self.reading = asyncio.Event(), asyncio.Event()
        self.slow.set()
        self.asked = 0

    async def read(self) -> bytes:
        self.asked += 1
        self.reading.set()
        await self.slow.wait()
        if self.away:
            raise jwks.Unreadable("nobody answers")
        return json.dumps({"keys": self.keys}).encode()


class House:
    def __init__(self, *keys: dict[str, Any], algorithms: tuple[str, ...] = ("RS256", "ES256", "EdDSA")) -> None:
        self.clock = Ahead()
        self.published = Published(*keys)
        issuer = Issuer(
            keys="https://id.example/keys",
            name=ISSUER,
            audience=AUDIENCE,
            algorithms=algorithms,
            roles_claim="roles",
            tenant_claim="tenant",
            leeway=30,
        )
        self.keys = IssuerKeys(issuer.keys, clock=self.clock, read=self.published.read)
        self.tokens = IssuerTokens(issuer, self.keys, clock=self.clock)


def token(key: Any = RSA, algorithm: str = "RS256", kid: str | None = "one", **changed: Any) -> str:
    """changed: claims; None leaves one out."""
    claims = {
        "sub": "ann",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + FAR,
        "roles": ["operator"],
        "tenant": "acme",
        **changed,
    }
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(given, key, algorithm=algorithm, headers={"kid": kid} if kid is not None else {})


def by_hand(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(sign(signed.encode()))}"


CLAIMS: Final = {
    "sub": "eve",
    "iss": ISSUER,
    "aud": AUDIENCE,
    "exp": int(time.time()) + FAR,
    "roles": ["admin"],
    "tenant": "acme",
}


@pytest.fixture
def house() -> House:
    return House(public(RSA))


async def test_a_token_says_who_it_is_and_whose_and_what_he_may(house: House) -> None:
    found = await house.tokens.shown(token())
    assert found is not None
    assert (found.name, found.tenant, found.key_id) == ("ann", "acme", "")
    assert found.roles == {Role.OPERATOR}
    assert Permission.PLAN in found.permissions
    assert not found.of_platform


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")])
async def test_each_algorithm_is_checked_with_its_own_kind_of_key(key: Any, algorithm: str) -> None:
    house = House(public(RSA, "rsa"), public(EC, "ec"), public(ED, "ed"))
    kid = {"RS256": "rsa", "ES256": "ec", "EdDSA": "ed"}[algorithm]
    assert await house.tokens.shown(token(key, algorithm, kid))
    for other in {"rsa", "ec", "ed"} - {kid}:
        assert await house.tokens.shown(token(key, algorithm, other)) is None


async def test_what_nobody_signed_is_nobody(house: House) -> None:
    for algorithm in ("none", "None", "nOnE"):
        assert await house.tokens.shown(by_hand({"alg": algorithm, "kid": "one"}, CLAIMS, lambda _: b"")) is None


async def test_the_public_key_is_no_secret_to_sign_with(house: House) -> None:
    public_bytes = RSA.public_key()
    pem = public_bytes.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = by_hand({"alg": "HS256", "kid": "one"}, CLAIMS, lambda data: hmac.digest(pem, data, "sha256"))
    assert await house.tokens.shown(forged) is None


async def test_a_key_in_the_tokens_own_header_is_not_looked_at(house: House) -> None:
    header = {"jwk": public(OTHER), "jku": "https://eve.example", "kid": "one"}
    assert await house.tokens.shown(jwt.encode(CLAIMS, OTHER, "RS256", headers=header)) is None
    assert house.published.asked == 1


async def test_what_a_header_calls_critical_is_not_passed_over(house: House) -> None:
    assert await house.tokens.shown(jwt.encode(CLAIMS, RSA, "RS256", headers={"kid": "one", "x": 1})) is not None
    crit = jwt.encode(CLAIMS, RSA, "RS256", headers={"kid": "one", "crit": ["x"], "x": 1})
    assert await house.tokens.shown(crit) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) - 31},
        {"exp": None},
        {"nbf": int(time.time()) + FAR},
        {"iss": "https://eve.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "a" * 256},
        {"sub": "ann\nadmin"},
        {"sub": "admin"},
        {"sub": "owner"},
        {"tenant": None},
        {"tenant": ""},
        {"tenant": "Acme"},
        {"tenant": "acme.access"},
        {"tenant": ["acme"]},
    ],
)
async def test_what_is_not_for_us_or_not_now_is_nobody(house: House, changed: dict[str, Any]) -> None:
    assert await house.tokens.shown(token(**changed)) is None


async def test_clocks_may_differ_by_the_leeway(house: House) -> None:
    assert await house.tokens.shown(token(exp=int(time.time()) - 20))
    assert await house.tokens.shown(token(nbf=int(time.time()) + 20))


async def test_a_token_that_was_checked_before_still_expires(house: House) -> None:
    short = token(exp=int(time.time()) + 60)
    assert await house.tokens.shown(short)
    house.clock.seconds += 100
    assert await house.tokens.shown(short) is None


@pytest.mark.parametrize("end", [10**15, 10**400])
async def test_a_token_does_not_end_beyond_what_clocks_show(house: House, end: int) -> None:
    found = await house.tokens.shown(token(exp=end))
    assert found is not None
    assert found.expires_at < 10**18


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (["viewer", "boss"], {Role.VIEWER}),
        ("viewer approver", {Role.VIEWER, Role.APPROVER}),
        (None, set()),
        ({"viewer": True}, set()),
        ([["admin"], 1], set()),
    ],
)
async def test_roles_that_are_not_ours_allow_nothing(house: House, roles: Any, expected: set[Role]) -> None:
    found = await house.tokens.shown(token(roles=roles))
    assert found is not None
    assert found.roles == expected


@pytest.mark.parametrize(
    "garbage",
    ["", ".", "..", "a.b.c", "a" * 100, "é.é.é", "a." * 1000, "x" * 20_000 + ".y.z"],
)
async def test_garbage_is_nobody_and_asks_nobody(house: House, garbage: str) -> None:
    assert await house.tokens.shown(garbage) is None
    assert house.published.asked == 0


async def test_a_deep_payload_is_nobody(house: House) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 5000 + b"]" * 5000).rstrip(b"=").decode()
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"one"}').rstrip(b"=").decode()
    assert await house.tokens.shown(f"{head}.{deep}.AAAA") is None
    assert await house.tokens.shown(f"{deep}.{head}.AAAA") is None


async def test_a_changed_letter_is_nobody(house: House) -> None:
    head, claims, signature = token().split(".")
    forged = base64.urlsafe_b64encode(json.dumps({**CLAIMS, "sub": "ann"}).encode()).rstrip(b"=").decode()
    assert await house.tokens.shown(f"{head}.{forged}.{signature}") is None
    assert await house.tokens.shown(f"{head}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}") is None


@pytest.mark.parametrize("more", [{"use": "enc"}, {"alg": "RS512"}, {"kty": "oct", "k": "c2VjcmV0"}])
async def test_a_key_is_used_for_what_it_was_published_for(more: dict[str, str]) -> None:
    assert await House({**public(RSA), **more}).tokens.shown(token()) is None


async def test_an_algorithm_that_is_not_set_is_not_taken(house: House) -> None:
    assert await house.tokens.shown(token(algorithm="PS256")) is None
    assert await House(public(RSA), algorithms=("PS256",)).tokens.shown(token(algorithm="PS256"))


async def test_without_a_name_a_key_is_found_where_there_is_no_choice(house: House) -> None:
    assert await house.tokens.shown(token(kid=None))
    house.published.keys.append(public(OTHER, "two"))
    await house.keys.refresh()
    assert await house.tokens.shown(token(kid=None, sub="bob")) is None


async def test_a_new_key_is_asked_for_when_a_token_names_it_and_not_more_often_than_every_ten_seconds(
    house: House,
) -> None:
    assert await house.tokens.shown(token())
    house.published.keys.append(public(OTHER, "two"))
    for number in range(50):  # an earlier asking is too near
        assert await house.tokens.shown(token(OTHER, kid=f"made-up-{number}")) is None
    assert house.published.asked == 1
    house.clock.seconds += ASK_AGAIN
    assert await house.tokens.shown(token(OTHER, kid="two"))
    assert await house.tokens.shown(token())
    assert house.published.asked == 2


async def test_what_a_key_that_was_taken_back_had_signed_is_nobody(house: House) -> None:
    signed = token()
    assert await house.tokens.shown(signed)
    house.published.keys = [public(OTHER, "two")]
    await house.keys.refresh()
    assert await house.tokens.shown(signed) is None


async def test_while_the_issuer_is_away_its_last_keys_go_on_serving(house: House) -> None:
    assert await house.tokens.shown(token())
    house.published.away = True
    house.clock.seconds += ASK_AGAIN
    assert not await house.keys.refresh()
    assert await house.tokens.shown(token(sub="bob"))
    assert await house.tokens.shown(token(OTHER, kid="two")) is None


async def test_before_the_issuer_has_ever_answered_nobody_knows_who_it_is(house: House) -> None:
    house.published.away = True
    with pytest.raises(Transient):
        await house.tokens.shown(token())
    house.published.away = False
    house.clock.seconds += ASK_AGAIN
    assert await house.tokens.shown(token())


async def test_many_that_come_at_once_ask_once(house: House) -> None:
    found = await asyncio.gather(*(house.tokens.shown(token(sub=f"ann{number}")) for number in range(20)))
    assert all(found)
    assert house.published.asked == 1


async def test_while_the_issuer_is_slow_so_many_wait_for_it_and_the_keys_that_are_known_serve(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "MAX_WAITING", 3)
    assert await house.tokens.shown(token())
    house.clock.seconds += ASK_AGAIN
    house.published.slow.clear()
    house.published.reading.clear()
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(house.tokens.shown(token(OTHER, kid=f"made-up-{number}"))) for number in range(3)]
        await house.published.reading.wait()
        with pytest.raises(Transient, match="the issuer's keys are being read"):
            await house.tokens.shown(token(OTHER, kid="one more"))
        assert await house.tokens.shown(token(sub="bob"))
        house.published.slow.set()
    assert [one.result() for one in waiting] == [None] * 3
    assert await house.tokens.shown(token(OTHER, kid="later")) is None
    assert house.published.asked == 2


async def test_only_so_many_checked_tokens_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "MAX_CHECKED", 2)
    for number in range(5):
        assert await house.tokens.shown(token(sub=f"ann{number}"))
    assert len(house.tokens._checked) == 2


async def test_keys_in_a_file_are_read_again(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [public(RSA)]}))
    keys = IssuerKeys(str(file), clock=Ahead())
    assert await keys.find("one", "RS256")
    file.write_text(json.dumps({"keys": [public(OTHER, "two")]}))
    assert await keys.refresh()
    assert await keys.find("two", "RS256")


@pytest.mark.parametrize("content", [None, b"", b"<html>", b"[]", b'{"keys": 1}'])
def test_a_file_that_is_no_key_set_is_said_at_the_start(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "keys.json"
    if content is not None:
        file.write_bytes(content)
    issuer = Issuer(
        keys=str(file),
        name=ISSUER,
        audience=AUDIENCE,
        algorithms=("RS256",),
        roles_claim="roles",
        tenant_claim="tenant",
        leeway=0,
    )
    with pytest.raises(Misconfigured, match="REVEILLE_JWT_JWKS"):
        issuer_tokens(issuer, clock=Ahead())


async def answering(head: bytes, body: bytes = b"") -> tuple[str, asyncio.Server]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + head + b"\r\nconnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys", server


async def test_keys_come_from_an_address() -> None:
    url, server = await answering(b"200 OK", json.dumps({"keys": [public(RSA)]}).encode())
    async with server:
        assert jwks.parse(await reader_of(url)())[0]["kid"] == "one"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"404 Not Found", b""),
        (b"302 Found\r\nlocation: http://127.0.0.1:1/", b""),
        (b"200 OK", b" " * (jwks.MAX_SET + 1)),
    ],
)
async def test_an_address_that_answers_something_else_has_no_keys(head: bytes, body: bytes) -> None:
    url, server = await answering(head, body)
    async with server:
        with pytest.raises(jwks.Unreadable):
            await reader_of(url)()


async def test_an_address_where_nobody_is_has_no_keys() -> None:
    with pytest.raises(jwks.Unreadable):
        await reader_of("http://127.0.0.1:1/keys")()
