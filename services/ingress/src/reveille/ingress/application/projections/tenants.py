"""The view `tenants`: which tenants have a fleet or a key, so that none is looked for in the whole log."""

from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import FleetApplied, KeyIssued
from reveille.kernel.events import Recorded, category_of, tenant_of

# The categories of the streams that make somebody a tenant: each tenant has one of each.
FLEET: Final = "fleet"
ACCESS: Final = "access"
# What each of these streams has at least once.
TYPES: Final = frozenset(cls.DESCRIPTOR.full_name for cls in (FleetApplied, KeyIssued))


def row_of(event: Recorded) -> dict[str, Any]:
    return {"category": category_of(event.stream), "tenant": tenant_of(event.stream)}
