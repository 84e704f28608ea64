"""`python -m bench.tokens`: what a working day costs when events wake the agents, and when they ask all the time."""

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench import collecting, machine, report
from bench.command import RESULTS, WIDTH
from bench.tokens.claim import SAVED, Comparison, compare
from bench.tokens.scoring import Unsound
from bench.tokens.telling import figures, show

MOST_HOURS: Final = 24


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 where the claim does not hold."""
    given = _parser().parse_args(arguments)
    console = Console(stderr=True)
    # What is done to one message after the other stands in the log; nobody reads so many lines.
    logging.getLogger("reveille").setLevel(logging.ERROR)
    collecting.tame()
    began = time.monotonic()
    with console.status("") as status:

        def say(what: str) -> None:
            line = f"{time.monotonic() - began:4.0f} s  {what}"
            if console.is_terminal:
                status.update(line)
            else:
                console.print(line, highlight=False)

        try:
            found = compare(seed=given.seed, hours=given.hours, say=say)
        except Unsound as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    return tell(found, as_json=given.json)


def tell(found: Comparison, *, as_json: bool) -> int:
    """Returns the exit code. Of a whole day the figures are kept."""
    described, missed = _machine(), found.missed()
    if as_json:
        print(json.dumps(_document(found, described), indent=2, ensure_ascii=False))
    else:
        show(found, Console(width=None if sys.stdout.isatty() else WIDTH))
    if found.setting.whole_day:
        _write(found, described, missed)
        print(f"written to {RESULTS / 'tokens.json'}", file=sys.stderr)
    return 1 if missed else 0


def _write(found: Comparison, described: dict[str, Any], missed: Sequence[str]) -> None:
    failed = {"claim": "; ".join(missed[:20])} if missed else {}
    report.write(RESULTS / "tokens.json", figures(found), described, mode="embedded", quick=False, failed=failed)


def _document(found: Comparison, described: dict[str, Any]) -> dict[str, Any]:
    return {
        "machine": described,
        "seed": found.setting.seed,
        "hours": found.setting.hours,
        "figures": [figure.as_json() for figure in figures(found)],
        "failed": list(found.missed()),
    }


def _machine() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="reveille-bench-") as folder:
        return machine.describe(Path(folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.tokens", description=__doc__)
    parser.add_argument(
        "--hours", type=_hours, default=24.0, help="of the day, the busiest ones; only a whole day is kept as a result"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the day; the same seed gives the same figures")
    parser.add_argument("--json", action="store_true", help=f"the figures as JSON; the claim: {SAVED:.0%} saved")
    return parser


def _hours(text: str) -> float:
    hours = float(text)
    if not 0 < hours <= MOST_HOURS:
        raise argparse.ArgumentTypeError(f"it is {text}, expected more than 0 and at most {MOST_HOURS}")
    return hours


if __name__ == "__main__":
    sys.exit(main())
