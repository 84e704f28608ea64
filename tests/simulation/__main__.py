"""`python scripts/simulate.py --seeds 500`: many seeds in several processes, or one seed again."""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.simulation.running import Outcome, quiet, run_seed


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="simulate.py", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--processes", type=int, default=2, help="how many run at a time")
    parser.add_argument("--seed", type=int, help="run this seed alone, and print the digest of its log")
    options = parser.parse_args(arguments)
    if options.seeds < 1 or options.processes < 1:
        parser.error("--seeds and --processes are at least 1")
    if options.seed is not None:
        return _one(options.seed)
    return _many(range(options.first, options.first + options.seeds), options.processes)


def _one(seed: int) -> int:
    quiet()
    outcome = run_seed(seed)
    print(outcome if outcome.broken else f"seed {seed} keeps all promises; its log is {outcome.digest}")
    print(_summary(outcome.counts))
    return 1 if outcome.broken else 0


def _many(seeds: range, processes: int) -> int:
    console, counts, failed = Console(highlight=False), Counter[str](), list[Outcome]()
    began = time.monotonic()
    columns = (TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failed]}"))
    context = multiprocessing.get_context("spawn")
    with (
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
        ProcessPoolExecutor(processes, context, quiet) as pool,
    ):
        bar = progress.add_task("", total=len(seeds), failed="")
        for done in as_completed([pool.submit(run_seed, seed) for seed in seeds]):
            outcome = done.result()
            counts += outcome.counts
            if outcome.broken:
                failed.append(outcome)
                console.print(str(outcome), markup=False, soft_wrap=True)
            progress.update(bar, advance=1, failed=f"{len(failed)} failed" if failed else "")
    console.print(f"{_summary(counts)} in {time.monotonic() - began:.0f} s")
    console.print(f"{len(failed)} of {len(seeds)} seeds break a promise" if failed else "all promises were kept")
    return 1 if failed else 0


def _summary(counts: Counter[str]) -> str:
    names = sorted(name for name in counts if name not in ("runs", "events") and counts[name])
    return ", ".join(f"{counts[name]} {name}" for name in ("runs", "events", *names))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
