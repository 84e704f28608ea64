"""Outside events received in batches, stored and analysed per second."""

import json
import subprocess
import time
from dataclasses import asdict
from pathlib import Path

from bench.batching import Taking
from bench.figure import Figure, Target
from bench.log_file import open_log_file
from bench.raw_store import append_seconds
from bench.running import PYTHON, ROOT, BenchFailed, environment
from bench.sending import BATCH, SENDERS
from bench.session import Session

SIGNAL = "reveille.ingress.v1.SignalReceived"


def measure(session: Session) -> list[Figure]:
    count = session.pick(40_000, 10_000)
    values, floors = [], []
    for _ in session.rounds("batches", 3, 1):
        folder = session.fresh()
        profile = str(session.profile / f"batches.{time.monotonic_ns()}.prof") if session.profile else ""
        values.append(count / _seconds(Taking(data=str(folder / "data"), count=count, profile=profile)))
        sizes = _sizes(folder)[-count:]
        if len(sizes) != count:
            raise BenchFailed(f"the log holds {len(sizes)} signals, expected {count}")
        floors.append(count / append_seconds(session.fresh(), sizes, per_commit=BATCH))
    return [
        Figure(
            name="batches",
            title=f"outside events through receive_many (in process, no HTTP) stored and analysed, {BATCH} a batch, "
            f"{SENDERS} batches at a time",
            unit="events/s",
            values=values,
            floors=floors,
            floor_is=f"raw append of the same events, {BATCH} a commit",
            target=Target(least=20_000),
        )
    ]


def _seconds(taking: Taking) -> float:
    ended = subprocess.run(
        [PYTHON, "-m", "bench.batching"],
        input=json.dumps(asdict(taking)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        timeout=120,
        check=False,
    )
    if ended.returncode:
        raise BenchFailed(f"batches: the platform ended with code {ended.returncode}: {ended.stderr[-2000:]}")
    return float(ended.stdout)


def _sizes(folder: Path) -> list[int]:
    log = open_log_file(folder)
    try:
        return log.sizes(0, SIGNAL)
    finally:
        log.close()
