"""`reveille keys` and `reveille audit`."""

from typing import Annotated

import typer

from reveille.cli.options import DEFAULT_URL, AsJson, Token, Url, one_line_errors

key_commands = typer.Typer(help="Keys: who may come in, and as what.", rich_markup_mode=None)
OfTenant = Annotated[str, typer.Option("--tenant", help="Another one than one's own; only with the admin key.")]


@key_commands.callback(invoke_without_command=True)
def keys(context: typer.Context, url: Url = DEFAULT_URL, token: Token = "", as_json: AsJson = False) -> None:
    """The keys that can be used; `list` shows the others too."""
    if context.invoked_subcommand is None:
        keys_list(url=url, token=token, as_json=as_json)


@key_commands.command("list")
def keys_list(
    status: Annotated[str, typer.Option(help="valid, expired or revoked; all: whatever it is.")] = "valid",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    tenant: OfTenant = "",
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """The keys, the newest first; without their secrets, which nobody has kept."""
    with one_line_errors():
        from reveille.cli import asking, keys

        wanted = "" if status == "all" else status
        keys.listed(asking.Platform(url, token), status=wanted, limit=limit, tenant=tenant, as_json=as_json)


@key_commands.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="What it is called where it stands on record.")],
    role: Annotated[
        list[str], typer.Option("--role", help="viewer, operator, approver, agent, source or admin; may be repeated.")
    ],
    agent: Annotated[
        list[str] | None, typer.Option("--agent", help="The only agent that it may connect; may be repeated [any].")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="The only source that it may send for; may be repeated [any].")
    ] = None,
    expires: Annotated[str, typer.Option(help="After this time: 45m, 12h, 90d [never].")] = "",
    tenant: OfTenant = "",
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Issue a key, and show it: this once."""
    with one_line_errors():
        from reveille.cli import asking, keys

        wanted = keys.Wanted(
            name=name, roles=role, agents=agent or [], sources=source or [], expires=expires, tenant=tenant
        )
        keys.created(asking.Platform(url, token), wanted, as_json=as_json)


@key_commands.command("revoke")
def keys_revoke(
    id: Annotated[str, typer.Argument(help="The key's id: its part between the two dots.")],
    tenant: OfTenant = "",
    url: Url = DEFAULT_URL,
    token: Token = "",
) -> None:
    """Let nobody in with it any more; who is in with it is put out."""
    with one_line_errors():
        from reveille.cli import asking, keys

        keys.revoked(asking.Platform(url, token), id, tenant=tenant)


def audit(
    by: Annotated[str, typer.Option(help="Only what this one did: a key's name, a token's subject.")] = "",
    since: Annotated[str, typer.Option(help="How far back: 90m, 24h, 7d; or a time like 2026-11-21T12:00:00Z.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 50,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """Who did what, and who was refused; the newest first."""
    with one_line_errors():
        from reveille.cli import asking, keys

        keys.audited(asking.Platform(url, token), by=by, since=since, limit=limit, as_json=as_json)
