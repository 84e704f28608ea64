"""Who somebody is, and what he may do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from reveille.ingress.domain.refusals import Forbidden


class Permission(StrEnum):
    # See what the tenant has: views, streams, pages.
    READ = "read"
    # Tell of what happened outside, or wake by name.
    SIGNAL = "signal"
    # Begin, change, fork and cancel plans.
    PLAN = "plan"
    # Change the fleet, and decide about dead letters.
    OPERATE = "operate"
    # Answer what a person is asked.
    APPROVE = "approve"
    # Be an agent that runs elsewhere.
    CONNECT = "connect"
    # Issue and revoke keys, read who did what, erase a person.
    ADMINISTER = "administer"


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    AGENT = "agent"
    SOURCE = "source"
    ADMIN = "admin"


ALLOWS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.OPERATOR: frozenset({Permission.READ, Permission.SIGNAL, Permission.PLAN, Permission.OPERATE}),
    Role.APPROVER: frozenset({Permission.READ, Permission.APPROVE}),
    Role.AGENT: frozenset({Permission.CONNECT}),
    Role.SOURCE: frozenset({Permission.SIGNAL}),
    Role.ADMIN: frozenset(Permission),
}

OWNER: Final = "owner"
ADMINISTRATOR: Final = "admin"
# No key, and nobody of an issuer's, is called so: on record it would pass for them.
RESERVED: Final = frozenset({OWNER, ADMINISTRATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who has proved who he is, or this machine's owner. All that he sees and does is his tenant's.

    roles: as he was given them; "" for tokens of the settings, which have permissions alone. agents: the only ones that
    he may connect, sources: the only ones that he may send for; empty: any. key_id: "" where it was no key. limits are
    counted by `counted_as`. proven: he has shown something; only this machine's owner need not. of_platform: he may
    issue keys for any tenant. expires_at: in microseconds since 1970; 0 is never.
    """

    name: str
    tenant: str
    permissions: frozenset[Permission]
    roles: frozenset[Role] = frozenset()
    key_id: str = ""
    agents: frozenset[str] = field(default_factory=frozenset)
    sources: frozenset[str] = field(default_factory=frozenset)
    proven: bool = True
    of_platform: bool = False
    expires_at: int = 0

    @property
    def counted_as(self) -> str:
        return self.key_id or self.name

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def check(self, permission: Permission) -> None:
        """Raises Forbidden naming what is missing."""
        if not self.may(permission):
            roles = " or ".join(role for role in Role if permission in ALLOWS[role])
            raise Forbidden("not_allowed", f"{self.name} may not {permission}: this is for {roles}")

    def check_agent(self, agent: str) -> None:
        """Raises Forbidden where he may connect others only."""
        self.check(Permission.CONNECT)
        if self.agents and agent not in self.agents:
            raise Forbidden("not_allowed", f"{self.name} may not connect as {agent[:100]}")

    def check_source(self, source: str) -> None:
        """Raises Forbidden where he may send for others only."""
        self.check(Permission.SIGNAL)
        if self.sources and source not in self.sources:
            raise Forbidden("not_allowed", f"{self.name} may not send for source {source[:100]}")


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    return frozenset().union(*(ALLOWS[role] for role in roles))


def owner(tenant: str, *, without: Iterable[Permission] = ()) -> Principal:
    """Whoever sits at this machine, where nobody has to say who he is.

    without: permissions that a token of the settings guards even there.
    """
    allowed = frozenset(Permission) - frozenset(without)
    return Principal(name=OWNER, tenant=tenant, permissions=allowed, proven=False, of_platform=True)


def administrator(tenant: str) -> Principal:
    """Who has the key of the settings that issues the first ones."""
    return Principal(
        name=ADMINISTRATOR,
        tenant=tenant,
        permissions=frozenset(Permission),
        roles=frozenset({Role.ADMIN}),
        of_platform=True,
    )
