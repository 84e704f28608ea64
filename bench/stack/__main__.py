"""`python -m bench.stack`: the figures of the five services on Kafka and PostgreSQL, all on this machine."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.command import Bench, run
from bench.figures import generator, live
from bench.session import Say
from bench.stack.figures import accept, batches, complete, memory, plans, wake
from bench.stack.session import StackSession
from deploy.native.places import PASSABLE
from deploy.native.servers import Servers


@contextmanager
def _open(*, folder: Path, quick: bool, say: Say, profile: Path | None) -> Iterator[StackSession]:
    # PostgreSQL's user passes through it on its way to its own.
    folder.chmod(PASSABLE)
    say("starting Kafka, PostgreSQL and Redis")
    with Servers(folder / "servers", say=say) as servers:
        yield StackSession(folder=folder, quick=quick, say=say, profile=profile, servers=servers)


BENCH: Final = Bench(
    program="python -m bench.stack",
    about=__doc__,
    mode="stack",
    figures={
        "generator": generator.measure,
        "wake": wake.measure,
        "accept": accept.measure,
        "complete": complete.measure,
        "plans": plans.measure,
        "batches": batches.measure,
        "live": live.measure,
        "memory": memory.measure,
    },
    profiled=("wake", "accept", "complete", "plans", "batches"),
    open=_open,
)

if __name__ == "__main__":
    sys.exit(run(BENCH))
