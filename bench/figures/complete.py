"""Webhooks turned into durably completed executions of a no-op agent per second."""

from statistics import median

from bench.completing import complete
from bench.deliveries import WAKING
from bench.driving import TAKEN, drive
from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.load import Orders
from bench.log_file import open_log_file
from bench.raw_store import append_seconds
from bench.running import bare
from bench.session import Session

PER_COMMIT = 500


def measure(session: Session) -> list[Figure]:
    count = session.pick(5_000, 1_500)
    values, floors, posts, events = [], [], [], 0.0
    with bare(session.fresh()) as floor:
        for _ in session.rounds("complete", 4, 1):
            folder = session.fresh()
            with session.platform(folder, fleet()) as platform:
                completed = complete(platform, open_log_file(folder), count)
            values.append(completed.rate)
            floors.append(count / append_seconds(session.fresh(), completed.sizes, per_commit=PER_COMMIT))
            posts.append(count / drive(Orders(port=floor.port, count=count, action=WAKING), TAKEN).seconds)
            events = len(completed.sizes) / count
    return [
        Figure(
            name="complete",
            title=f"webhooks from POST to durable completion of a no-op agent, {count:,} at full speed",
            unit="triggers/s",
            values=values,
            floors=floors,
            floor_is=f"raw append of the same {events:.1f} events a trigger, {PER_COMMIT} events a commit",
            beside={"requests/s to a bare FastAPI endpoint, the same ones": median(posts)},
            target=Target(least=2_500),
        )
    ]
