"""The disk of all servers is full for a while."""

import time
from typing import Final

from deploy.native.server import Server
from tests.chaos.running import Run

MEGABYTES: Final = 700
SAYING_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 1.0


def disk(run: Run) -> None:
    """Nothing is accepted that cannot be kept. What ends of it is started again when there is room."""
    assert run.disk is not None
    pids = {one.name: one.pid for one in run.services}
    until = time.monotonic() + run.seconds
    run.fault("the disk of Kafka, PostgreSQL and Redis is full")
    run.until(lambda: _takes_nothing(run), "nothing is accepted any more", SAYING_SECONDS)
    run.tell("nothing is accepted any more")
    while time.monotonic() < until:
        run.disk.fill()
        time.sleep(LOOK_SECONDS)
    run.disk.free()
    run.tell("there is room again")
    servers: list[Server] = [run.servers.kafka, run.servers.postgres, run.servers.redis]
    for server in servers:
        if not server.running:
            run.tell(f"{server.name} has ended")
            run.start(server)
    for one in run.services:
        run.expect(one.running and one.pid == pids[one.name], f"{one.name} has ended, expected it to live through this")


def _takes_nothing(run: Run) -> bool:
    assert run.disk is not None
    run.disk.fill()
    before = run.outside.accepted_count
    time.sleep(LOOK_SECONDS)
    return run.outside.accepted_count == before
