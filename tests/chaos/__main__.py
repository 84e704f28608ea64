"""`python -m tests.chaos`: real faults on the real stack, and what came of them."""

import argparse
import random
import shutil
import sys
from collections.abc import Sequence

from rich.console import Console

from deploy.native.places import temporary_folder
from deploy.native.servers import Servers
from reveille.kernel.errors import Misconfigured
from tests.chaos.running import run
from tests.chaos.scenarios import ALL
from tests.chaos.story import Story, table_of


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, help="of each scenario that goes on for as long as one likes")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of what happens when")
    parser.add_argument("--scenario", choices=sorted(ALL), action="append", help="only this one; may be said again")
    given = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 160)
    folder = temporary_folder("reveille-chaos-")
    verdicts = []
    try:
        with Servers(folder / "servers", say=console.print) as servers:
            for name in given.scenario or ALL:
                scenario = ALL[name]
                seconds = given.seconds or scenario.seconds
                verdicts.append(
                    run(scenario, servers, folder / name, seed=given.seed, seconds=seconds, story=Story(console))
                )
    except Misconfigured as error:
        console.print(f"tests.chaos: {error}", style="red")
        return 2
    console.print(table_of(verdicts))
    if all(one.held for one in verdicts):
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    console.print(f"to see it again: --seed {given.seed}; logs and ledgers are in {folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
