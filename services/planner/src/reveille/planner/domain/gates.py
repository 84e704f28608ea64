"""Gates of a blueprint: a person is asked before the plan is complete, unless the autopilot may answer."""

from collections.abc import Mapping
from typing import Final

from reveille.contracts.ingress.v1.events_pb2 import (
    AUTOPILOT_ASSISTED,
    AUTOPILOT_AUTO,
    Gate,
)
from reveille.contracts.planner.v1.events_pb2 import APPROVAL_KIND_GATE, ApprovalRequested
from reveille.kernel.ids import derive
from reveille.kernel.sealing import seal
from reveille.kernel.timestamps import timestamp
from reveille.planner.domain import asking
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.graph import plain_digest
from reveille.planner.domain.state import MOOT
from reveille.planner.domain.wave import Outcome

# The step that a question is about which stands before the plan's end.
COMPLETE: Final = "complete"
AUTOPILOT: Final = "autopilot"
LOW: Final = "low"


def opens(draft: Draft, outcomes: Mapping[str, Outcome]) -> bool | None:
    """Whether what the plan has come to may be called complete; None: a person is asked, or was and has yet to answer.

    An answer holds for exactly these results: other ones are asked about anew.
    """
    gate = next((one for one in draft.plan.graph.blueprint.gates if one.before == COMPLETE), None)
    if gate is None:
        drop(draft)
        return True
    value = plain_digest(*(f"{name}={outcome.value}" for name, outcome in outcomes.items()))
    if value in draft.plan.answers:
        return draft.plan.answers[value]
    if draft.plan.asked is not None and draft.plan.asked.digest == value:
        return None
    drop(draft)
    asked = _asked(draft, gate, value)
    draft.add(asked)
    if not _is_trusted(draft, gate):
        return None
    draft.add(asking.resolved(asked, approved=True, by=AUTOPILOT, how=AUTOPILOT))
    return True


def drop(draft: Draft) -> None:
    """What is asked is not the question any more."""
    if draft.plan.asked is not None:
        draft.add(asking.resolved(draft.plan.asked, approved=False, by="", how=MOOT))


def _asked(draft: Draft, gate: Gate, digest: str) -> ApprovalRequested:
    return ApprovalRequested(
        # The same results may come again after others: then it is another question.
        approval_id=derive("approval", draft.id, COMPLETE, str(draft.plan.questions + 1)),
        execution_id=draft.id,
        step=gate.before,
        kind=APPROVAL_KIND_GATE,
        question=seal(gate.ask.encode()),
        risk=gate.risk,
        deadline=timestamp(draft.now + gate.within_ms * 1000),
        otherwise=gate.otherwise,
        digest=digest,
    )


def _is_trusted(draft: Draft, gate: Gate) -> bool:
    """The autopilot answers in the place of a person."""
    started = draft.state.started
    assert started is not None
    mode = started.autopilot or draft.plan.graph.blueprint.autopilot or AUTOPILOT_ASSISTED
    return mode == AUTOPILOT_AUTO or (mode == AUTOPILOT_ASSISTED and gate.risk == LOW)
