"""What happens beside the page while it is looked at, and what is on record of what was done on it."""

from typing import Any
from uuid import uuid4

from tests.e2e.running import Platform, until


def said(platform: Platform, events: int) -> str:
    """The execution of an agent that has said so much, once it has ended."""
    return str(platform.ended(platform.trigger("speaker", {"events": events}))["id"])


def held(platform: Platform) -> tuple[dict[str, Any], Any]:
    """The receipt of a trigger whose agent works on, and what lets it end."""
    file = platform.folder / f"go-{uuid4().hex[:8]}"
    receipt = platform.trigger("holding", {"file": str(file), "name": file.name})
    until(lambda: platform.effects("began", file.name), "the agent works")
    return receipt, file


def asked(platform: Platform, agent: str) -> dict[str, Any]:
    """The open question whether an agent may exceed its budget."""
    assert platform.run(agent, {"input": 500})["status"] == "completed"
    platform.trigger(agent, {"input": 500})

    def look() -> dict[str, Any] | None:
        found = platform.get("/api/v1/approvals", status="open")["items"]
        return next((one for one in found if one["agent"] == agent), None)

    return until(look, f"somebody is asked about {agent}")


def decided(platform: Platform, approval_id: str) -> tuple[bool, str]:
    """What the log has of the answer to a question: whether it was yes, and the comment."""
    (found,) = [one.message for one in platform.log() if one.name == "ApprovalDecided" and approval_id in one.stream]
    return found.approved, found.comment.data.decode()
