"""`reveille deadletters`."""

from typing import Annotated

import typer

from reveille.cli.options import DEFAULT_URL, AsJson, FleetToken, Token, Url, one_line_errors

dead_letter_commands = typer.Typer(help="What services could not handle.", rich_markup_mode=None)
DeadLetterId = Annotated[str, typer.Argument(help="The dead letter's id.")]


@dead_letter_commands.callback(invoke_without_command=True)
def deadletters(
    context: typer.Context,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """What services could not handle, and nobody has decided about; `list` shows the others too."""
    if context.invoked_subcommand is None:
        deadletters_list(url=url, token=token, as_json=as_json)


@dead_letter_commands.command("list")
def deadletters_list(
    status: Annotated[str, typer.Option(help="parked, retried or dropped; all: whatever it is.")] = "parked",
    service: Annotated[str, typer.Option(help="Only those of this service.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """The dead letters, the newest first."""
    with one_line_errors():
        from reveille.cli import asking, deadletters

        wanted = "" if status == "all" else status
        platform = asking.Platform(url, token)
        deadletters.listed(platform, status=wanted, service=service, limit=limit, as_json=as_json)


@dead_letter_commands.command("show")
def deadletters_show(id: DeadLetterId, url: Url = DEFAULT_URL, token: Token = "", as_json: AsJson = False) -> None:
    """One of them, whole: why, its headers and its event."""
    with one_line_errors():
        from reveille.cli import asking, deadletters

        deadletters.shown(asking.Platform(url, token), id, as_json=as_json)


@dead_letter_commands.command("retry")
def deadletters_retry(
    id: DeadLetterId, url: Url = DEFAULT_URL, token: FleetToken = "", as_json: AsJson = False
) -> None:
    """Handle it again, now; what is still wrong leaves it parked, and is said."""
    with one_line_errors():
        from reveille.cli import asking, deadletters

        deadletters.retried(asking.Platform(url, token), id, as_json=as_json)


@dead_letter_commands.command("drop")
def deadletters_drop(
    id: DeadLetterId,
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")] = "",
    url: Url = DEFAULT_URL,
    token: FleetToken = "",
    as_json: AsJson = False,
) -> None:
    """Nobody wants it handled any more."""
    with one_line_errors():
        from reveille.cli import asking, deadletters

        deadletters.dropped(asking.Platform(url, token), id, reason=reason, as_json=as_json)
