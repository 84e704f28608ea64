"""The command line that the benches share: which figures, told as they come, shown as a table and kept in a file."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from rich.console import Console

from bench import machine, report
from bench.figure import Figure
from bench.running import BenchFailed
from bench.session import Say, Session
from reveille.kernel.errors import Misconfigured

S = TypeVar("S", bound=Session)
S_co = TypeVar("S_co", bound=Session, covariant=True)

RESULTS: Final = Path(__file__).parent / "results"
WIDTH: Final = 160


class Open(Protocol[S_co]):
    """Makes a session, and ends with it what it needs."""

    def __call__(
        self, *, folder: Path, quick: bool, say: Say, profile: Path | None
    ) -> AbstractContextManager[S_co]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(Generic[S]):
    """mode: what the results call it. profiled: the figures of which a profile says something."""

    program: str
    about: str | None
    mode: str
    figures: Mapping[str, Callable[[S], list[Figure]]]
    profiled: Sequence[str]
    open: Open[S]


def run(bench: Bench[S], arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code."""
    given = _parser(bench).parse_args(arguments)
    console = Console(stderr=True)
    # Whoever stops the bench stops what it has started, and its folders go.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="reveille-bench-", dir=given.folder) as folder:
            if given.profile:
                _profile(bench, given.profile, Path(folder), console, quick=given.quick)
            else:
                return _measure(bench, given.only or list(bench.figures), Path(folder), console, quick=given.quick)
    except (BenchFailed, Misconfigured) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _measure(bench: Bench[S], names: Sequence[str], folder: Path, console: Console, *, quick: bool) -> int:
    """A figure that fails does not take the others with it, but the exit code."""
    described = machine.describe(folder)
    figures: list[Figure] = []
    failed: dict[str, str] = {}
    with (
        console.status("") as status,
        bench.open(folder=folder, quick=quick, say=_teller(console, status.update), profile=None) as session,
    ):
        for name in names:
            try:
                figures += bench.figures[name](session)
            except (BenchFailed, Misconfigured) as error:
                failed[name] = str(error)
    # Where nobody says how wide it is, such as in a file, nothing is cut off.
    report.show(figures, described, Console(width=None if sys.stdout.isatty() else WIDTH), mode=bench.mode)
    results = RESULTS / f"{bench.mode}.json"
    report.write(results, figures, described, mode=bench.mode, quick=quick, failed=failed)
    console.print(f"written to {results}")
    for name, reason in failed.items():
        print(f"bench: {name}: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _profile(bench: Bench[S], name: str, folder: Path, console: Console, *, quick: bool) -> None:
    """Its own figures are worth nothing: the profiler slows Python code and hardly the rest."""
    profiles = folder / "profiles"
    profiles.mkdir()
    with (
        console.status("") as status,
        bench.open(folder=folder, quick=quick, say=_teller(console, status.update), profile=profiles) as session,
    ):
        bench.figures[name](session)
    of_kind: dict[str, list[Path]] = {}
    for file in sorted(profiles.iterdir()):
        of_kind.setdefault(file.stem.rpartition(".")[0], []).append(file)
    for kind, files in of_kind.items():
        report.show_profile(kind, files, Console(width=None if sys.stdout.isatty() else WIDTH))


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


def _parser(bench: Bench[S]) -> argparse.ArgumentParser:
    figures, profiled = bench.figures, bench.profiled
    parser = argparse.ArgumentParser(prog=bench.program, description=bench.about)
    parser.add_argument("--only", nargs="+", choices=figures, metavar="NAME", help=f"of {', '.join(figures)}")
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds: to try, not to quote")
    parser.add_argument(
        "--profile", choices=profiled, metavar="NAME", help=f"where the time goes, of {', '.join(profiled)}"
    )
    parser.add_argument("--folder", type=Path, help="where data folders are made, on the disk that is to be measured")
    return parser
