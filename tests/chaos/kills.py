"""SIGKILL of services and servers at random; SIGSTOP and SIGCONT; replicas that come and go."""

import time
from itertools import cycle
from typing import Final

from deploy.native.server import Server
from reveille.adapters.kafka_bus import SESSION_SECONDS
from tests.chaos.running import Run

SERVER_AWAY: Final = 3.0
STOPPED_SECONDS: Final = SESSION_SECONDS + 2


def everything(run: Run) -> None:
    """Services and servers in an order that the seed chooses, each once before any of them comes again."""
    while True:
        services: list[Server] = list(run.services)
        everyone = [*services, run.servers.kafka, run.servers.postgres, run.servers.redis]
        run.chance.shuffle(everyone)
        for one in everyone:
            run.kill_and_start(one, away=0.0 if one in services else SERVER_AWAY)
            run.pause(0.2, 2)
            if not run.going_on and run.faults >= len(everyone):
                return


def stop_and_continue(run: Run) -> None:
    """SIGSTOP of a member beyond its session: others get its partitions, and it comes back with stale state."""
    for name in cycle(("planner-1", "agent-runner-1", "planner-2")):
        one = run.services[name]
        run.fault(f"SIGSTOP {name}")
        one.pause()
        _others_take_over(run)
        one.resume()
        run.tell(f"SIGCONT {name}")
        run.pause(4, 8)
        if not run.going_on:
            return


def churn(run: Run) -> None:
    """Replicas leave in order or are killed, and come again, so that the groups share out anew all the time."""
    members = [*run.services.replicas("planner"), *run.services.replicas("agent-runner")]
    turns = 0
    while run.going_on or turns < len(members):
        one = members[turns % len(members)]
        gently = run.chance.random() < 0.5
        run.fault(f"{'SIGTERM' if gently else 'SIGKILL'} {one.name}")
        if gently:
            one.stop()
        else:
            one.kill()
        run.pause(0.5, 3)
        run.start(one)
        run.pause(0.5, 3)
        turns += 1


def _others_take_over(run: Run) -> None:
    """Stopped for longer than its session, and until what waited for it meanwhile has gone on."""
    completed, since = run.watch.completed, time.monotonic()
    time.sleep(STOPPED_SECONDS)
    run.until_completed(run.outside.accepted_count)
    run.expect(run.watch.completed > completed, f"nothing was completed in {time.monotonic() - since:.0f} s")
