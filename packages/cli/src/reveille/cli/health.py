"""How `reveille health` shows what is not well, and what to do about it."""

from typing import Any

from rich.markup import escape

from reveille.cli.asking import Platform
from reveille.cli.showing import coloured, console, print_json, say, table


def show(platform: Platform, *, as_json: bool) -> int:
    """The exit code: 1 where there is something to do. Raises Misconfigured where the platform cannot be asked."""
    answer: dict[str, Any] = platform.get("/api/v1/health")
    if as_json:
        print_json(answer)
    else:
        _show(answer)
    return 1 if answer["items"] else 0


def _show(answer: dict[str, Any]) -> None:
    services = table("service", "state")
    for name, state in answer["services"].items():
        services.add_row(name, coloured(state))
    console.print(services)
    if not answer["items"]:
        say("\nall is well")
    for one in answer["items"]:
        say(f"\n[bold]{one['service']}[/bold]: {escape(one['text'])}")
        say(f"  {escape(one['advice'])}")
        say(f"  [cyan]{escape(one['command'])}[/cyan]")
