"""`reveille executions`: the list, one of them, `cancel` and `watch`."""

from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from reveille.cli.options import DEFAULT_URL, AsJson, PlanToken, Token, Url, one_line_errors

SHOW: Final = "show"


class _ShowUnlessNamed(TyperGroup):
    """What is no command's name is an execution's id, or an option of the list."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [SHOW, *args]
        return list(super().parse_args(ctx, args))


execution_commands = typer.Typer(
    cls=_ShowUnlessNamed,
    help="The executions, the newest first; `executions ID` is one of them, `watch ID` it live, `cancel ID` stops it.",
    rich_markup_mode=None,
)


@execution_commands.command(SHOW)
def executions(
    id: Annotated[str, typer.Argument(help="One execution, whole.")] = "",
    status: Annotated[str, typer.Option(help="Only those of this status.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=500)] = 20,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: AsJson = False,
) -> None:
    """The executions, the newest first; or one of them. `show` may be left out."""
    with one_line_errors():
        from reveille.cli import asking

        asking.executions(asking.Platform(url, token), id, status=status, limit=limit, as_json=as_json)


@execution_commands.command("cancel")
def cancel(
    id: Annotated[str, typer.Argument(help="The execution of a plan.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept on record.")] = "",
    url: Url = DEFAULT_URL,
    token: PlanToken = "",
    as_json: AsJson = False,
) -> None:
    """Stop a plan: what runs is stopped, its tokens come back, what can be undone is undone."""
    with one_line_errors():
        from reveille.cli import asking

        asking.cancelled(asking.Platform(url, token), id, reason=reason, as_json=as_json)


@execution_commands.command("watch")
def watch(
    id: Annotated[str, typer.Argument(help="The execution.")],
    after: Annotated[int, typer.Option(help="Only what is behind this event [0: all of it].", min=0)] = 0,
    types: Annotated[list[str] | None, typer.Option(help="Only these types, like tool-call,tool-result.")] = None,
    agent: Annotated[list[str] | None, typer.Option(help="Only of this agent; may be given several times.")] = None,
    department: Annotated[list[str] | None, typer.Option(help="Only of this department; may be repeated.")] = None,
    replay: Annotated[
        float | None, typer.Option(metavar="SPEED", help="What has happened, so many times as fast; 0: at once.")
    ] = None,
    until_complete: Annotated[
        bool, typer.Option("--until-complete", help="End when it is complete, also where new inputs may open it again.")
    ] = False,
    url: Url = DEFAULT_URL,
    token: Token = "",
    as_json: Annotated[bool, typer.Option("--json", help="The events as they come, one a line.")] = False,
) -> None:
    """What happens in an execution, live. It ends when the execution has, or with ctrl-c."""
    with one_line_errors():
        from reveille.cli import watching

        asked = watching.Asked(
            execution_id=id,
            after=after,
            types=_several(types),
            agents=_several(agent),
            departments=_several(department),
            replay=replay,
            until_complete=until_complete,
            as_json=as_json,
        )
        raise typer.Exit(watching.watch(url, token, asked))


def _several(given: list[str] | None) -> tuple[str, ...]:
    return tuple(name for one in given or () for part in one.split(",") if (name := part.strip()))
