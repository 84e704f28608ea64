"""Single signed webhooks accepted per second, beside a bare FastAPI endpoint."""

from statistics import median

from bench.deliveries import UNMATCHED
from bench.driving import ACCEPTED, TAKEN, drive
from bench.figure import RATIO, Figure, Target
from bench.fleet import fleet
from bench.load import Orders
from bench.running import bare
from bench.stack.cpu import spent
from bench.stack.session import StackSession

# Connections are opened and caches filled by these.
WARMING = 500


def measure(session: StackSession) -> list[Figure]:
    count = session.pick(10_000, 3_000)
    values, floors, cpus = [], [], []
    with session.stack(fleet()) as platform, bare(session.fresh()) as floor:
        orders = Orders(port=platform.port, count=count, action=UNMATCHED)
        floor_orders = Orders(port=floor.port, count=count, action=UNMATCHED)
        drive(Orders(port=platform.port, count=WARMING, action=UNMATCHED), ACCEPTED)
        drive(Orders(port=floor.port, count=WARMING, action=UNMATCHED), TAKEN)
        for _ in session.rounds("accept", 5, 1):
            platform.settle()
            floors.append(count / drive(floor_orders, TAKEN).seconds)
            before = platform.cpu()
            outcome = drive(orders, ACCEPTED)
            values.append(count / outcome.seconds)
            # What the others still do with them belongs to their cost, and not into the floor's round.
            platform.settle()
            used = spent(before, platform.cpu())
            cpus.append({name: one / count * 1000 for name, one in used.items()})
            cpus[-1]["generator"] = outcome.cpu / count * 1000
    return [
        Figure(
            name="accept",
            title="signed GitHub webhooks accepted that no rule matches, 32 connections, all services at work on them",
            unit="webhooks/s",
            values=values,
            floors=floors,
            floor_is="bare FastAPI endpoint, same requests",
            cpu={name: median(cpu[name] for cpu in cpus) for name in cpus[0]},
            target=Target(of=RATIO, least=0.50),
        )
    ]
