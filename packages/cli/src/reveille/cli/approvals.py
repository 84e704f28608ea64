"""The `approvals` commands: what waits for a person's answer, and the answer."""

from typing import Any, Final

from rich.table import Table

from reveille.cli.asking import Platform, console, print_json

DECISIONS: Final = {"approve": "approved", "reject": "rejected"}


def listed(platform: Platform, *, status: str, limit: int, as_json: bool) -> None:
    answer = platform.get("/api/v1/approvals", status=status, limit=limit)
    if as_json:
        return print_json(answer)
    if not answer["items"]:
        console.print("nobody is asked anything" if status else "nobody was ever asked anything")
        return None
    table = Table("approval", "status", "agent", "tokens", "risk", "deadline", "question")
    for one in answer["items"]:
        table.add_row(
            one["id"], one["status"], one["agent"], str(one["cost"]), one["risk"], _deadline(one), one["question"]
        )
    console.print(table)
    return None


def decided(platform: Platform, id: str, *, decision: str, comment: str, as_json: bool) -> None:
    body = {"decision": decision, **({"comment": comment} if comment else {})}
    answer = platform.post(f"/api/v1/approvals/{id}", body)
    if as_json:
        return print_json(answer)
    before = " before" if answer["duplicate"] else ""
    console.print(f"approval {id} was {DECISIONS[decision]}{before}: execution [bold]{answer['execution_id']}[/bold]")
    return None


def _deadline(one: dict[str, Any]) -> str:
    return f"{one['deadline']}, then {one['otherwise']}" if one["status"] == "open" else str(one["resolved_at"] or "")
