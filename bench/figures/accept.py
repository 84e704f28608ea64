"""Single signed webhooks accepted per second, beside a bare FastAPI endpoint."""

from bench.deliveries import UNMATCHED
from bench.driving import ACCEPTED, TAKEN, drive
from bench.figure import RATIO, Figure, Target
from bench.fleet import fleet
from bench.load import Orders
from bench.running import Running, bare
from bench.session import Session

# Connections are opened and caches filled by these.
WARMING = 500


def measure(session: Session) -> list[Figure]:
    count = session.pick(10_000, 3_000)
    values, floors = [], []
    with session.platform(session.fresh(), fleet()) as platform, bare(session.fresh()) as floor:
        drive(Orders(port=platform.port, count=WARMING, action=UNMATCHED), ACCEPTED)
        drive(Orders(port=floor.port, count=WARMING, action=UNMATCHED), TAKEN)
        for _ in session.rounds("accept", 5, 1):
            floors.append(_rate(floor, count, TAKEN))
            values.append(_rate(platform, count, ACCEPTED))
            # Its views follow the log after the last answer; the floor is to have the machine for itself.
            platform.settle()
    return [
        Figure(
            name="accept",
            title="signed GitHub webhooks accepted that no rule matches, 32 connections",
            unit="webhooks/s",
            values=values,
            floors=floors,
            floor_is="bare FastAPI endpoint, same requests",
            target=Target(of=RATIO, least=0.60),
        )
    ]


def _rate(running: Running, count: int, expected: str) -> float:
    return count / drive(Orders(port=running.port, count=count, action=UNMATCHED), expected).seconds
