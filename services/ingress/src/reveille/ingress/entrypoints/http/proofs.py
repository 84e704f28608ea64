"""How senders prove themselves: signatures and tokens, checked against several secrets, so that one can be changed.

Every secret is tried, and compared in constant time, so that the time tells nothing about which one it was.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from reveille.contracts.ingress.v1.events_pb2 import Source, SourceScheme
from reveille.ingress.domain.body_mac import BodyMac
from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.domain.signing import SIGNING, signing_key
from reveille.ingress.entrypoints.http.problems import Unauthenticated
from reveille.ingress.settings import DOORS, Settings
from reveille.kernel.clock import SECOND

Headers = Mapping[bytes, bytes]

# Both ways: clocks differ, and an old signature is a replay. https://github.com/standard-webhooks/standard-webhooks
TOLERANCE: Final = 5 * 60
MAX_SIGNATURES: Final = 20
REVEILLE_SIGNATURE: Final = "X-Reveille-Signature-256"
WEBHOOK_ID: Final = b"webhook-id"
_SECONDS: Final = re.compile(rb"[0-9]{1,12}")


class Proof(Protocol):
    def expect(self, headers: Headers) -> None:
        """Raises Unauthenticated where nothing is claimed: before the body is read."""
        ...

    def check(self, headers: Headers, body: bytes, now: int) -> None:
        """Raises Unauthenticated where the claim does not hold. now: microseconds."""
        ...


class BodySignature:
    """HMAC-SHA256 of the body in hexadecimal digits; `sha256=` before them may be left out."""

    def __init__(self, header: str, secrets: Sequence[bytes]) -> None:
        self.header = header.lower().encode()
        self._name = header
        self._macs = [BodyMac(secret) for secret in secrets]

    def expect(self, headers: Headers) -> None:
        if not headers.get(self.header):
            raise Unauthenticated("missing_signature", f"{self._name} is missing")

    def check(self, headers: Headers, body: bytes, now: int) -> None:
        given = headers.get(self.header, b"").lower().removeprefix(b"sha256=")
        fits = False
        for mac in self._macs:
            fits |= hmac.compare_digest(mac.hexdigest(body).encode(), given)
        if not fits:
            raise Unauthenticated("wrong_signature", f"{self._name} does not fit the body")


class HeaderToken:
    """The secret itself, in a header of its own."""

    def __init__(self, header: str, secrets: Sequence[bytes]) -> None:
        self._header = header.lower().encode()
        self._name = header
        self._digests = _digests(secrets)

    def expect(self, headers: Headers) -> None:
        """Nothing of the body is needed: it is not even read for a wrong token."""
        if not headers.get(self._header):
            raise Unauthenticated("missing_token", f"{self._name} is missing", challenge="Token")
        if not _among(self._digests, headers[self._header]):
            raise Unauthenticated("wrong_token", f"{self._name} is not the token of this door", challenge="Token")

    def check(self, headers: Headers, body: bytes, now: int) -> None:
        pass


class Authorization:
    """The secret as a bearer token, or as the password of whatever user: some senders can do no other."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._digests = _digests(secrets)

    def expect(self, headers: Headers) -> None:
        given = headers.get(b"authorization", b"")
        if not given:
            raise Unauthenticated("missing_token", "Authorization is missing", challenge="Bearer")
        if not _among(self._digests, _password(given)):
            told = "Authorization has no token of this door, as Bearer or as the password of Basic"
            raise Unauthenticated("wrong_token", told, challenge="Bearer")

    def check(self, headers: Headers, body: bytes, now: int) -> None:
        pass


