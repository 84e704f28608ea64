"""API keys: `rvl_<tenant>.<key_id>.<secret>`, what the log knows of them, and what may be done with them.

Stream: access. It has the digest of a key's secret half, and so nothing that opens a door.
"""

import base64
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import KeyIssued, KeyRevoked
from reveille.ingress.domain.access import RESERVED, Permission, Principal, Role, permissions_of
from reveille.ingress.domain.refusals import Conflicting, FieldError, Invalid, Missing, invalid_field
from reveille.kernel.clock import SECOND

PREFIX: Final = "rvl_"
# Bytes, of which each six bits are a letter.
ID_BYTES: Final = 12
SECRET_BYTES: Final = 32
# Of those that can be used: what a tenant may cost every replica's memory.
MAX_KEYS: Final = 10_000
MAX_NAME: Final = 100
# Of agents, and of sources.
MAX_NAMED: Final = 100
# Ten years: beyond it a key may as well not expire.
MAX_SECONDS: Final = 10 * 366 * 86_400
_TEXT: Final = re.compile(r"rvl_([a-z0-9_]{1,63})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{16}")

VALID: Final = "valid"
EXPIRED: Final = "expired"
REVOKED: Final = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyText:
    """What somebody shows who has a key."""

    tenant: str
    key_id: str
    secret: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.tenant}.{self.key_id}.{self.secret}"

    def __repr__(self) -> str:
        return f"KeyText({self.tenant}.{self.key_id})"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedKey:
    """lasts: in seconds; 0: it does not expire."""

    name: str
    roles: frozenset[Role]
    agents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    lasts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Times are microseconds since 1970; 0: it does not expire, it is not revoked. position: of its KeyIssued."""

    tenant: str
    key_id: str
    wanted: WantedKey
    digest: bytes
    issued_at: int
    issued_by: str
    expires_at: int
    position: int
    revoked_at: int = 0
    revoked_by: str = ""

    def status(self, now: int) -> str:
        if self.revoked_at:
            return REVOKED
        return EXPIRED if self.expires_at and now >= self.expires_at else VALID

    @property
    def principal(self) -> Principal:
        wanted = self.wanted
        return Principal(
            name=wanted.name,
            tenant=self.tenant,
            permissions=permissions_of(wanted.roles),
            roles=wanted.roles,
            key_id=self.key_id,
            agents=wanted.agents,
            sources=wanted.sources,
            expires_at=self.expires_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """An event of the stream, and when and where it was recorded."""

    msg: Message
    at: int
    position: int


def parse(text: str) -> KeyText | None:
    """None where it does not look like a key."""
    found = _TEXT.fullmatch(text)
    return None if found is None else KeyText(tenant=found[1], key_id=found[2], secret=found[3])


def digest_of(pepper: bytes, key: KeyText) -> bytes:
    """Of all of it: a digest that is moved to another tenant or another id fits nothing."""
    return hmac.digest(pepper, str(key).encode(), "sha256")


def letters(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def id_of(random: bytes) -> str:
    """It is typed as an argument of commands, and so never begins as an option."""
    return letters(random[:ID_BYTES]).replace("-", "_")


def fold(tenant: str, known: Mapping[str, Key], facts: Iterable[Fact]) -> dict[str, Key]:
    """What is known with what has happened since, by the keys' ids."""
    keys = dict(known)
    for fact in facts:
        match fact.msg:
            case KeyIssued() as issued:
                keys[issued.key_id] = _key(tenant, issued, fact)
            case KeyRevoked(key_id=key_id, by=by) if key_id in keys:
                keys[key_id] = _revoked(keys[key_id], fact.at, by)
    return keys


