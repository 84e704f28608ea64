"""A plan as people see it: what they asked for, by ingress's own stream, and what the planner makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from reveille.adapters.grpc import to_plain
from reveille.contracts.planner.v1.queries_pb2 import CauseOfExecution, ExecutionView, GetExecutionRequest, InputView
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.plan_streams import AskPlanner, PlanStreams
from reveille.ingress.domain.inputs import Input, Plan
from reveille.ingress.domain.plan_fields import is_id
from reveille.ingress.domain.refusals import Missing, NoExecution
from reveille.kernel.clock import to_rfc3339

# What the planner says of an execution that it has not heard of yet.
PLANNED: Final = "planned"
CANCELLED: Final = "cancelled"
ASK_SECONDS: Final = 5.0
ABOUT_LETTERS: Final = 200
# What a summary goes without.
DETAILS: Final = ("steps", "inputs", "facts", "plan", "result", "approvals", "required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """document: the answer of GET /api/v1/executions/{id}. plan: None where the execution is no plan.

    taken: the planner has planned by the inputs as they stand here.
    """

    document: dict[str, Any]
    view: ExecutionView
    plan: Plan | None
    taken: bool

    @property
    def etag(self) -> str:
        return etag_of(-1 if self.plan is None else self.plan.revision)


class Plans:
    def __init__(self, *, queries: Queries, streams: PlanStreams) -> None:
        self._queries = queries
        self._streams = streams

    def of(self, tenant: str) -> AskPlanner:
        """`view` of one tenant's."""
        return partial(self.view, tenant)

    async def view(
        self, tenant: str, execution_id: str, *, wait_for: int = 0, seconds: float = ASK_SECONDS
    ) -> ExecutionView:
        """As the planner sees it. Raises NoExecution, Transient."""
        request = GetExecutionRequest(tenant=tenant, execution_id=execution_id, wait_for=wait_for)
        try:
            answer: ExecutionView = (await ask(self._queries.planner.GetExecution, request, seconds)).execution
        except Missing as error:
            raise NoExecution(execution_id) from error
        return answer

    async def summary(self, tenant: str, view: ExecutionView) -> dict[str, Any]:
        """What a list tells of it. about: what was wanted first of a plan; "" of the waking of an agent."""
        document = {name: value for name, value in to_plain(view).items() if name not in DETAILS}
        plan = await self._streams.asked(tenant, view.id) if view.blueprint else None
        texts = [one.read().text for one in plan.inputs.values()] if plan is not None else []
        return {**document, "about": " ".join(texts[0].split())[:ABOUT_LETTERS] if texts else ""}

    async def told(self, tenant: str, execution_id: str, *, wait_for: int = 0, seconds: float = ASK_SECONDS) -> Told:
        """Its own writes are in it: a plan that the planner has not heard of yet is planned, without a step."""
        if not is_id(execution_id):
            raise NoExecution(execution_id)
        try:
            view = await self.view(tenant, execution_id, wait_for=wait_for, seconds=seconds)
        except NoExecution:
            plan = await self._streams.asked(tenant, execution_id)
            if plan is None:
                raise
            view = _unheard(tenant, plan)
        else:
            if not view.blueprint:
                return Told(document=shown(view), view=view, plan=None, taken=True)
            # Behind the planner's answer, so that no input that it knows is missing here.
            plan = await self._streams.asked(tenant, execution_id)
            if plan is None:
                plan = await self._streams.begun_by_rule(execution_id, view)
        taken = view.inputs_revision == plan.revision
        known = {one.input_id: one for one in view.inputs}
        document = {
            **shown(view),
            "detail": _detail(view, plan),
            "inputs": [_input(one, known.get(one.input_id)) for one in plan.inputs.values()],
            "settled": view.settled and taken,
        }
        return Told(document=document, view=view, plan=plan, taken=taken)


def etag_of(revision: int) -> str:
    return f'"{revision}"'


def _detail(view: ExecutionView, plan: Plan) -> str | None:
    if view.status != CANCELLED and plan.cancelled is None:
        return None
    told = "was cancelled" if view.status == CANCELLED else "is being cancelled"
    return f"the plan {told}{f': {plan.reason}' if plan.reason else ''}"


def _unheard(tenant: str, plan: Plan) -> ExecutionView:
    return ExecutionView(
        id=plan.execution_id,
        tenant=tenant,
        blueprint=plan.blueprint,
        status=PLANNED,
        version=-1,
        position=plan.position,
        conversation_id=plan.conversation_id,
        cause=CauseOfExecution(kind="fork" if plan.from_execution else "request"),
        inputs_revision=-1,
        from_execution=plan.from_execution,
    )


def shown(view: ExecutionView) -> dict[str, Any]:
    """Money in the currency's units, as the plan has it."""
    document = to_plain(view)
    plan = document["plan"]
    for step in document["steps"]:
        if step["money"] is not None:
            step["money"] = {name: _units(amount) for name, amount in step["money"].items()}
    return {**document, "budget": plan.get("budget_summary") if isinstance(plan, Mapping) else None}


def _units(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _input(one: Input, known: InputView | None) -> dict[str, Any]:
    """known: as the planner has it, which may be an earlier one of the same id."""
    content = one.read()
    heard = known is not None and (not known.HasField("ref") or known.ref == one.ref)
    return {
        "input_id": one.input_id,
        "content": content.text,
        "source_type": content.source_type,
        "tags": list(content.tags),
        "added_by": content.added_by,
        "added_at": to_rfc3339(one.at),
        "categories": list(known.categories) if known is not None and heard else None,
        "confidence": known.confidence if known is not None and heard else None,
    }
