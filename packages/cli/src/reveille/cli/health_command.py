"""`reveille health`."""

import typer

from reveille.cli.options import DEFAULT_URL, AsJson, Token, Url, one_line_errors


def health(url: Url = DEFAULT_URL, token: Token = "", as_json: AsJson = False) -> None:
    """What is not well, of each service, and what to do about it; exit code 1 where there is something to do."""
    with one_line_errors():
        from reveille.cli import asking
        from reveille.cli import health as showing

        raise typer.Exit(showing.show(asking.Platform(url, token), as_json=as_json))
