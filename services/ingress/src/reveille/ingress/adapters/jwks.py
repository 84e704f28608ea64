"""JSON Web Tokens of one issuer, checked with the keys that it publishes: RFC 7519, 7517, 8725."""

import asyncio
import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt

from reveille.ingress.domain.access import Principal
from reveille.ingress.domain.claims import principal_of
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.errors import Misconfigured, Transient

logger = logging.getLogger(__name__)

# A key that the issuer takes back is refused here within it.
REFRESH: Final = 300.0
# An unknown key may be a new one; but who makes up key ids does not make us ask for each.
ASK_AGAIN: Final = 10.0
SECONDS: Final = 5.0
# Who waits for an issuer that is slow keeps a place that others need.
MAX_WAITING: Final = 200
MAX_SET: Final = 1024 * 1024
# Above what any issuer signs, and what servers take as a header.
MAX_TOKEN: Final = 16 * 1024
# Tokens that were checked: a check of RS256 takes 200 µs, to find one again 3.
MAX_CHECKED: Final = 10_000
# The key types and curves that an algorithm goes with: a key is never used for another than its own (RFC 8725, 3.1).
ALGORITHMS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", ())),
    "ES256": ("EC", ("P-256",)),
    "ES384": ("EC", ("P-384",)),
    "ES512": ("EC", ("P-521",)),
    "EdDSA": ("OKP", ("Ed25519", "Ed448")),
}
_REQUIRED: Final = ["exp", "iss", "aud", "sub"]

Read = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """keys: where its JWK set is, a URL or a path. leeway: seconds by which clocks may differ."""

    keys: str
    name: str
    audience: str
    algorithms: tuple[str, ...]
    roles_claim: str
    tenant_claim: str
    leeway: float


class Unreadable(Exception):
    """There is no JWK set where one is expected."""


class IssuerKeys:
    """The keys as they were published last; they go on serving while they cannot be asked for."""

    def __init__(self, source: str, *, clock: Clock, read: Read | None = None) -> None:
        self.source = source
        self._clock = clock
        self._read = read or reader_of(source)
        self._keys: tuple[Mapping[str, Any], ...] | None = None
        self._asked = 0
        self._asking = asyncio.Lock()
        self._waiting = 0
        # Counts the sets: what an earlier one has proved is to be proved again.
        self.version = 0

    async def find(self, kid: str, algorithm: str) -> Any:
        """The public key; None where there is none. Raises Transient where that is not known now."""
        found = self._find(kid, algorithm)
        if found is None:
            await self._once_in_a_while()
            found = self._find(kid, algorithm)
        if found is None and self._keys is None:
            raise Transient("the issuer's keys could not be read yet", retry_after=ASK_AGAIN)
        return found

    async def run(self) -> None:
        while True:
            read = await self.refresh()
            await self._clock.sleep(REFRESH if read else ASK_AGAIN)

    async def refresh(self) -> bool:
        """Whether there is a set now; the last one stays where there is none."""
        async with self._asking:
            return await self._refresh()

    async def _once_in_a_while(self) -> None:
        """Whoever comes while it is read waits for that, where not too many do."""
        if self._waiting >= MAX_WAITING:
            raise Transient("the issuer's keys are being read", retry_after=1.0)
        self._waiting += 1
        try:
            async with self._asking:
                if not self._asked or self._clock.now() - self._asked >= ASK_AGAIN * SECOND:
                    await self._refresh()
        finally:
            self._waiting -= 1

    async def _refresh(self) -> bool:
        self._asked = self._clock.now()
        try:
            keys = parse(await self._read())
        except Unreadable as error:
            kept = "no token can be checked yet" if self._keys is None else "the last ones go on serving"
            logger.warning("the keys of tokens cannot be read from %s: %s; %s", self.source, error, kept)
            return False
        if keys != self._keys:
            self._keys = keys
            self.version += 1
        return True

    def _find(self, kid: str, algorithm: str) -> Any:
        fitting = [key for key in self._keys or () if _fits(key, algorithm)]
        named = [key for key in fitting if key.get("kid") == kid] if kid else fitting
        if len(named) != 1:  # without a name, only where there is no choice
            return None
        try:
            return jwt.PyJWK.from_dict(dict(named[0]), algorithm).key
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            logger.warning("a key of tokens at %s cannot be used: %s", self.source, type(error).__name__)
            return None


