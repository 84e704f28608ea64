"""`python -m deploy.native`: a whole cluster on this machine without containers, as whoever runs it."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from deploy.native import prometheus, stack
from deploy.native.places import default_folder
from deploy.native.record import Record
from deploy.native.service import SERVICES, is_ready
from reveille.kernel.errors import Misconfigured

PORT: Final = 3004
WIDTH: Final = 160


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    # Whoever ends an `up` half-way ends what it has started.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        folder = given.data.absolute() if given.data else default_folder()
        match given.command:
            case "up":
                return _up(folder, given)
            case "down":
                return _down(folder)
            case _:
                return _status(folder, given)
    except Misconfigured as error:
        print(f"deploy.native: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _up(folder: Path, given: argparse.Namespace) -> int:
    if given.fleet and not given.fleet.is_file():
        raise Misconfigured(f"{given.fleet} is not there, expected a fleet file")
    stack.up(
        folder,
        servers_only=given.servers_only,
        replicas=given.replicas,
        port=given.port,
        settings={"REVEILLE_FLEET": str(given.fleet.absolute())} if given.fleet else {},
        inherited=os.environ,
        say=_say,
    )
    if given.env:
        _print_exports(folder, given.env)
    else:
        _show(stack.processes(folder))
    print(f"it stays up, and its data in {folder}; to end it: {stack.down_command(folder)}", file=sys.stderr)
    return 0


def _down(folder: Path) -> int:
    count = 0
    counting = threading.Lock()

    def ended(one: Record, gently: bool) -> None:
        nonlocal count
        with counting:
            count += 1
            how = "ended" if gently else f"killed after {one.grace:g} s"
            print(f"{how} {one.name} (pid {one.identity.pid})", flush=True)

    stack.down(folder, ended)
    if not count:
        print(f"nothing was running in {folder}")
    return 0


def _status(folder: Path, given: argparse.Namespace) -> int:
    found, wanted = stack.processes(folder), given.env
    if not found or (wanted and not stack.exports(folder)):
        print(f"nothing is up in {folder}", file=sys.stderr)
        return 1
    if wanted:
        _print_exports(folder, wanted)
    elif given.prometheus:
        print(prometheus.configuration(found), end="")
    else:
        _show(found)
    return 0 if all(one.running for one in found) else 1


def _print_exports(folder: Path, wanted: str) -> None:
    lines = stack.exports(folder, wanted)
    if not lines:
        raise Misconfigured(f"{folder} has no replica {wanted}, expected one that was started")
    print(lines, end="")


def _show(found: Sequence[Record]) -> None:
    table = Table("name", "state", "address", "grpc", "admin", "pid", "log")
    for one in found:
        about = one.about
        table.add_row(
            one.name,
            _state(one),
            one.address,
            about.get("grpc"),
            about.get("admin"),
            f"{one.identity.pid}",
            str(one.log),
        )
    # Where nobody says how wide it is, such as in a file, nothing is cut off.
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def _state(one: Record) -> str:
    if not one.running:
        return "dead"
    if "admin" not in one.about:
        return "running"
    return "ready" if is_ready(one.about["admin"]) else "not ready"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _replicas(text: str) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for part in text.split(","):
        service, _, count = part.strip().partition("=")
        if service not in SERVICES or not count.isdecimal() or not int(count):
            raise argparse.ArgumentTypeError(
                f"{part!r}, expected SERVICE=N with N from 1 and one of {', '.join(SERVICES)}"
            )
        wanted[service] = int(count)
    return wanted


def _service(text: str) -> str:
    kind, _, number = text.rpartition("-")
    if text not in (*SERVICES, stack.SHARED) and not (kind in SERVICES and number.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r}, expected one like planner or planner-2")
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65_533:
        raise argparse.ArgumentTypeError(f"{text!r}, expected 0 to 65533")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.native", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start Kafka, PostgreSQL, Redis and the five services")
    up.add_argument("--servers-only", action="store_true", help="without the services")
    up.add_argument(
        "--replicas", type=_replicas, default={}, metavar="SERVICE=N,…", help="more than one of a service: planner=2"
    )
    up.add_argument("--fleet", type=Path, help="the fleet file; without it, the one that ships")
    up.add_argument("--port", type=_port, default=PORT, help=f"of ingress; the two above it too; 0 is any [{PORT}]")
    down = commands.add_parser("down", help="end what up started; the data stays")
    status = commands.add_parser("status", help="what was started, where it listens, and whether it still runs")
    for one in (up, down, status):
        one.add_argument("--data", type=Path, help="the folder of its data, logs and records [.stack/data]")
    for one in (up, status):
        one.add_argument(
            "--env",
            nargs="?",
            const=stack.SHARED,
            type=_service,
            metavar="SERVICE",
            help="print no table, but export lines: what all services share, or all that this one is told, for a shell "
            "in which it is started by hand",
        )
    status.add_argument(
        "--prometheus",
        action="store_true",
        help="print no table, but what a Prometheus is told to scrape it, with the alert rules",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
