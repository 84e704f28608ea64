"""Resident memory at rest, after the start and after much work."""

from bench.completing import complete
from bench.deliveries import WAKING
from bench.driving import TAKEN, drive
from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.load import Orders
from bench.log_file import open_log_file
from bench.running import bare
from bench.session import Session


def measure(session: Session) -> list[Figure]:
    count = session.pick(20_000, 2_000)
    idle, idle_floors = [], []
    for _ in session.rounds("memory at rest", 3, 1):
        with bare(session.fresh()) as floor, session.platform(session.fresh(), fleet()) as platform:
            floor.settle()
            platform.settle()
            idle_floors.append(floor.rss_mb)
            idle.append(platform.rss_mb)
    session.say(f"memory: {count:,} triggers")
    folder = session.fresh()
    with bare(session.fresh()) as floor, session.platform(folder, fleet()) as platform:
        drive(Orders(port=floor.port, count=count, action=WAKING), TAKEN)
        complete(platform, open_log_file(folder), count)
        worked, worked_floor = platform.rss_mb, floor.rss_mb
    return [
        Figure(
            name="memory-idle",
            title="resident memory at rest after the start",
            unit="MB",
            values=idle,
            floors=idle_floors,
            floor_is="bare FastAPI process",
            target=Target(most=125),
        ),
        Figure(
            name="memory-worked",
            title=f"resident memory at rest after {count:,} triggers",
            unit="MB",
            values=[worked],
            floors=[worked_floor],
            floor_is="bare FastAPI process after as many requests",
        ),
    ]
