"""`reveille agent`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from reveille.cli.options import one_line_errors

agent_commands = typer.Typer(help="Agents in processes of their own.", no_args_is_help=True, rich_markup_mode=None)


@agent_commands.command("run")
def agent_run(
    code: Annotated[str, typer.Argument(help="my_agent.py, my_agent.py:function or package.module:function.")],
    agent: Annotated[str, typer.Option(help="Which agent of the fleet it is; one with `remote: true`.")],
    url: Annotated[str, typer.Option(envvar="REVEILLE_AGENT_URL", help="Where the platform takes agents.")] = (
        "ws://127.0.0.1:3005"
    ),
    key_file: Annotated[
        Path | None, typer.Option(envvar="REVEILLE_AGENT_KEY_FILE", help="The file of its key [REVEILLE_AGENT_KEY].")
    ] = None,
    capacity: Annotated[int, typer.Option(help="Runs at a time.", min=1, max=100)] = 1,
    model: Annotated[str, typer.Option(help="offline, auto, anthropic:MODEL or openai:MODEL.")] = "auto",
    ready_file: Annotated[
        Path | None,
        typer.Option(envvar="REVEILLE_AGENT_READY_FILE", help="A file that is there while it is connected."),
    ] = None,
) -> None:
    """Connect an agent to a platform, and do what it is woken for until it is stopped."""
    with one_line_errors():
        from reveille.cli import agent_run as running

        running.run(
            code,
            agent=agent,
            url=url,
            key_file=key_file,
            capacity=capacity,
            model=model,
            ready_file=ready_file,
            environment=os.environ,
        )
