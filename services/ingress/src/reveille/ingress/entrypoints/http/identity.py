"""Whose request or socket it is: found out before anything else is, and kept in its scope."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, Final, Protocol

from fastapi import Depends, Request

from reveille.ingress.domain.access import Permission, Principal
from reveille.ingress.entrypoints.access_table import Entry, Needs
from reveille.ingress.entrypoints.http.problems import Unauthenticated
from reveille.kernel.racing import first_to_end

PRINCIPAL: Final = "reveille.principal"
ENTRY: Final = "reveille.entry"


class Authenticator(Protocol):
    async def principal(self, scope: Any) -> Principal:
        """Who sends this: by its Authorization header, or for a socket by its query's `token` or its subprotocol.

        Never reads a body. Raises Unauthenticated where nobody proves anything, or what is shown is wrong, expired or
        revoked: all of them alike, so that nobody learns which keys there are; Transient where it cannot be known now.
        """
        ...

    async def ended(self, principal: Principal) -> None:
        """Return when he is no longer who he was: his key is revoked, or it or his token has expired. Else never."""
        ...


def keep_principal(scope: Any, principal: Principal) -> None:
    scope[PRINCIPAL] = principal


def principal_of(scope: Any) -> Principal:
    """KeyError where nobody has asked who it is: a route that the guard does not stand before."""
    principal: Principal = scope[PRINCIPAL]
    return principal


def tenant_of(request: Request) -> str:
    return principal_of(request.scope).tenant


async def _tenant(request: Request) -> str:
    return tenant_of(request)


# A route's parameter: whose things it shows and changes. Async, as the framework would ask a thread for it else.
Tenant = Annotated[str, Depends(_tenant)]


def keep_entry(scope: Any, entry: Entry) -> None:
    scope[ENTRY] = entry


def entry_of(scope: Any) -> Entry:
    """KeyError where the guard has found none: the access table does not know the request."""
    entry: Entry = scope[ENTRY]
    return entry


def check_needs(principal: Principal, needs: Needs) -> None:
    """Raises Unauthenticated where he has shown nothing and must, and Forbidden where what he is does not do."""
    if not isinstance(needs, Permission):
        return
    if not principal.proven and not principal.may(needs):
        told = f"Authorization has nothing that may {needs}, expected Bearer and a key or a token that may"
        raise Unauthenticated("missing_credential", told, challenge="Bearer")
    principal.check(needs)


async def while_known(authenticator: Authenticator, principal: Principal, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work came to its own end; False: he is no longer who he was, and it was ended."""
    if not principal.proven:
        await work
        return True
    working = asyncio.ensure_future(work)
    await first_to_end(working, authenticator.ended(principal))
    if working.cancelled():
        return False
    working.result()
    return True
