"""`reveille approvals`."""

from typing import Annotated

import typer

from reveille.cli.options import DEFAULT_URL, TOKEN_HELP, AsJson, Token, Url, one_line_errors

approval_commands = typer.Typer(help="What waits for a person's answer.", rich_markup_mode=None)
ApprovalId = Annotated[str, typer.Argument(help="The approval's id.")]
Comment = Annotated[str, typer.Option(help="Why; it is kept with the decision.")]
ApprovalToken = Annotated[
    str, typer.Option("--token", envvar=["REVEILLE_TOKEN", "REVEILLE_APPROVAL_TOKEN"], help=TOKEN_HELP)
]


@approval_commands.callback(invoke_without_command=True)
def approvals(
    context: typer.Context,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """What waits for a person's answer; `list` shows what was answered too."""
    if context.invoked_subcommand is None:
        approvals_list(url=url, token=token, as_json=as_json)


@approval_commands.command("list")
def approvals_list(
    status: Annotated[
        str, typer.Option(help="open, approved, rejected, expired or moot; all: whatever it is.")
    ] = "open",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """The approvals, the newest first."""
    with one_line_errors():
        from reveille.cli import approvals, asking

        wanted = "" if status == "all" else status
        approvals.listed(asking.Platform(url, token), status=wanted, limit=limit, as_json=as_json)


@approval_commands.command("approve")
def approvals_approve(
    id: ApprovalId, comment: Comment = "", url: Url = DEFAULT_URL, token: ApprovalToken = "", as_json: AsJson = False
) -> None:
    """Let it exceed its budget, once."""
    _decide(id, "approve", comment, url, token, as_json=as_json)


@approval_commands.command("reject")
def approvals_reject(
    id: ApprovalId, comment: Comment = "", url: Url = DEFAULT_URL, token: ApprovalToken = "", as_json: AsJson = False
) -> None:
    """Do not; its execution fails."""
    _decide(id, "reject", comment, url, token, as_json=as_json)


def _decide(id: str, decision: str, comment: str, url: str, token: str, *, as_json: bool) -> None:
    with one_line_errors():
        from reveille.cli import approvals, asking

        platform = asking.Platform(url, token)
        approvals.decided(platform, id, decision=decision, comment=comment, as_json=as_json)
