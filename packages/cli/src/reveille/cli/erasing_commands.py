"""`reveille erase` and `reveille encryption`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from reveille.cli.options import DEFAULT_URL, AsJson, Token, Url, one_line_errors

Data = Annotated[Path | None, typer.Option(help="The data folder [.reveille]; not of a cluster.")]
OfTenant = Annotated[str, typer.Option("--tenant", help="Another one than one's own; only with the admin key.")]

encryption_commands = typer.Typer(
    help="Encryption at rest: which keys wrap what.", no_args_is_help=True, rich_markup_mode=None
)


def erase(
    subject: Annotated[str, typer.Option(help="The person, as the name stood in what was sent.")],
    tenant: OfTenant = "",
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Let a person be forgotten: destroy the keys of what he wrote, and of plans that he had a part in."""
    with one_line_errors():
        from reveille.cli import asking, erasing

        erasing.erase(asking.Platform(url, token), subject, tenant=tenant, as_json=as_json)


@encryption_commands.command("status")
def encryption_status(data: Data = None, as_json: AsJson = False) -> None:
    """How many data keys each master key wraps."""
    with one_line_errors():
        from reveille.cli import erasing

        erasing.status(os.environ, data=str(data or ""), as_json=as_json)


@encryption_commands.command("rotate")
def encryption_rotate(data: Data = None) -> None:
    """Wrap all data keys under the first master key of the file; the others may then be taken out of it.

    The platform may run meanwhile.
    """
    with one_line_errors():
        from reveille.cli import erasing

        erasing.rotate(os.environ, data=str(data or ""))
