"""Who sends a request or opens a socket: by what stands behind `Authorization: Bearer`, of whichever kind it is."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol
from urllib.parse import parse_qs

from reveille.ingress.application.keys import Keys
from reveille.ingress.domain.access import Permission, Principal, administrator, owner
from reveille.ingress.domain.keys import PREFIX
from reveille.ingress.entrypoints.http.identity import Authenticator
from reveille.ingress.entrypoints.http.problems import Unauthenticated
from reveille.ingress.settings import Settings

# Above what any issuer signs, and what servers take as a header.
MAX_CREDENTIAL: Final = 16 * 1024
AUTHORIZATION: Final = b"authorization"
# A page in a browser cannot set the header of a socket; `key` is what agents' clients have always called it.
QUERY: Final = ("token", "key")


class Tokens(Protocol):
    """Of an issuer."""

    async def shown(self, token: str) -> Principal | None:
        """Whom it speaks of; None where it is none, wrong or expired. Raises Transient where that is not known now."""
        ...


class Credentials:
    """Keys of the log, tokens of an issuer, and those that stand in the settings."""

    def __init__(self, settings: Settings, keys: Keys, tokens: Tokens | None) -> None:
        self._keys = keys
        self._tokens = tokens
        # Found by a digest that nobody else can make, so that the time tells nothing of how near a guess was.
        self._secret = secrets.token_bytes(32)
        self._of_settings = {self._digest(token): principal for token, principal in of_settings(settings).items()}

    async def shown(self, credential: str) -> Principal | None:
        """Raises Transient where it is not known now whose it is."""
        found = self._of_settings.get(self._digest(credential.encode("latin-1"))) or self._keys.shown(credential)
        if found is None and self._tokens is not None and not credential.startswith(PREFIX):
            found = await self._tokens.shown(credential)
        return found

    async def ended(self, principal: Principal) -> None:
        await self._keys.ended(principal)

    def _digest(self, token: bytes) -> bytes:
        return hmac.digest(self._secret, token, "sha256")


class Authenticating:
    """Whoever shows nothing is nobody."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self.ended = credentials.ended

    async def principal(self, scope: Any) -> Principal:
        credential = credential_of(scope)
        if not credential:
            raise missing()
        found = await self._credentials.shown(credential)
        if found is None:
            raise wrong()
        return found


class Trusting:
    """Only this machine's own programs can come here: all of them are its owner, but for what a token guards."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        guarded = frozenset[Permission]().union(*(one.permissions for one in guarding(settings)))
        self._owner = owner(settings.tenant, without=guarded)
        self._credentials = credentials
        self.ended = credentials.ended

    async def principal(self, scope: Any) -> Principal:
        """A key makes of the owner whoever it was issued to; what is no key of any kind is not looked at."""
        credential = credential_of(scope)
        if not credential:
            return self._owner
        found = await self._credentials.shown(credential)
        if found is None:
            if credential.startswith(PREFIX):
                raise wrong()
            return self._owner
        if found.roles or found.key_id or found.expires_at:
            return found
        allowed = self._owner.permissions | found.permissions
        return replace(self._owner, name=found.name, permissions=allowed, agents=found.agents, proven=True)


def authenticating(settings: Settings, keys: Keys, tokens: Tokens | None) -> Authenticator:
    credentials = Credentials(settings, keys, tokens)
    return Authenticating(credentials) if settings.authenticates else Trusting(settings, credentials)


def credential_of(scope: Any) -> str:
    """ "" where none is shown. Raises Unauthenticated for two, of which a proxy before us may have read the other."""
    given = [value for name, value in scope["headers"] if name == AUTHORIZATION]
    if len(given) > 1 or any(len(value) > MAX_CREDENTIAL for value in given):
        raise wrong()
    if given:
        scheme, _, credential = given[0].partition(b" ")
        if scheme.lower() == b"bearer":
            return str(credential.strip(), "latin-1")
    if scope["type"] == "websocket" and len(scope["query_string"]) <= MAX_CREDENTIAL:
        query = parse_qs(str(scope["query_string"], "latin-1"), encoding="latin-1")
        return next((query[name][-1] for name in QUERY if name in query), "")
    return ""


def of_settings(settings: Settings) -> Mapping[bytes, Principal]:
    """By token; one that stands in several settings may what all of them may."""
    found: dict[bytes, Principal] = {}
    for token, one in _tokens(settings):
        there = found.get(token)
        found[token] = one if there is None else _both(there, one)
    if settings.admin_key:
        found[settings.admin_key] = administrator(settings.tenant)
    return found


def guarding(settings: Settings) -> list[Principal]:
    """Whose permissions nobody has who shows nothing."""
    administrators = [Permission.ADMINISTER] if settings.admin_key else []
    return [
        *(one for _, one in _tokens(settings)),
        *(_principal(settings, "admin", permission) for permission in administrators),
    ]


def _tokens(settings: Settings) -> list[tuple[bytes, Principal]]:
    named = (
        ("wake token", settings.wake_tokens, Permission.SIGNAL),
        ("fleet token", settings.fleet_tokens, Permission.OPERATE),
        ("plan token", settings.plan_tokens, Permission.PLAN),
        ("approval token", settings.approval_tokens, Permission.APPROVE),
    )
    agents = [
        (key, replace(_principal(settings, f"agent {name}", Permission.CONNECT), agents=frozenset({name})))
        for name, key in settings.agent_keys
    ]
    return [
        *((token, _principal(settings, name, may)) for name, tokens, may in named for token in tokens),
        *agents,
    ]


def _principal(settings: Settings, name: str, permission: Permission) -> Principal:
    return Principal(name=name, tenant=settings.tenant, permissions=frozenset({permission}))


def _both(one: Principal, other: Principal) -> Principal:
    name = one.name if one.name == other.name else f"{one.name} and {other.name}"
    return replace(one, name=name, permissions=one.permissions | other.permissions, agents=one.agents | other.agents)


def missing() -> Unauthenticated:
    return Unauthenticated(
        "missing_credential", "Authorization is missing, expected Bearer and a key or a token", challenge="Bearer"
    )


def wrong() -> Unauthenticated:
    """Whatever is wrong with it: who guesses learns nothing."""
    return Unauthenticated(
        "wrong_credential", "the key or token in Authorization is wrong, expired or revoked", challenge="Bearer"
    )
