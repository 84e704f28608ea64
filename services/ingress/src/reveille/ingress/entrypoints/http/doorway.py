"""The way to the doors, beside the framework: it finds one by a look at the path."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

from reveille.adapters.prometheus import Sample
from reveille.ingress.domain.refusals import Missing, Refusal
from reveille.ingress.entrypoints.http.doors import Doors
from reveille.ingress.entrypoints.http.gate import Gate
from reveille.ingress.entrypoints.http.guard import EVENTS
from reveille.ingress.entrypoints.http.own_doors import OwnDoors
from reveille.ingress.entrypoints.http.problems import MethodNotAllowed
from reveille.ingress.entrypoints.http.sockets import refuse
from reveille.ingress.entrypoints.http.taking import ClientGone
from reveille.kernel.errors import Transient
from reveille.kernel.ids import Ids

# What the paths of doors begin with, but for one.
BEFORE: Final = "/webhook"

DOORS: Final = (
    "/webhooks/github",
    "/webhooks/gitlab",
    "/webhooks/jenkins",
    "/webhooks/ci",
    "/webhooks/prometheus",
    "/webhooks/custom/{name}",
    "/webhook/trigger/{agent}",
    "/webhook/git",
    "/webhook/system/{event}",
    EVENTS,
)

# What a process tells Prometheus.
Told = Callable[[], Awaitable[Sequence[Sample]]]
# (scope, what the audit calls it, send) -> what sends for it
OnRecord = Callable[[Any, str, Any], Any]
# (scope, receive, send, the last part of the path)
OpenDoor = Callable[[Any, Any, Any, str], Awaitable[None]]


class Front:
    """Plain ASGI: through the framework's layers, its router and its exit stacks a delivery cost half as much again."""

    def __init__(
        self, app: Any, *, doors: Any, sockets: Sequence[Any], gate: Gate, on_record: OnRecord, ids: Ids, told: Told
    ) -> None:
        """sockets: each says of a scope whether it takes it, and has its `entry` in the access table.

        told: what ingress tells Prometheus.
        """
        self.app = app
        self.told = told
        self._doors = doors
        self._sockets = sockets
        self._gate = gate
        self._on_record = on_record
        self._ids = ids

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and is_door(scope["path"]):
            await self._doors(scope, receive, send)
            return
        if scope["type"] == "websocket":
            for socket in self._sockets:
                if socket.takes(scope):
                    await self._open(socket, scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _open(self, socket: Any, scope: Any, receive: Any, send: Any) -> None:
        send = self._on_record(scope, socket.entry.name, send)
        async with AsyncExitStack() as passed:
            try:
                principal = await passed.enter_async_context(self._gate.passed(scope, socket.entry))
            except (Refusal, Transient) as error:
                await receive()  # the request to open it
                await refuse(scope, send, error, self._ids)
                return
            await self._gate.until_ended(socket, principal, scope, receive, send)


def is_door(path: str) -> bool:
    return path.startswith(BEFORE) or path == EVENTS


class Doorway:
    def __init__(self, doors: Doors, own: OwnDoors) -> None:
        self._by_source: Mapping[str, OpenDoor] = {
            "github": doors.github,
            "gitlab": doors.gitlab,
            "jenkins": doors.jenkins,
            "ci": doors.ci,
            "prometheus": doors.prometheus,
        }
        self._custom: OpenDoor = doors.custom
        self._events: OpenDoor = own.events
        self._own: Mapping[tuple[str, int], OpenDoor] = {
            ("trigger", 4): own.trigger,
            ("git", 3): own.git,
            ("system", 4): own.system,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        parts = scope["path"].split("/")
        open_door = self._find(parts)
        if scope["method"] != "POST":
            raise MethodNotAllowed("method_not_allowed", f"{scope['method']} is not for this door, expected POST")
        try:
            await open_door(scope, receive, send, parts[-1])
        except ClientGone:
            return  # there is nobody left to answer

    def _find(self, parts: list[str]) -> OpenDoor:
        if parts[1] == "webhooks" and len(parts) == 3:
            if open_door := self._by_source.get(parts[2]):
                return open_door
            known = ", ".join((*self._by_source, "custom/{name}"))
            raise Missing("unknown_source", f"there is no door for source {parts[2][:100]}, only for {known}")
        if parts[1:3] == ["webhooks", "custom"] and len(parts) == 4 and parts[3]:
            return self._custom
        if parts[1] == "api":
            return self._events
        own = self._own.get((parts[2], len(parts))) if parts[1] == "webhook" and len(parts) > 2 else None
        if own is None or not parts[-1]:
            raise Missing("not_found", f"there is no door at {'/'.join(parts)[:200]}")
        return own
