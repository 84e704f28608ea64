"""A server that is away for a while: who rests on it says so, and comes back by itself."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any, Final

from deploy.native.server import Server
from tests.chaos.running import Run

# A probe asks every two seconds and waits two for an answer; the machine may be busy.
SAYING_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """status 0: nobody answers."""

    status: int
    reasons: tuple[str, ...] = ()


def broker(run: Run) -> None:
    _away(run, run.servers.kafka, "kafka is away")


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


def _away(run: Run, server: Server, reason: str) -> None:
    """For as long as the run goes on."""
    pids = {one.name: one.pid for one in run.services}
    run.fault(f"SIGKILL {server.name}, which stays away for {run.seconds:g} s")
    since = time.monotonic()
    server.kill()
    run.until(lambda: _all_say(run, 503, reason), f"every service is unready, as {reason}", SAYING_SECONDS)
    run.tell("every service says that it is unready, and why")
    time.sleep(max(0.0, run.seconds - (time.monotonic() - since)))
    run.start(server)
    run.until(lambda: _all_say(run, 200, ""), "every service is ready again", SAYING_SECONDS)
    run.tell("every service is ready again")
    for one in run.services:
        run.expect(one.running and one.pid == pids[one.name], f"{one.name} has ended, expected it to live through this")


def _all_say(run: Run, status: int, reason: str) -> bool:
    found = [readiness_of(one.program.admin_url) for one in run.services]
    return all(
        one.status == status and (not reason or any(said.startswith(reason) for said in one.reasons)) for one in found
    )