def issuing(known: Mapping[str, Key], key: KeyText, wanted: WantedKey, *, digest: bytes, by: str, now: int) -> Message:
    """Raises Conflicting where the tenant has too many."""
    usable = sum(one.status(now) == VALID for one in known.values())
    if usable >= MAX_KEYS:
        raise Conflicting("too_many_keys", f"{usable} keys can be used, at most {MAX_KEYS} are issued: revoke some")
    issued = KeyIssued(
        key_id=key.key_id,
        name=wanted.name,
        roles=sorted(wanted.roles),
        agents=sorted(wanted.agents),
        sources=sorted(wanted.sources),
        digest=digest,
        by=by,
    )
    if wanted.lasts:
        issued.expires_at.FromMicroseconds(now + wanted.lasts * SECOND)
    return issued


def revoking(known: Mapping[str, Key], key_id: str, *, by: str) -> Message | None:
    """None where it is revoked. Raises Missing."""
    if key_id not in known:
        raise unknown_key(key_id)
    return None if known[key_id].revoked_at else KeyRevoked(key_id=key_id, by=by)


def unknown_key(key_id: str) -> Missing:
    """key_id: as somebody typed it, who may have typed all of a key."""
    shown = key_id if _KEY_ID.fullmatch(key_id) else "of this id"
    return Missing("unknown_key", f"there is no key {shown}")


def wanted_key(
    *, name: str, roles: Iterable[str], agents: Iterable[str], sources: Iterable[str], lasts: int
) -> WantedKey:
    """Raises one Invalid for the first field that is wrong."""
    shown = name.strip()
    if not shown or len(shown) > MAX_NAME or not shown.isprintable():
        raise invalid_field("name", f"expected 1 to {MAX_NAME} printable characters")
    if shown in RESERVED:
        raise invalid_field("name", f"{shown!r} is nobody's: this is what the platform calls its own")
    given = frozenset(_role(role) for role in roles)
    if not given:
        raise invalid_field("roles", f"it is empty, expected some of {', '.join(Role)}")
    wanted = WantedKey(
        name=shown, roles=given, agents=_named("agents", agents), sources=_named("sources", sources), lasts=lasts
    )
    for field, names, permission in (
        ("agents", wanted.agents, Permission.CONNECT),
        ("sources", wanted.sources, Permission.SIGNAL),
    ):
        if names and permission not in permissions_of(given):
            raise invalid_field(field, f"no role among {', '.join(sorted(given))} may {permission}")
    if not 0 <= lasts <= MAX_SECONDS:
        raise invalid_field("expires_in", f"it is {lasts} s, expected 1 to {MAX_SECONDS}")
    return wanted


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        told = f"it is {name[:80]!r}, expected some of {', '.join(Role)}"
        raise Invalid("invalid_body", f"roles: {told}", [FieldError("roles", told)]) from None


def _named(field: str, names: Iterable[str]) -> frozenset[str]:
    found = frozenset(names)
    if len(found) > MAX_NAMED or any(not 1 <= len(name) <= MAX_NAME or not name.isprintable() for name in found):
        raise invalid_field(field, f"expected at most {MAX_NAMED} names of 1 to {MAX_NAME} printable characters")
    return found


def _key(tenant: str, issued: KeyIssued, fact: Fact) -> Key:
    expires = issued.expires_at.ToMicroseconds() if issued.HasField("expires_at") else 0
    # A role that a later build knows allows nothing here.
    roles = frozenset(Role(role) for role in issued.roles if role in frozenset(Role))
    wanted = WantedKey(
        name=issued.name,
        roles=roles,
        agents=frozenset(issued.agents),
        sources=frozenset(issued.sources),
        lasts=(expires - fact.at) // SECOND if expires else 0,
    )
    return Key(
        tenant=tenant,
        key_id=issued.key_id,
        wanted=wanted,
        digest=issued.digest,
        issued_at=fact.at,
        issued_by=issued.by,
        expires_at=expires,
        position=fact.position,
    )


def _revoked(key: Key, at: int, by: str) -> Key:
    return key if key.revoked_at else replace(key, revoked_at=at, revoked_by=by)
