"""`reveille signals`."""

from typing import Annotated

import typer

from reveille.cli.options import DEFAULT_URL, AsJson, Token, Url, one_line_errors


def signals(
    source: Annotated[str, typer.Option(help="github, gitlab, jenkins, ci, prometheus, custom, trigger … [all].")] = "",
    kind: Annotated[str, typer.Option(help="The provider's own word, such as pull_request.opened [all].")] = "",
    repository: Annotated[str, typer.Option(help="Whole, such as acme/app [all].")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 20,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """What came in, the newest first; `reveille why` says what became of one."""
    with one_line_errors():
        from reveille.cli import asking, signals

        wanted = {"source": source, "kind": kind, "repository": repository}
        signals.listed(asking.Platform(url, token), wanted, limit=limit, as_json=as_json)
