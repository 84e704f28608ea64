"""`python -m bench`: the embedded figures, each beside its floor in the same run."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from bench import machine, report
from bench.figure import Figure
from bench.figures import accept, batches, complete, generator, memory, one_more, start, wake
from bench.running import BenchFailed
from bench.session import Session

FIGURES: Final[dict[str, Callable[[Session], list[Figure]]]] = {
    "generator": generator.measure,
    "wake": wake.measure,
    "accept": accept.measure,
    "complete": complete.measure,
    "batches": batches.measure,
    "start": start.measure,
    "memory": memory.measure,
    "one-more": one_more.measure,
}
# The generator is no platform, and what a start does is over before the profiler begins.
PROFILED: Final = tuple(name for name in FIGURES if name not in ("generator", "start"))
RESULTS: Final = Path(__file__).parent / "results" / "embedded.json"
WIDTH: Final = 160


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    console = Console(stderr=True)
    # Whoever stops the bench stops what it has started, and its folders go.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="reveille-bench-", dir=given.folder) as folder:
            if given.profile:
                _profile(given.profile, Path(folder), console, quick=given.quick)
            else:
                return _measure(given.only or list(FIGURES), Path(folder), console, quick=given.quick)
    except BenchFailed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _measure(names: Sequence[str], folder: Path, console: Console, *, quick: bool) -> int:
    """A figure that fails does not take the others with it, but the exit code."""
    described = machine.describe(folder)
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    with console.status("") as status:
        session = Session(folder=folder, quick=quick, say=_teller(console, status.update))
        for name in names:
            try:
                figures += FIGURES[name](session)
            except BenchFailed as error:
                failed[name] = str(error)
    # Where nobody says how wide it is, such as in a file, nothing is cut off.
    report.show(figures, described, Console(width=None if sys.stdout.isatty() else WIDTH))
    report.write(RESULTS, figures, described, quick=quick, failed=failed)
    console.print(f"written to {RESULTS}")
    for name, reason in failed.items():
        print(f"bench: {name}: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _profile(name: str, folder: Path, console: Console, *, quick: bool) -> None:
    """Its own figures are worth nothing: the profiler slows Python code and hardly the rest."""
    profiles = folder / "profiles"
    profiles.mkdir()
    with console.status("") as status:
        say = _teller(console, status.update)
        FIGURES[name](Session(folder=folder, quick=quick, say=say, profile=profiles))
    report.show_profile(sorted(profiles.iterdir()), Console(width=None if sys.stdout.isatty() else WIDTH))


def _teller(console: Console, update: Callable[[str], None]) -> Callable[[str], None]:
    """One line that changes on a terminal, a line for each step where the output is kept."""
    began = time.monotonic()

    def say(what: str, /) -> None:
        line = f"{time.monotonic() - began:4.0f} s  {what}"
        if console.is_terminal:
            update(line)
        else:
            console.print(line)

    return say


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=FIGURES, metavar="NAME", help=f"of {', '.join(FIGURES)}")
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds: to try, not to quote")
    parser.add_argument(
        "--profile", choices=PROFILED, metavar="NAME", help=f"where the time goes, of {', '.join(PROFILED)}"
    )
    parser.add_argument("--folder", type=Path, help="where data folders are made, on the disk that is to be measured")
    return parser


if __name__ == "__main__":
    sys.exit(main())