class SignedOrTold:
    """A signature by our own header, or a token; where a signature is given it is what counts."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        self._signature = BodySignature(REVEILLE_SIGNATURE, secrets)
        self._token = Authorization(secrets)

    def expect(self, headers: Headers) -> None:
        self._one(headers).expect(headers)

    def check(self, headers: Headers, body: bytes, now: int) -> None:
        self._one(headers).check(headers, body, now)

    def _one(self, headers: Headers) -> Proof:
        return self._signature if self._signature.header in headers else self._token


class StandardSignature:
    """Standard Webhooks: HMAC-SHA256 of `id.timestamp.body`, so that neither the id nor the time can be another.

    The `standardwebhooks` package does the same; it reads the system's clock and stops at the first secret that fits.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        """keys: see `domain.signing`."""
        self._macs = [BodyMac(key) for key in keys]

    def expect(self, headers: Headers) -> None:
        for name in (WEBHOOK_ID, b"webhook-timestamp", b"webhook-signature"):
            if not headers.get(name):
                raise Unauthenticated("missing_signature", f"{name.decode()} is missing")

    def check(self, headers: Headers, body: bytes, now: int) -> None:
        stamp = headers[b"webhook-timestamp"]
        if not _SECONDS.fullmatch(stamp):
            raise Unauthenticated("wrong_signature", "webhook-timestamp is not in whole seconds since 1970")
        signed = headers[WEBHOOK_ID] + b"." + stamp + b"." + body
        given = headers[b"webhook-signature"].split(b" ")[:MAX_SIGNATURES]
        fits = False
        for mac in self._macs:
            wanted = b"v1," + base64.b64encode(bytes.fromhex(mac.hexdigest(signed)))
            for one in given:
                fits |= hmac.compare_digest(wanted, one)
        if not fits:
            raise Unauthenticated("wrong_signature", "webhook-signature does not fit the body")
        # After the signature: to whoever cannot sign, the clock of this machine is nothing to learn.
        if abs(now - int(stamp) * SECOND) > TOLERANCE * SECOND:
            raise Unauthenticated("stale_signature", f"webhook-timestamp is more than {TOLERANCE} s from now")


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose sender has proven himself, and by what."""

    tenant: str
    by: Proof


class Proofs:
    """Of one door: the senders of each tenant prove themselves with its own secrets, and so whose they are."""

    def __init__(self, by_tenant: Mapping[str, Proof]) -> None:
        """At least one."""
        self._by_tenant = [Proven(tenant, proof) for tenant, proof in by_tenant.items()]

    def expect(self, headers: Headers) -> None:
        """Raises Unauthenticated where what is claimed is nobody's: before the body is read."""
        self._claims(headers)

    def check(self, headers: Headers, body: bytes, now: int) -> Proven:
        """Raises Unauthenticated where the claim holds for nobody. All are tried, whoever it is."""
        if len(self._by_tenant) == 1:
            self._by_tenant[0].by.check(headers, body, now)
            return self._by_tenant[0]
        return _taken(self._claims(headers), lambda proof: proof.check(headers, body, now))[0]

    def _claims(self, headers: Headers) -> list[Proven]:
        return _taken(self._by_tenant, lambda proof: proof.expect(headers))


def _taken(claims: Sequence[Proven], check: Callable[[Proof], None]) -> list[Proven]:
    """Those that hold. Raises where none does: what tells the sender most."""
    taken, refused = [], []
    for claim in claims:
        try:
            check(claim.by)
        except Unauthenticated as error:
            refused.append(error)
        else:
            taken.append(claim)
    if not taken:
        raise max(refused, key=lambda error: error.code == "stale_signature")
    return taken


def of_gitlab(secrets: Sequence[bytes]) -> Proof:
    """Where a signing token is set, a plain one opens nothing: it would make the signature worth nothing."""
    signing = [signing_key(secret) for secret in secrets if secret.startswith(SIGNING)]
    return StandardSignature(signing) if signing else HeaderToken("X-Gitlab-Token", secrets)


def of_source(source: Source, secrets: Sequence[bytes]) -> Proof:
    """Raises Forbidden where the secrets are none of the source's scheme: then nobody can prove anything."""
    match source.scheme:
        case SourceScheme.SOURCE_SCHEME_HMAC:
            return BodySignature(source.header or REVEILLE_SIGNATURE, secrets)
        case SourceScheme.SOURCE_SCHEME_TOKEN if source.header.lower() in ("", "authorization"):
            return Authorization(secrets)
        case SourceScheme.SOURCE_SCHEME_TOKEN:
            return HeaderToken(source.header, secrets)
    try:
        return StandardSignature([signing_key(secret) for secret in secrets])
    except ValueError as error:
        raise Forbidden(
            "door_closed", f"the door of source {source.name} is closed: its secret is another, expected {error}"
        ) from error


def signed_by(settings: Settings) -> Callable[[str], bool]:
    """Whether the senders at a path must prove themselves."""
    doors = (*DOORS, *(f"custom/{name}" for name in settings.sources))
    signed = frozenset(f"/webhooks/{door}" for door in doors if settings.secrets_at(door))
    return lambda path: path in signed


def _password(given: bytes) -> bytes:
    scheme, _, rest = given.partition(b" ")
    match scheme.lower():
        case b"bearer":
            return rest.strip()
        case b"basic":
            try:
                return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
            except binascii.Error:
                return b""
    return b""


def _digests(secrets: Sequence[bytes]) -> list[bytes]:
    """Of one length, so that comparing does not tell how long a secret is."""
    return [hashlib.sha256(secret).digest() for secret in secrets]


def _among(digests: Sequence[bytes], given: bytes) -> bool:
    digest, found = hashlib.sha256(given).digest(), False
    for one in digests:
        found |= hmac.compare_digest(one, digest)
    return found
