"""What people want of a plan: its stream inputs-<execution>, and what each of their requests adds to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from google.protobuf.message import Message

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import EventRef, Sealed
from reveille.contracts.ingress.v1.events_pb2 import (
    Autopilot,
    CancelRequested,
    ExecutionAdopted,
    ExecutionForked,
    ExecutionRequested,
    InputAdded,
    InputContent,
    InputRemoved,
    InputsChanged,
)
from reveille.ingress.domain.refusals import Conflicting, Invalid, Missing, invalid_field
from reveille.kernel.errors import UnknownEventType
from reveille.kernel.events import Recorded
from reveille.kernel.ids import derive
from reveille.kernel.sealing import open_sealed, seal

MAX_INPUTS: Final = 500
# A fork takes all inputs over in one append, which EventStoreDB takes up to 1 MiB.
MAX_BYTES: Final = 768 * 1024
# Where an input comes from whose words are a rule's.
RULE: Final = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One that is in the plan, or is to come. ref: its InputAdded, or the TriggerFired whose prompt it is.

    content: a serialised InputContent. digest: of what it says. at: when it came, in microseconds since 1970.
    """

    input_id: str
    content: Sealed
    digest: str
    ref: EventRef | None = None
    at: int = 0

    def read(self) -> InputContent:
        return InputContent.FromString(open_sealed(self.content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """key, digest: HMACs of its Idempotency-Key, "" where there is none, and of what it asks."""

    key: str
    digest: str
    fleet_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a request came to, found again where it is sent again."""

    digest: str
    revision: int
    position: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan as people have asked for it. revision: of its stream's last event, -1 where it has none yet.

    autopilot: unspecified where it is its blueprint's. trigger: where a rule has begun it, its TriggerFired.
    inputs: in the order in which they came. requests: by key, of those that gave one. last: the latest one.
    cancelled: by which one, with what reason.
    """

    execution_id: str
    blueprint: str = ""
    correlation: str = ""
    conversation_id: str = ""
    parameters: Sealed = field(default_factory=Sealed)
    from_execution: str = ""
    autopilot: Autopilot = Autopilot.AUTOPILOT_UNSPECIFIED
    trigger: EventRef | None = None
    revision: int = -1
    position: int = 0
    fleet_revision: int = -1
    inputs: Mapping[str, Input] = field(default_factory=dict)
    requests: Mapping[str, Outcome] = field(default_factory=dict)
    last: Outcome | None = None
    cancelled: Outcome | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    opening: ExecutionRequested | ExecutionForked
    inputs: Sequence[Input]
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    add: Sequence[Input]
    remove: Sequence[str]
    request: Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    reason: str
    request: Request


def adopted_from(events: Sequence[Recorded]) -> EventRef | None:
    """The TriggerFired that the plan has begun with; None where a person has begun it."""
    first = events[0].msg if events else None
    return first.trigger if isinstance(first, ExecutionAdopted) else None


def begun_by(execution_id: str, trigger: Recorded) -> Plan:
    """The plan that a rule has begun, before anybody has changed it."""
    fired = trigger.msg
    assert isinstance(fired, TriggerFired)
    prompt = fired.start.prompt
    ref = EventRef(stream=trigger.stream, revision=trigger.revision)
    first = Input(
        input_id=fired.trigger_id,
        content=seal(InputContent(text=prompt, source_type=RULE).SerializeToString()),
        digest=derive("prompt", prompt),
        ref=ref,
        at=trigger.meta.time,
    )
    return Plan(
        execution_id=execution_id,
        blueprint=fired.start.blueprint,
        correlation=trigger.meta.about.correlation,
        trigger=ref,
        fleet_revision=fired.fleet_revision,
        inputs={first.input_id: first},
    )


def fold(plan: Plan, events: Sequence[Recorded]) -> Plan:
    """events: of its stream, in order. The maps are copied once, for a plan may have hundreds of inputs."""
    inputs, requests = dict(plan.inputs), dict(plan.requests)
    added: list[str] = []
    removed: list[str] = []
    cancelling = False
    for event in events:
        match event.msg:
            case None:
                raise UnknownEventType(event.type, f"stream {event.stream}")
            case ExecutionRequested() | ExecutionForked() as opening:
                plan = replace(
                    plan,
                    blueprint=opening.blueprint,
                    conversation_id=opening.conversation_id,
                    parameters=opening.parameters,
                    autopilot=opening.autopilot,
                    from_execution=opening.from_execution if isinstance(opening, ExecutionForked) else "",
                )
            case InputAdded(input_id=input_id) as one:
                ref = EventRef(stream=event.stream, revision=event.revision)
                inputs[input_id] = Input(
                    input_id=input_id, content=one.content, digest=one.digest, ref=ref, at=event.meta.time
                )
                added.append(input_id)
            case InputRemoved(input_id=input_id):
                inputs.pop(input_id, None)
                removed.append(input_id)
            case CancelRequested() as cancel:
                cancelling = True
                plan = replace(plan, reason=open_sealed(cancel.reason).decode(errors="replace"))
            case InputsChanged() as changed:
                outcome = Outcome(
                    digest=changed.request_digest,
                    revision=event.revision,
                    position=event.position,
                    added=tuple(added),
                    removed=tuple(removed),
                )
                if changed.request_key:
                    requests.setdefault(changed.request_key, outcome)
                plan = replace(
                    plan,
                    fleet_revision=changed.fleet_revision,
                    last=outcome,
                    cancelled=outcome if cancelling else plan.cancelled,
                )
                added, removed, cancelling = [], [], False
    if not events:
        return plan
    return replace(
        plan,
        correlation=plan.correlation or events[0].meta.about.correlation,
        revision=events[-1].revision,
        position=events[-1].position,
        inputs=inputs,
        requests=requests,
    )


def repeated(plan: Plan, key: str, digest: str) -> Outcome | None:
    """What the same request came to before; None where it is new. Raises Invalid where its key was another's."""
    before = plan.requests.get(key) if key else None
    if before is not None and before.digest != digest:
        raise Invalid(
            "idempotency_key_reused", "Idempotency-Key was sent with another request before, expected a new key"
        )
    return before


def check_new(plan: Plan) -> None:
    """Raises Conflicting where it has begun before."""
    if plan.revision >= 0:
        raise Conflicting("already_begun", f"execution {plan.execution_id} has begun before, expected another id")


def decide(command: Begin | Change | Cancel, plan: Plan) -> list[Message]:
    """What the request adds to the stream; [] where it is so already. Raises Conflicting, Missing and Invalid."""
    match command:
        case Begin(opening=opening, inputs=wanted):
            check_new(plan)
            _check_room(wanted, path="inputs")
            return _ended(plan, opening.blueprint, [opening, *_added(plan, wanted)], command.request)
        case Cancel() if plan.cancelled is not None:
            return []
        case _ if plan.cancelled is not None:
            raise Conflicting("cancelled", f"execution {plan.execution_id} is cancelled and takes no inputs")
        case Cancel(reason=reason):
            cancel = CancelRequested(execution_id=plan.execution_id, reason=seal(reason.encode()))
            return _ended(plan, plan.blueprint, [*_adopting(plan), cancel], command.request)
        case Change(add=add, remove=remove):
            for input_id in remove:
                if input_id not in plan.inputs:
                    raise Missing("not_found", f"execution {plan.execution_id} has no input {input_id[:100]}")
            for one in add:
                if one.input_id in plan.inputs:
                    told = f"execution {plan.execution_id} has an input {one.input_id} already, expected another id"
                    raise Conflicting("input_exists", told)
            _check_room([*(one for id, one in plan.inputs.items() if id not in remove), *add], path="add")
            gone = [InputRemoved(execution_id=plan.execution_id, input_id=input_id) for input_id in remove]
            return _ended(plan, plan.blueprint, [*_adopting(plan), *_added(plan, add), *gone], command.request)


def _adopting(plan: Plan) -> list[Message]:
    if plan.revision >= 0 or plan.trigger is None:
        return []
    return [ExecutionAdopted(execution_id=plan.execution_id, blueprint=plan.blueprint, trigger=plan.trigger)]


def _added(plan: Plan, wanted: Sequence[Input]) -> list[Message]:
    return [
        InputAdded(execution_id=plan.execution_id, input_id=one.input_id, content=one.content, digest=one.digest)
        for one in wanted
    ]


def _ended(plan: Plan, blueprint: str, events: Sequence[Message], request: Request) -> list[Message]:
    changed = InputsChanged(
        execution_id=plan.execution_id,
        blueprint=blueprint,
        fleet_revision=request.fleet_revision,
        added=sum(isinstance(event, InputAdded) for event in events),
        removed=sum(isinstance(event, InputRemoved) for event in events),
        request_key=request.key,
        request_digest=request.digest,
    )
    return [*events, changed]


def _check_room(inputs: Sequence[Input], *, path: str) -> None:
    if len(inputs) > MAX_INPUTS:
        raise invalid_field(path, f"the plan would have {len(inputs)} inputs, at most {MAX_INPUTS} are kept")
    size = sum(len(one.content.data) for one in inputs)
    if size > MAX_BYTES:
        raise invalid_field(path, f"the plan's inputs would have {size} bytes, at most {MAX_BYTES} are kept")
