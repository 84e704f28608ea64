"""`python -m tests.rehearsal`: upgrades, the way back and restarts of the real stack under load, and what was felt."""

import argparse
import random
import shutil
import signal
import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console

from deploy.native.places import temporary_folder
from deploy.native.servers import Servers
from reveille.kernel.errors import Misconfigured
from tests.chaos.running import run
from tests.chaos.story import Story, table_of
from tests.rehearsal.figures import table_of_phases, table_of_totals
from tests.rehearsal.newer import write_newer
from tests.rehearsal.older import check_out
from tests.rehearsal.rehearsing import Rehearsal

NOTHING: Final = "nothing"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal", description=__doc__)
    parser.add_argument(
        "--from",
        dest="older",
        default="",
        metavar="REVISION",
        help=f"the version before; {NOTHING!r} is none [the one before the newest step of any schema]",
    )
    parser.add_argument("--rate", type=float, default=30.0, help="webhooks a second [30]")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of what happens when")
    given = parser.parse_args(arguments)
    # Whoever ends it half-way ends what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(width=None if sys.stdout.isatty() else 160)
    folder = temporary_folder("reveille-rehearsal-")
    try:
        older = None if given.older == NOTHING else check_out(folder / "older", given.older)
        rehearsal = Rehearsal(older, write_newer(folder / "newer"))
        with Servers(folder / "servers", say=console.print) as servers:
            scenario = rehearsal.scenario()
            verdict = run(
                scenario, servers, folder / "run", seed=given.seed, seconds=0, story=Story(console), rate=given.rate
            )
    except Misconfigured as error:
        console.print(f"tests.rehearsal: {error}", style="red")
        shutil.rmtree(folder, ignore_errors=True)
        return 2
    assert rehearsal.rolling is not None
    runs = rehearsal.judge(verdict)
    console.print(table_of_phases(rehearsal.rolling.phases, verdict.deliveries))
    console.print(table_of_totals(verdict, verdict.deliveries, rehearsal.parties, runs))
    console.print(table_of([verdict]))
    if verdict.held:
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    console.print(f"to see it again: --seed {given.seed}; logs and ledgers are in {folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
