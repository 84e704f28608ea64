"""A server that is away for a while: who rests on it says so, and comes back by itself."""

import http.client
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from deploy.native.server import Server
from deploy.native.service import INGRESS
from tests.chaos.running import Run
from tests.chaos.stack import Replica

# A probe asks every two seconds and waits two for an answer; the machine may be busy.
SAYING_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """status 0: nobody answers."""

    status: int
    reasons: tuple[str, ...] = ()


def broker(run: Run) -> None:
    """Ingress takes deliveries into the log without it, and so a balancer must go on sending to it."""
    _away(run, run.servers.kafka, "kafka is away", spared=INGRESS)


def database(run: Run) -> None:
    _away(run, run.servers.postgres, "the log is away")


def readiness_of(admin_url: str) -> Readiness:
    connection = http.client.HTTPConnection(admin_url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        told: Any = json.loads(answer.read())
        return Readiness(answer.status, tuple(told["reasons"]))
    except (OSError, http.client.HTTPException, ValueError):
        return Readiness(0)
    finally:
        connection.close()


def _away(run: Run, server: Server, reason: str, *, spared: str = "") -> None:
    """For as long as the run goes on. spared: the service that does its work without it."""
    pids = {one.name: one.pid for one in run.services}
    run.fault(f"SIGKILL {server.name}, which stays away for {run.seconds:g} s")
    since = time.monotonic()
    server.kill()
    needing = [one for one in run.services if one.program.kind != spared]
    run.until(lambda: _all_say(needing, 503, reason), f"who needs it is unready, as {reason}", SAYING_SECONDS)
    run.tell("who needs it says that he is unready, and why")
    if spared:
        _works(run, spared)
    time.sleep(max(0.0, run.seconds - (time.monotonic() - since)))
    run.start(server)
    run.until(lambda: _all_say(run.services, 200, ""), "every service is ready again", SAYING_SECONDS)
    run.tell("every service is ready again")
    for one in run.services:
        run.expect(one.running and one.pid == pids[one.name], f"{one.name} has ended, expected it to live through this")


def _works(run: Run, kind: str) -> None:
    """Now that others have said that something is away: it is ready, and deliveries are accepted."""
    before = run.outside.accepted_count
    run.until(lambda: run.outside.accepted_count > before, "deliveries are accepted meanwhile", SAYING_SECONDS)
    for one in run.services.replicas(kind):
        found = readiness_of(one.program.admin_url)
        run.expect(found == Readiness(200), f"{one.name} says {found} meanwhile, expected that it is ready")
    run.tell(f"{kind} is ready, and accepts deliveries")


def _all_say(services: Iterable[Replica], status: int, reason: str) -> bool:
    found = [readiness_of(one.program.admin_url) for one in services]
    return all(
        one.status == status and (not reason or any(said.startswith(reason) for said in one.reasons)) for one in found
    )
