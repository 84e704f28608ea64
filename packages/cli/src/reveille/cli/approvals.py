"""The `approvals` commands: what waits for a person's answer, and the answer."""

from typing import Any, Final

from rich.markup import escape

from reveille.cli.asking import Platform
from reveille.cli.showing import coloured, console, figure, moment, print_json, say, table

DECISIONS: Final = {"approve": "approved", "reject": "rejected"}


def listed(platform: Platform, *, status: str, limit: int, as_json: bool) -> None:
    answer = platform.get("/api/v1/approvals", status=status, limit=limit)
    if as_json:
        return print_json(answer)
    if not answer["items"]:
        say("nobody is asked anything" if status else "nobody was ever asked anything")
        return None
    made = table("approval", "status", "agent", "tokens", "risk", "at (UTC)")
    for one in answer["items"]:
        asked = f"{one['id']}\n[dim]{escape(one['question'])}[/dim]"
        if not one["agent"]:  # before a plan's end the same is asked of each plan: which one it is says its id
            asked += f"\n{escape(one['execution_id'])}"
        made.add_row(asked, coloured(one["status"]), one["agent"], figure(one["cost"]), one["risk"], _when(one))
    console.print(made)
    return None


def decided(platform: Platform, id: str, *, decision: str, comment: str, as_json: bool) -> None:
    body = {"decision": decision, **({"comment": comment} if comment else {})}
    answer = platform.post(f"/api/v1/approvals/{id}", body)
    if as_json:
        return print_json(answer)
    before = " before" if answer["duplicate"] else ""
    say(f"approval {id} was {DECISIONS[decision]}{before}: execution [bold]{answer['execution_id']}[/bold]")
    return None


def _when(one: dict[str, Any]) -> str:
    if one["status"] == "open":
        return f"until {moment(one['deadline'])}\n[dim]then {one['otherwise']}[/dim]"
    return moment(one["resolved_at"])
