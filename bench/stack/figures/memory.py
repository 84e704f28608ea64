"""Resident memory of each service at rest, and what it uses of the processor while nothing happens."""

import time

from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.running import bare
from bench.stack.cpu import spent
from bench.stack.session import StackSession
from deploy.native.service import SERVICES

REST_SECONDS = 10.0


def measure(session: StackSession) -> list[Figure]:
    values, floors = [], []
    by_process: dict[str, float] = {}
    for _ in session.rounds("memory at rest", 3, 1):
        with session.stack(fleet()) as platform, bare(session.fresh()) as floor:
            floor.settle()
            platform.settle()
            resident = platform.rss_mb()
            before = platform.cpu()
            time.sleep(REST_SECONDS)
            used = spent(before, platform.cpu())
            values.append(max(resident[service] for service in SERVICES))
            floors.append(floor.rss_mb)
            by_process = {f"MB of {name}": resident[name] for name in SERVICES}
            by_process |= {f"% of a core at rest: {name}": one / REST_SECONDS * 100 for name, one in used.items()}
    return [
        Figure(
            name="memory-idle",
            title="resident memory of the largest service at rest after the start",
            unit="MB",
            values=values,
            floors=floors,
            floor_is="bare FastAPI process",
            beside=by_process,
            target=Target(most=100),
        )
    ]
