"""`python -m tests.chaos`: real faults on the real stack, and what came of them."""

import argparse
import random
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.native.places import temporary_folder
from deploy.native.servers import Servers
from reveille.kernel.errors import Misconfigured
from tests.chaos.alone import AloneScenario, run_alone
from tests.chaos.running import run
from tests.chaos.scenarios import ALL
from tests.chaos.story import Story, table_of
from tests.chaos.verdict import Verdict

RATE: Final = 100.0
BACKLOG_SECONDS: Final = 30.0
# What goes on for as long as one likes.
LONGEST: Final = ("kills",)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    # Whoever ends it half-way ends what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(width=None if sys.stdout.isatty() else 160)
    folder = temporary_folder("reveille-chaos-")
    verdicts: list[Verdict] = []
    try:
        names = given.scenario or ALL
        with ExitStack() as stack:
            servers = Servers(folder / "servers", say=console.print)
            if any(not isinstance(ALL[name], AloneScenario) for name in names):
                stack.enter_context(servers)
            for name in names:
                verdict = _run(name, servers, folder / name, given, Story(console))
                if verdict.backlog_seconds > BACKLOG_SECONDS:
                    late = f"the backlog was gone after {verdict.backlog_seconds:.1f} s, expected {BACKLOG_SECONDS:g}"
                    verdict.add("backlog", [late])
                verdicts.append(verdict)
    except Misconfigured as error:
        console.print(f"tests.chaos: {error}", style="red")
        return 2
    console.print(table_of(verdicts))
    if all(one.held for one in verdicts):
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    console.print(f"to see it again: --seed {given.seed}; logs and ledgers are in {folder}")
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, help="of the scenarios that are named, or else of `kills`")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="of what happens when")
    parser.add_argument("--rate", type=float, default=RATE, help=f"webhooks a second [{RATE:g}]")
    parser.add_argument("--scenario", choices=sorted(ALL), action="append", help="only this one; may be said again")
    return parser


def _run(name: str, servers: Servers, folder: Path, given: argparse.Namespace, story: Story) -> Verdict:
    scenario = ALL[name]
    seconds = given.seconds if given.seconds and (given.scenario or name in LONGEST) else scenario.seconds
    if isinstance(scenario, AloneScenario):
        return run_alone(scenario, folder, seed=given.seed, seconds=seconds, story=story, rate=given.rate)
    return run(scenario, servers, folder, seed=given.seed, seconds=seconds, story=story, rate=given.rate)


if __name__ == "__main__":
    sys.exit(main())
