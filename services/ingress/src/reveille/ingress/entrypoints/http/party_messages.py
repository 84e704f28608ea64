"""The events of a plan as the messages of the party's socket."""

from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import Money, Sealed
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputContent, InputRemoved
from reveille.contracts.planner.v1.events_pb2 import (
    PlanUpdated,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepPlanned,
    StepReady,
    StepRemoved,
    StepRestored,
    StepSkipped,
)
from reveille.ingress.entrypoints.http.opened import json_or_text, text_or_base64
from reveille.kernel.sealing import open_sealed

# Types that say which agent a step has.
NAMING: Final = ("StepPlanned", "StepReady")
VERSIONS: Final = ("PlanUpdated",)
RESULTS: Final = ("StepCompleted", "StepAdopted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """agent: "" is none, or the one that the step has. result: None is none."""

    type: str
    payload: dict[str, Any]
    agent: str = ""
    step: str = ""
    result: Any = None


def said(msg: Message | None, *, restored: StepCompleted | None = None) -> Said | None:
    """None: the socket says nothing of it. restored: what is right again, of a StepRestored."""
    match msg:
        case InputAdded():
            content = InputContent.FromString(open_sealed(msg.content))
            payload = {
                "input_id": msg.input_id,
                "content": content.text,
                "source_type": content.source_type,
                "tags": list(content.tags),
                "added_by": content.added_by,
            }
            return Said(type="input_added", payload=payload)
        case InputRemoved():
            return Said(type="input_removed", payload={"input_id": msg.input_id})
        case BudgetUpdated():
            return Said(type="budget_updated", payload=_budget(msg))
        case PlanUpdated():
            return Said(type="plan_updated", payload=_object(msg.plan))
    return _of_step(msg, restored)


def _of_step(msg: Message | None, restored: StepCompleted | None) -> Said | None:
    match msg:
        case StepReady():
            payload = {**_attempt(msg), "run_id": msg.run_id, "undoes": msg.HasField("undoes")}
            return Said(type="agent_should_execute", agent=msg.agent, payload=payload)
        case RunStarted():
            payload = {**_attempt(msg.work), "run_id": msg.work.run_id}
            return Said(type="agent_started", agent=msg.work.agent, payload=payload)
        case StepCompleted():
            return _completed(msg, how="run")
        case StepAdopted():
            return _completed(msg.completed, how="adopted")
        case StepRestored():
            done = restored or StepCompleted(step=msg.step)
            return _completed(done, how="restored")
        case StepFailed():
            payload = {**_attempt(msg), "reason": msg.reason, "error": _text(msg.error), "skipped": False}
            return Said(type="agent_failed", step=msg.step, payload=payload)
        case StepSkipped():
            payload = {"step": msg.step, "reason": msg.reason, "error": None, "skipped": True}
            return Said(type="agent_failed", step=msg.step, payload=payload)
        case StepRemoved():
            payload = {"step": msg.step, "reason": msg.reason}
            return Said(type="agent_data_removed", agent=msg.agent, payload=payload)
    return None


def _completed(done: StepCompleted, *, how: str) -> Said:
    """how: it was run, it is right again, or a fork has it of its execution."""
    payload = {**_attempt(done), "run_id": done.run_id, "tokens_used": done.tokens_used, "how": how}
    result = json_or_text(open_sealed(done.result)) if done.HasField("result") else None
    return Said(type="agent_completed", step=done.step, payload=payload, result=result)


def named(msg: Message | None) -> tuple[str, str] | None:
    """The step and its agent, from here on."""
    return (msg.step, msg.agent) if isinstance(msg, StepPlanned | StepReady) else None


def _attempt(about: Any) -> dict[str, Any]:
    return {"step": about.step, "attempt": about.attempt}


def _budget(msg: BudgetUpdated) -> dict[str, Any]:
    """As the plan's budget_summary has it, in the currency's units."""
    return {
        "total_budget": _money(msg.total),
        "by_step": {name: _money(money) for name, money in sorted(msg.by_step.items())},
        "limit": _units(msg.limit) if msg.limit else None,
        "over_by": _units(msg.over_by),
        "over_at_least": _units(msg.over_at_least),
        "driver": msg.driver or None,
    }


def _money(money: Money) -> dict[str, int | float]:
    return {"min": _units(money.min), "max": _units(money.max)}


def _units(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _object(sealed: Sealed) -> dict[str, Any]:
    found = json_or_text(open_sealed(sealed))
    return found if isinstance(found, dict) else {}


def _text(sealed: Sealed) -> str | None:
    return text_or_base64(open_sealed(sealed)) or None
