"""SIGKILL: of services at random, of the servers in turn, and of all of them together."""

import time
from collections.abc import Iterator
from itertools import cycle
from typing import Final

from deploy.native.server import Server
from reveille.adapters.kafka_bus import SESSION_SECONDS
from tests.chaos.running import Run
from tests.chaos.stack import Replica

SERVER_AWAY: Final = 3.0
STOPPED_SECONDS: Final = SESSION_SECONDS + 2


def services(run: Run) -> None:
    """Each at least once, at once started again, as a supervisor does."""
    for number, one in enumerate(_shuffled(run), 1):
        run.kill_and_start(one)
        if number >= len(list(run.services)) and not run.going_on:
            return
        run.pause(0.2, 1.5)


def servers(run: Run) -> None:
    """The broker, the database and Redis in turn."""
    servers: list[Server] = [run.servers.kafka, run.servers.postgres, run.servers.redis]
    for number, server in enumerate(cycle(servers), 1):
        run.kill_and_start(server, away=SERVER_AWAY)
        if number >= len(servers) and not run.going_on:
            return
        run.pause(2, 5)


def everything(run: Run) -> None:
    """Services at random, and after every third of them the broker or the database."""
    replicas = _shuffled(run)
    in_turn: list[Server] = [run.servers.kafka, run.servers.postgres]
    servers = cycle(in_turn)
    killed = 0
    while run.going_on or killed < len(list(run.services)):
        for _ in range(3):
            run.kill_and_start(next(replicas))
            run.pause(0.2, 1.5)
        killed += 3
        run.kill_and_start(next(servers), away=SERVER_AWAY)
        run.pause(1, 3)


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


def _shuffled(run: Run) -> Iterator[Replica]:
    order = list(run.services)
    run.chance.shuffle(order)
    return cycle(order)


def _others_take_over(run: Run) -> None:
    """Stopped for longer than its session, and until what waited for it meanwhile has gone on."""
    completed, since = run.watch.completed, time.monotonic()
    time.sleep(STOPPED_SECONDS)
    run.until_completed(run.outside.accepted_count)
    run.expect(run.watch.completed > completed, f"nothing was completed in {time.monotonic() - since:.0f} s")
