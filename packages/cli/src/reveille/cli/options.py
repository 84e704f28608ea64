"""Options that many commands have, and how their errors are told."""

import sys
from typing import Annotated, Any, Final

import typer

Url = Annotated[str, typer.Option("--url", envvar="REVEILLE_URL", help="Where the platform listens.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
DEFAULT_URL: Final = "http://127.0.0.1:3004"
TOKEN_HELP: Final = "A key or a token, where the platform asks who it is."
Token = Annotated[str, typer.Option("--token", envvar="REVEILLE_TOKEN", help=TOKEN_HELP)]
PlanToken = Annotated[str, typer.Option("--token", envvar=["REVEILLE_TOKEN", "REVEILLE_PLAN_TOKEN"], help=TOKEN_HELP)]
FleetToken = Annotated[str, typer.Option("--token", envvar=["REVEILLE_TOKEN", "REVEILLE_FLEET_TOKEN"], help=TOKEN_HELP)]


class one_line_errors:
    """What the caller can mend is one line on stderr, or one for each mistake of a file; and exit code 2."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from reveille.kernel.errors import Misconfigured

        # What runs side by side ends as a group.
        while isinstance(error, BaseExceptionGroup) and (found := error.subgroup(Misconfigured)):
            error = found.exceptions[0]
        if isinstance(error, Misconfigured):
            told = str(error)
            # Several mistakes of a file are a line each, as editors read them.
            lines = told.count("\n") + 1
            print(f"reveille: {told}" if lines == 1 else f"reveille: {lines} mistakes\n{told}", file=sys.stderr)
            raise typer.Exit(2) from None
