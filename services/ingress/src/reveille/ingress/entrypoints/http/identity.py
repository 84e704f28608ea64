"""Whose request or socket it is: found out before anything else is, and kept in its scope."""

from typing import Any, Final, Protocol

from fastapi import Request

from reveille.ingress.domain.access import Principal

PRINCIPAL: Final = "reveille.principal"


class Authenticator(Protocol):
    async def principal(self, scope: Any) -> Principal:
        """Who sends this: by its Authorization header, or for a socket by its query's `token` or its subprotocol.

        Never reads a body. Raises Unauthenticated where nobody proves anything, or what is shown is wrong, expired or
        revoked: all of them alike, so that nobody learns which keys there are; Transient where it cannot be known now.
        """
        ...


def keep_principal(scope: Any, principal: Principal) -> None:
    scope[PRINCIPAL] = principal


def principal_of(scope: Any) -> Principal:
    """KeyError where nobody has asked who it is: a route that the guard does not stand before."""
    principal: Principal = scope[PRINCIPAL]
    return principal


def tenant_of(request: Request) -> str:
    return principal_of(request.scope).tenant
