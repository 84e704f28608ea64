"""`reveille fleet`."""

from pathlib import Path
from typing import Annotated

import typer

from reveille.cli.options import DEFAULT_URL, AsJson, FleetToken, Url, one_line_errors

fleet_commands = typer.Typer(
    help="Fleet files: check them, see what they change, apply them.", no_args_is_help=True, rich_markup_mode=None
)
FleetFile = Annotated[Path, typer.Argument(help="The fleet file.")]


@fleet_commands.command("validate")
def fleet_validate(file: FleetFile, as_json: AsJson = False) -> None:
    """Say what is wrong with a fleet file, with the lines; exit code 2 if anything is."""
    with one_line_errors():
        from reveille.cli import fleet

        fleet.validate(file, as_json=as_json)


@fleet_commands.command("diff")
def fleet_diff(file: FleetFile, url: Url = DEFAULT_URL, token: FleetToken = "", as_json: AsJson = False) -> None:
    """What the file would change, and what would have come of the last day's signals under it."""
    with one_line_errors():
        from reveille.cli import asking, fleet

        fleet.diff(asking.Platform(url, token), file, as_json=as_json)


@fleet_commands.command("apply")
def fleet_apply(
    file: FleetFile,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    url: Url = DEFAULT_URL,
    token: FleetToken = "",
    as_json: AsJson = False,
) -> None:
    """Put the file in force: show what changes, ask, and change just that."""
    with one_line_errors():
        from reveille.cli import asking, fleet

        raise typer.Exit(fleet.apply(asking.Platform(url, token), file, yes=yes, as_json=as_json))