class IssuerTokens:
    def __init__(self, issuer: Issuer, keys: IssuerKeys, *, clock: Clock) -> None:
        self._issuer = issuer
        self._keys = keys
        self._clock = clock
        self._checked: OrderedDict[bytes, Principal] = OrderedDict()
        self._version = 0
        self.run = keys.run

    async def shown(self, token: str) -> Principal | None:
        """Whom the token speaks of; None where it is none, wrong or expired. Raises Transient, see IssuerKeys."""
        if len(token) > MAX_TOKEN or token.count(".") != 2 or not token.isascii():
            return None
        digest = hashlib.sha256(token.encode()).digest()
        if self._version != self._keys.version:
            self._checked.clear()
            self._version = self._keys.version
        principal = self._checked.get(digest)
        if principal is None:
            principal = await self._check(token)
            if principal is not None and self._version == self._keys.version:
                self._keep(digest, principal)
        if principal is None or self._clock.now() >= principal.expires_at:
            return None
        return principal

    async def _check(self, token: str) -> Principal | None:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            return None
        algorithm, kid = header.get("alg"), header.get("kid", "")
        # What a header calls critical we would have to understand, and we know of nothing (RFC 7515, 4.1.11).
        if algorithm not in self._issuer.algorithms or not isinstance(kid, str) or "crit" in header:
            return None
        key = await self._keys.find(kid, algorithm)
        if key is None:
            return None
        issuer = self._issuer
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=issuer.audience,
                issuer=issuer.name,
                leeway=issuer.leeway,
                options={"require": _REQUIRED},
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            return None
        return principal_of(claims, roles=issuer.roles_claim, tenant=issuer.tenant_claim, leeway=issuer.leeway)

    def _keep(self, digest: bytes, principal: Principal) -> None:
        self._checked[digest] = principal
        if len(self._checked) > MAX_CHECKED:
            self._checked.popitem(last=False)


def issuer_tokens(issuer: Issuer, *, clock: Clock) -> IssuerTokens:
    """Raises Misconfigured where the keys stand in a file that cannot be read; a URL may still come."""
    if not is_url(issuer.keys):
        try:
            parse(_contents(issuer.keys))
        except Unreadable as error:
            raise Misconfigured(f"REVEILLE_JWT_JWKS names {issuer.keys}, expected a JWK set: {error}") from error
    return IssuerTokens(issuer, IssuerKeys(issuer.keys, clock=clock), clock=clock)


def is_url(source: str) -> bool:
    return source.startswith(("https://", "http://"))


def reader_of(source: str) -> Read:
    async def from_file() -> bytes:
        return await asyncio.to_thread(_contents, source)

    async def from_url() -> bytes:
        return await _fetched(source)

    return from_url if is_url(source) else from_file


def parse(data: bytes) -> tuple[Mapping[str, Any], ...]:
    """The keys of a JWK set. Raises Unreadable."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is no JSON") from error
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise Unreadable("it has no list of keys")
    return tuple(key for key in keys if isinstance(key, dict))


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    kind, curves = ALGORITHMS[algorithm]
    return (
        key.get("kty") == kind
        and (not curves or key.get("crv") in curves)
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    )


def _contents(path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Unreadable(error.strerror or "it cannot be read") from error
    if len(data) > MAX_SET:
        raise Unreadable(f"it is above {MAX_SET} bytes")
    return data


async def _fetched(url: str) -> bytes:
    # Imported late, 100 ms that only those pay who have an issuer.
    import httpx

    parts, size = [], 0
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(follow_redirects=False, timeout=SECONDS) as client,
            client.stream("GET", url, headers={"accept": "application/jwk-set+json, application/json"}) as answer,
        ):
            if answer.status_code != 200:
                raise Unreadable(f"it answers {answer.status_code}")
            async for part in answer.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > MAX_SET:
                    raise Unreadable(f"it is above {MAX_SET} bytes")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(str(error) or type(error).__name__) from error
    except TimeoutError:
        raise Unreadable(f"it did not answer within {SECONDS:g} s") from None
    return b"".join(parts)
