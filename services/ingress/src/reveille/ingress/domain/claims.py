"""Whom a token speaks of, by the claims that its issuer has signed."""

import re
from collections.abc import Mapping
from typing import Any, Final

from reveille.ingress.domain.access import RESERVED, Principal, Role, permissions_of
from reveille.kernel.clock import SECOND

# RFC 7519 has no limit, OpenID Connect has this one.
MAX_SUBJECT: Final = 255
# The end of the year 9999: what lies behind it no clock can show.
LAST: Final = 253_402_300_799
_TENANT: Final = re.compile(r"[a-z0-9_]{1,63}")
_ROLES: Final = frozenset(Role)


def principal_of(claims: Mapping[str, Any], *, roles: str, tenant: str, leeway: float) -> Principal | None:
    """None where they do not say who it is, or whose. roles, tenant: the names of their claims.

    Roles that are not ours are somebody else's business. leeway: seconds for which it lasts beyond its end.
    """
    name, of, expires = claims.get("sub"), claim(claims, tenant), claims.get("exp")
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_SUBJECT or not name.isprintable() or name in RESERVED:
        return None
    if not isinstance(of, str) or not _TENANT.fullmatch(of):
        return None
    if not isinstance(expires, int | float) or isinstance(expires, bool):
        return None
    given = frozenset(Role(one) for one in _texts(claim(claims, roles)) if one in _ROLES)
    ends = int((min(expires, LAST) + leeway) * SECOND)
    return Principal(name=name, tenant=of, permissions=permissions_of(given), roles=given, expires_at=ends)


def claim(claims: Mapping[str, Any], name: str) -> object:
    """By its name, or by the way to it where it stands in other claims: `realm_access.roles`."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _texts(value: object) -> list[str]:
    """A list of names, or several in one text with spaces, as scopes are written."""
    if isinstance(value, str):
        return value.split()
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
