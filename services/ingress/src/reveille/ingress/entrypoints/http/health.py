"""What is not well with the platform, as its services say themselves, and what to do about it."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from pydantic import BaseModel

from reveille.adapters.complaints import Complaint
from reveille.ingress.adapters.queries import Queries
from reveille.ingress.bootstrap import Ingress
from reveille.ingress.domain import advice
from reveille.ingress.domain.advice import advice_on
from reveille.ingress.entrypoints.http.identity import Tenant
from reveille.kernel.errors import Transient

# Of the whole platform, and not of one service.
PLATFORM: Final = "platform"


class ToDo(BaseModel):
    """service: whose complaint it is; `platform`: nobody's alone. code: the same for the same complaint."""

    service: str
    code: str
    text: str
    advice: str
    command: str


class HealthTold(BaseModel):
    """status: ok, or degraded where there is something to do. services: serving, not_serving or unreachable."""

    status: str
    services: dict[str, str]
    items: list[ToDo]


def health_routes(ingress: Ingress, queries: Queries) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["status"])

    @router.get("/health")
    async def health(tenant: Tenant) -> HealthTold:
        """What is not well, of each service, and what to do about it."""
        conditions = await queries.conditions()
        complaints = [
            (service, complaint) for service, condition in conditions.items() for complaint in condition.complaints
        ]
        complaints += [(PLATFORM, complaint) for complaint in await _of_tenant(ingress, tenant)]
        return told({service: condition.status for service, condition in conditions.items()}, complaints)

    return router


def told(services: Mapping[str, str], complaints: list[tuple[str, Complaint]]) -> HealthTold:
    items = []
    for service, complaint in complaints:
        found = advice_on(complaint.code, service)
        items.append(
            ToDo(
                service=service,
                code=complaint.code,
                text=complaint.text,
                advice=found.what,
                command=found.command,
            )
        )
    return HealthTold(status="degraded" if items else "ok", services=dict(services), items=items)


async def _of_tenant(ingress: Ingress, tenant: str) -> list[Complaint]:
    complaints: list[Complaint] = []
    if not ingress.fleets.loaded:
        complaints.append(Complaint(advice.FLEET_LOADING, "the fleets are not read from the log yet"))
    elif not ingress.fleets.in_force(tenant).fleet.agents:
        complaints.append(Complaint(advice.FLEET_MISSING, f"tenant {tenant} has no agents: nothing can wake"))
    try:
        counted: Mapping[tuple[str, str], Any] = await ingress.dead_letters.open()
    except Transient:  # its database is away, of which the service itself complains
        return complaints
    for (of_tenant, service), count in sorted(counted.items()):
        if of_tenant == tenant:
            told_of = "message is" if count == 1 else "messages are"
            complaints.append(Complaint(advice.DEAD_LETTERS, f"{count} {told_of} parked that {service} cannot handle"))
    return complaints
