"""The blueprints of the fleet in force, over HTTP: which plans can be begun, and what each is made of."""

from typing import Any

from fastapi import APIRouter

from reveille.adapters.grpc import to_plain
from reveille.contracts.ingress.v1.events_pb2 import Blueprint, Role
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain.autopilots import AUTOPILOTS
from reveille.ingress.domain.refusals import Missing
from reveille.ingress.entrypoints.http.identity import Tenant


def blueprint_routes(fleets: Fleets) -> APIRouter:
    router = APIRouter(prefix="/api/v1/blueprints", tags=["blueprints"])

    @router.get("")
    async def list_blueprints(tenant: Tenant) -> dict[str, Any]:
        found = fleets.in_force(tenant).fleet.blueprints
        return {"items": [_summary(found[name]) for name in sorted(found)], "next": None}

    @router.get("/{name}")
    async def get_blueprint(name: str, tenant: Tenant) -> dict[str, Any]:
        fleet = fleets.in_force(tenant).fleet
        if (found := fleet.blueprints.get(name)) is None:
            raise Missing("not_found", f"no blueprint {name[:100]}")
        return {
            **to_plain(found),
            "categories": _categories(found),
            "orchestrator": _orchestrator(found),
            "autopilot": _autopilot(found),
            "fleet_revision": fleet.revision,
        }

    return router


def _summary(blueprint: Blueprint) -> dict[str, Any]:
    """Of a hierarchy its departments, and not the steps that are made of them."""
    written = not blueprint.departments
    return {
        "name": blueprint.name,
        "title": blueprint.title,
        "steps": [step.name for step in blueprint.steps] if written else [],
        "required": list(blueprint.required) if written else [],
        "categories": _categories(blueprint),
        "facts": list(blueprint.facts),
        "orchestrator": _orchestrator(blueprint),
        "departments": [one.name for one in blueprint.departments],
        "approvals": [gate.before for gate in blueprint.gates],
        "autopilot": _autopilot(blueprint),
    }


def _categories(blueprint: Blueprint) -> list[str]:
    """A category is called as the step that it brings into the plan; one of every input is nothing to choose."""
    return [step.name for step in blueprint.steps if step.HasField("category") and not step.category.every]


def _orchestrator(blueprint: Blueprint) -> str:
    """ "" where it has no departments."""
    return next((step.agent for step in blueprint.steps if step.role == Role.ROLE_ORCHESTRATE), "")


def _autopilot(blueprint: Blueprint) -> str:
    return next((name for name, one in AUTOPILOTS.items() if one == blueprint.autopilot), "assisted")
