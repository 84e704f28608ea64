"""`python -m bench`: the embedded figures, each beside its floor in the same run."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.command import Bench, run
from bench.figures import accept, batches, complete, generator, live, memory, one_more, plans, rules, start, wake
from bench.session import Say, Session


@contextmanager
def _open(*, folder: Path, quick: bool, say: Say, profile: Path | None) -> Iterator[Session]:
    yield Session(folder=folder, quick=quick, say=say, profile=profile)


BENCH: Final = Bench(
    program="python -m bench",
    about=__doc__,
    mode="embedded",
    figures={
        "generator": generator.measure,
        "wake": wake.measure,
        "accept": accept.measure,
        "complete": complete.measure,
        "plans": plans.measure,
        "batches": batches.measure,
        "start": start.measure,
        "live": live.measure,
        "memory": memory.measure,
        "one-more": one_more.measure,
        "rules": rules.measure,
    },
    # The generator is no platform, and what a start does is over before the profiler begins.
    profiled=("wake", "accept", "complete", "plans", "batches", "live", "memory", "one-more"),
    open=_open,
)

if __name__ == "__main__":
    sys.exit(run(BENCH))
