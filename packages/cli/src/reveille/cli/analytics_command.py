"""`reveille analytics`."""

from typing import Annotated

import typer

from reveille.cli.options import DEFAULT_URL, AsJson, Token, Url, one_line_errors


def analytics(
    since: Annotated[
        str, typer.Option(help="How far back: 90m, 24h, 7d; or a time like 2026-11-21T12:00:00Z.")
    ] = "24h",
    bucket: Annotated[str, typer.Option(help="minute, hour or day [as fits].")] = "",
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """What happened over time: events, wakes, tokens, money, quality, runs."""
    with one_line_errors():
        from reveille.cli import analytics, asking

        analytics.show(asking.Platform(url, token), since=since, bucket=bucket, as_json=as_json)
