"""Outside events received in batches, stored, relayed and analysed per second."""

import json
import subprocess
from statistics import median

from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.running import PYTHON, ROOT, BenchFailed
from bench.sending import BATCH, SENDERS
from bench.stack import raw_kafka, raw_postgres
from bench.stack.batching import Taken
from bench.stack.cpu import spent
from bench.stack.log_table import written
from bench.stack.platform import Platform
from bench.stack.session import StackSession

SIGNAL = "reveille.ingress.v1.SignalReceived"


def measure(session: StackSession) -> list[Figure]:
    count = session.pick(40_000, 10_000)
    values, floors, records, cpus = [], [], [], []
    brokers = session.servers.addresses.kafka
    for _ in session.rounds("batches", 3, 1):
        with session.stack(fleet()) as platform:
            # Who takes the batches is ingress, in its place.
            platform.services["ingress-1"].stop()
            platform.settle()
            before = platform.cpu()
            taken = _take(platform, count)
            values.append(count / taken.seconds)
            platform.settle()
            used = {**spent(before, platform.cpu()), "ingress": taken.cpu}
            cpus.append({name: one / count * 1000 for name, one in used.items()})
            url = platform.services.database_url
            rows, _ = written(url, taken.after, SIGNAL)
            if len(rows) != count:
                raise BenchFailed(f"the log holds {len(rows)} signals, expected {count}")
            floors.append(count / raw_postgres.append_seconds(url, rows, per_commit=BATCH))
            records.append(count / raw_kafka.pass_seconds(brokers, raw_kafka.records(rows)))
    return [
        Figure(
            name="batches",
            title=f"outside events through receive_many (in ingress's process, no HTTP) stored, relayed and analysed, "
            f"{BATCH} a batch, {SENDERS} batches at a time",
            unit="events/s",
            values=values,
            floors=floors,
            floor_is=f"raw append of the same events to PostgreSQL, {BATCH} a commit",
            beside={"events/s whose records pass through bare topics of Kafka": median(records)},
            cpu={name: median(cpu[name] for cpu in cpus) for name in cpus[0]},
            target=Target(least=10_000),
        )
    ]


def _take(platform: Platform, count: int) -> Taken:
    ended = subprocess.run(
        [PYTHON, "-m", "bench.stack.batching", str(count)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(platform.services["ingress-1"].program.environment),
        timeout=240,
        check=False,
    )
    if ended.returncode:
        raise BenchFailed(f"batches: ingress ended with code {ended.returncode}: {ended.stderr[-2000:]}")
    return Taken(**json.loads(ended.stdout))
