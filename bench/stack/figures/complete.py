"""Webhooks turned into durably completed executions of a no-op agent per second, and which process works for them."""

from contextlib import closing
from statistics import median

from bench.completing import WARMING, pass_through
from bench.deliveries import WAKING
from bench.driving import TAKEN, drive
from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.load import Orders
from bench.running import bare
from bench.stack import raw_kafka, raw_postgres
from bench.stack.cpu import spent
from bench.stack.log_table import open_log_table, written
from bench.stack.session import StackSession


def measure(session: StackSession) -> list[Figure]:
    count = session.pick(5_000, 1_000)
    values, floors, records, posts, cpus = [], [], [], [], []
    events = per_commit = 0.0
    with session.stack(fleet()) as platform, bare(session.fresh()) as floor:
        url = platform.services.database_url
        with closing(open_log_table(url)) as log:
            pass_through(platform, log, WARMING)
            for _ in session.rounds("complete", 4, 1):
                platform.settle()
                log.look()
                after, before = log.position, platform.cpu()
                passed = pass_through(platform, log, count)
                platform.settle()
                used = spent(before, platform.cpu())
                cpus.append({name: one / count * 1000 for name, one in used.items()})
                cpus[-1]["generator"] = passed.generator_cpu / count * 1000
                values.append(count / passed.seconds)
                rows, commits = written(url, after)
                events, per_commit = len(rows) / count, len(rows) / commits
                floors.append(count / raw_postgres.append_seconds(url, rows, per_commit=round(per_commit)))
                brokers = session.servers.addresses.kafka
                records.append(count / raw_kafka.pass_seconds(brokers, raw_kafka.records(rows)))
                posts.append(count / drive(Orders(port=floor.port, count=count, action=WAKING), TAKEN).seconds)
    return [
        Figure(
            name="complete",
            title=f"webhooks from POST to durable completion of a no-op agent, {count:,} at full speed",
            unit="triggers/s",
            values=values,
            floors=floors,
            floor_is=f"raw append of the same {events:.1f} events a trigger to PostgreSQL, "
            f"{per_commit:.0f} a commit as the services did",
            beside={
                "triggers/s whose records pass through bare topics of Kafka": median(records),
                "requests/s to a bare FastAPI endpoint, the same ones": median(posts),
            },
            cpu={name: median(cpu[name] for cpu in cpus) for name in cpus[0]},
            target=Target(least=1_500),
        )
    ]
