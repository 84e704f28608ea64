"""Who sends a request or opens a socket."""

from typing import Any

from reveille.ingress.domain.access import Principal, owner


class Trusting:
    """Only this machine's own programs can come here: all of them are its owner."""

    def __init__(self, tenant: str) -> None:
        self._owner = owner(tenant)

    async def principal(self, scope: Any) -> Principal:
        return self._owner
