"""Which events led to an execution and which followed from it, and what each of them says in a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import FAILURE_CANCELLED, AgentThinking, RunFailed, WorkRevoked
from reveille.contracts.analyzer.v1.events_pb2 import (
    InputClassified,
    TriggerFired,
    TriggerGathered,
    TriggerSuppressed,
)
from reveille.contracts.budget.v1.events_pb2 import BudgetUpdated
from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped
from reveille.contracts.ingress.v1.events_pb2 import (
    CancelRequested,
    InputAdded,
    InputContent,
    SignalEnriched,
    SignalReceived,
)
from reveille.contracts.planner.v1.events_pb2 import ExecutionCancelling, ExecutionCompleted, StepInvalidated
from reveille.kernel.events import Recorded, category_of, key_of
from reveille.kernel.sealing import open_sealed
from reveille.kernel.signals import content_of

MAX_SHOWN: Final = 120


def branch(events: Sequence[Recorded], execution_id: str) -> list[Recorded]:
    """Of all events of one correlation, in order: those of the execution, what led to them, what followed from them.

    One signal may wake several agents, so that its correlation holds the branches of others. And what released a
    reservation may be the settlement of somebody else's: so what names the execution or its runs is found by that too.
    """
    runs = {run for event in events for run in _runs_of(event, execution_id)}
    own = {event.id for event in events if _is_of(event, execution_id, runs)}
    by_id = {event.id: event for event in events}
    kept = own | _ancestors(own, by_id)
    for event in events:
        if event.meta.origin.cause in own and not _is_of_another(event, execution_id):
            own.add(event.id)
    return [event for event in events if event.id in kept or event.id in own]


def _ancestors(ids: Iterable[bytes], by_id: Mapping[bytes, Recorded]) -> set[bytes]:
    found: set[bytes] = set()
    todo = list(ids)
    while todo:
        event = by_id.get(todo.pop())
        if event is not None and event.id not in found:
            found.add(event.id)
            todo.append(event.meta.origin.cause)
    return found


def _is_of(event: Recorded, execution_id: str, runs: set[str]) -> bool:
    category, key = category_of(event.stream), key_of(event.stream)
    if (category == "execution" and key == execution_id) or (category == "run" and key in runs):
        return True
    subject = _subject(event.msg)
    return _named(subject, "execution_id") == execution_id or _named(subject, "run_id") in runs


def _is_of_another(event: Recorded, execution_id: str) -> bool:
    if category_of(event.stream) == "execution":
        return key_of(event.stream) != execution_id
    return _named(_subject(event.msg), "execution_id") not in ("", execution_id)


def _runs_of(event: Recorded, execution_id: str) -> list[str]:
    subject = _subject(event.msg)
    run = _named(subject, "run_id")
    return [run] if run and _named(subject, "execution_id") == execution_id else []


def _subject(message: Message | None) -> Any:
    """The part of an event that names its execution and its run."""
    for name in ("work", "reservation", "completed"):
        if message is not None and name in message.DESCRIPTOR.fields_by_name:
            return getattr(message, name)
    return message


def _named(subject: Any, name: str) -> str:
    return getattr(subject, name, "") if subject is not None else ""


def summary(event: Recorded) -> str:
    """For people. A type that has no words of its own is named."""
    name = event.type.rpartition(".")[2]
    match event.msg:
        case None:
            return f"{name}, which this build does not know"
        case SignalReceived():
            return _of_signal(event.msg)
        case SignalEnriched(detail=detail):
            return f"its provider told nothing more: {detail}" if detail else "its provider named the files"
        case TriggerFired(start=start, rule=rule) if event.msg.HasField("start"):
            return f"rule {rule} begins plan {start.blueprint}"
        case TriggerGathered(start=start, rule=rule) if event.msg.HasField("start"):
            return f"it waits to begin plan {start.blueprint} by rule {rule}"
        case TriggerSuppressed(blueprint=blueprint, detail=detail) if blueprint:
            return f"plan {blueprint} does not begin: {detail}"
        case TriggerFired(agent=agent, handed_on_by=by) if by:
            return f"{agent} wakes for what {by} has handed on"
        case TriggerFired(agent=agent, rule=rule):
            return f"rule {rule} wakes {agent}" if rule else f"the sender wakes {agent} by name"
        case StepInvalidated(step=step, changed=changed):
            return f"what step {step} was done with has changed: {', '.join(changed)}"
        case InputClassified():
            return _of_classified(event.msg)
        case ExecutionCompleted(living=living, tokens_used=tokens):
            whole = "the plan is complete for now" if living else "the execution is complete"
            return f"{whole} after {tokens} tokens"
        case BudgetUpdated():
            return _of_budget(event.msg)
        case RunFailed(reason=reason, work=work) if reason == FAILURE_CANCELLED:
            return f"{work.agent} does it no more: nobody wants its result"
        case WorkRevoked(work=work, queued=queued):
            return f"{work.agent} is not to begin it any more" if queued else f"{work.agent} is to stop"
    words = _WORDS.get(name, name)
    told = words.format(e=event.msg)
    said = _said(event.msg)
    return f"{told}: {said}" if said else told


def _of_classified(event: InputClassified) -> str:
    named = ", ".join(f"{one.category} ({one.confidence:.0%})" for one in event.categories)
    return f"input {event.input_id} is for {named}" if named else f"input {event.input_id} is for nothing in the plan"


def _of_budget(event: BudgetUpdated) -> str:
    told = f"the plan costs {_money(event.total.min)} to {_money(event.total.max)}"
    if not event.over_by:
        return told
    driven = f", most of all for {event.driver}" if event.driver else ""
    return f"{told}, which may be {_money(event.over_by)} too much{driven}"


def _money(hundredths: int) -> str:
    return f"{hundredths / 100:,.2f}"


def _of_signal(event: SignalReceived) -> str:
    signal, content = event.signal, content_of(event.signal)
    parts = [f"{signal.source} {signal.kind}"]
    if signal.target:
        parts.append(f"for {signal.target}")
    if content.repository:
        parts.append(f"in {content.repository}")
    if content.number:
        parts.append(f"#{content.number}")
    if content.actor:
        parts.append(f"by {content.actor}")
    return " ".join(parts) + ("" if signal.verified else ", not verified")


def _said(event: Message) -> str:
    """What somebody wrote, shortened; "" where an event holds no such thing."""
    match event:
        case AgentThinking(text=sealed):
            said = open_sealed(sealed).decode(errors="replace")
        case InputAdded(content=sealed):
            said = InputContent.FromString(open_sealed(sealed)).text
        case CancelRequested(reason=sealed) | ExecutionCancelling(reason=sealed) | DeadLetterDropped(reason=sealed):
            said = open_sealed(sealed).decode(errors="replace")
        case _:
            return ""
    text = " ".join(said.split())
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


_WORDS: Final[Mapping[str, str]] = {
    "DeliveryContradicted": "the delivery came again with another body",
    "DeliveryRepeated": "the delivery came again",
    "FleetApplied": "a fleet of {e.agents} agents and {e.rules} rules is in force",
    "AgentDefined": "agent {e.agent.name} is in the fleet",
    "AgentRemoved": "agent {e.name} is in the fleet no more",
    "RuleDefined": "rule {e.rule.name} is in the fleet",
    "RuleRemoved": "rule {e.name} is in the fleet no more",
    "BlueprintDefined": "blueprint {e.blueprint.name} is in the fleet",
    "BlueprintRemoved": "blueprint {e.name} is in the fleet no more",
    "SourceDefined": "source {e.source.name} is in the fleet",
    "SourceRemoved": "source {e.name} is in the fleet no more",
    "NotificationDefined": "{e.notification.url} is told of events from now on ({e.notification.name})",
    "NotificationRemoved": "nobody is told by notification {e.name} any more",
    "NotificationDelivered": "notification {e.notification} told of {e.type}, at attempt {e.attempts}",
    "NotificationFailed": "notification {e.notification} could not tell of {e.type} in {e.attempts} attempts",
    "LimitsDefined": "the fleet has limits",
    "ExecutionRequested": "a plan by blueprint {e.blueprint} is asked for",
    "ExecutionAdopted": "inputs come to the plan by blueprint {e.blueprint} that a rule has begun",
    "ExecutionForked": "a plan begins with what execution {e.from_execution} had",
    "InputAdded": "input {e.input_id} comes",
    "InputRemoved": "input {e.input_id} goes",
    "CancelRequested": "somebody wants it cancelled",
    "InputsChanged": "of the plan's inputs, {e.added} came and {e.removed} went",
    "InputsAnalyzed": "what the plan's inputs mean is known",
    "TriggerGathered": "it waits for {e.agent} by rule {e.rule}",
    "PatternArmed": "rule {e.rule} has its next time",
    "PatternDisarmed": "rule {e.rule} has no next time",
    "PatternProgressed": "it counts for rule {e.rule}",
    "PatternDetected": "rule {e.rule} has seen what it watches for",
    "TriggerSuppressed": "{e.agent} stays asleep: {e.detail}",
    "ApprovalDecided": "a person answers",
    "KeyIssued": "{e.name} may come in with key {e.key_id}",
    "KeyRevoked": "nobody comes in with key {e.key_id} any more",
    "ActDone": "{e.by}: {e.act} ({e.status})",
    "SubjectErased": "what a person had written can be read no more",
    "ApprovalRequested": "a person is asked whether step {e.step} may exceed {e.account}",
    "ApprovalResolved": "the question about step {e.step} is closed: {e.how}",
    "StepWaiting": "step {e.step} waits for tokens of {e.account}",
    "StepReleased": "step {e.step} has its tokens",
    "ReservationRevoked": "nobody wants what {e.agent} has its tokens for any more",
    "ReservationAdmitted": "what had waited goes on",
    "ReservationWithdrawn": "nothing waits for {e.agent} in this execution any more",
    "LimitRaised": "{e.account} may exceed its limit by {e.tokens} tokens",
    "TokensRequested": "{e.work.agent} asks for {e.tokens} tokens more",
    "TopUpReserved": "{e.tokens} tokens more are reserved for {e.agent}",
    "TopUpDenied": "{e.tokens} tokens more are denied: {e.account} has {e.left} left",
    "TokensGranted": "the run has {e.tokens} tokens more",
    "TokensRefused": "the run gets no more tokens",
    "BudgetThresholdReached": "{e.account} has used {e.used} of {e.limit}",
    "ExecutionStarted": "execution {e.execution_id} starts",
    "StepPlanned": "step {e.step} is planned for {e.agent}",
    "PlanDefined": "blueprint {e.blueprint.name} is what it is planned by from here on",
    "InputsTaken": "the inputs and facts that it is planned by from here on",
    "StepRestored": "the result that step {e.step} had is right again",
    "StepRemoved": "step {e.step} is out of the plan: {e.reason}",
    "StepSkipped": "step {e.step} cannot be done: {e.reason}",
    "StepRevoked": "attempt {e.attempt} of step {e.step} is not wanted any more",
    "ResultDiscarded": "what attempt {e.attempt} of step {e.step} came to is not used",
    "StepAdopted": "step {e.completed.step} is done as in the execution that this one was forked from",
    "MoneyPlanned": "what the plan's steps cost is to be added up",
    "DepartmentStarted": "department {e.department} is woken: {e.head} briefs its specialists",
    "DepartmentCompleted": "department {e.department} is done ({e.status}) with a quality of {e.quality_score} of 100",
    "QualityChecked": "the work of {e.agent} in round {e.round} has {e.score} of 100",
    "WorkReviewed": "{e.reviewer} says of the work of {e.agent} in round {e.round}: {e.status}",
    "PlanUpdated": "the plan is {e.completion_percent} % complete, and {e.status}",
    "ExecutionCancelling": "the execution is being cancelled",
    "ExecutionCancelled": "the execution is cancelled after {e.tokens_used} tokens",
    "StepReady": "step {e.step} is ready, attempt {e.attempt}; it asks for {e.tokens} tokens",
    "StepCompleted": "step {e.step} is done after {e.tokens_used} tokens",
    "StepRetryScheduled": "step {e.step} is to be tried again: {e.reason}",
    "StepFailed": "step {e.step} failed: {e.reason}",
    "ExecutionFailed": "the execution failed: {e.reason}",
    "TokensReserved": "{e.reservation.tokens} tokens are reserved for {e.reservation.agent}",
    "ReservationDeferred": "{e.reservation.tokens} tokens wait: {e.account} has {e.left} left",
    "TokensDenied": "{e.reservation.tokens} tokens are denied: {e.account} has {e.left} of {e.limit} left",
    "TokensSettled": "{e.used} tokens are settled",
    "TokensReleased": "{e.tokens} tokens are released",
    "UsageAdded": "{e.tokens} tokens more turn out to have been used",
    "LimitsUpdated": "the limits of fleet revision {e.fleet_revision} are in force",
    "PeriodOpened": "{e.day} begins for what waits",
    "AccountClosed": "{e.account} is closed",
    "BudgetExhausted": "{e.account} is spent: {e.used} of {e.limit}",
    "RunQueued": "{e.work.agent} is busy or away; the run waits",
    "AgentWoken": "{e.work.agent} wakes",
    "AgentSlept": "{e.agent} sleeps again",
    "AgentConnected": "{e.agent} connects",
    "AgentDisconnected": "a connection of {e.agent} is gone: {e.reason}",
    "RunResumed": "another connection of {e.work.agent} goes on with it",
    "RunAbandoned": "no connection of {e.work.agent} came back for it",
    "AgentRetired": "{e.agent} is in the fleet no more",
    "AgentReinstated": "{e.agent} is in the fleet again",
    "AgentHibernated": "{e.agent} hibernates",
    "AgentRoused": "{e.agent} is dormant again",
    "AgentBudgetSpent": "{e.agent} has spent its budget and hibernates after what it does",
    "WorkHandedOn": "{e.work.agent} hands work on to {e.agent}",
    "RunAcknowledged": "the agent has it",
    "UsageReported": "the agent has used {e.tokens_used} tokens so far",
    "RunLeft": "{e.agent} goes on with its other runs",
    "RunStarted": "{e.work.agent} starts on {e.work.step}, attempt {e.work.attempt}",
    "AgentThinking": "the agent says",
    "ModelCalled": "call {e.call} of model {e.model}, at most {e.cap} tokens",
    "ModelAnswered": "call {e.call} answered: {e.input_tokens} tokens in, {e.output_tokens} out",
    "LateUsageFound": "an answer came late and used {e.tokens} tokens more",
    "ToolCalled": "tool {e.tool} is called",
    "ToolReturned": "tool {e.tool} returned",
    "RunCompleted": "{e.work.agent} is done after {e.tokens_used} tokens",
    "RunFailed": "{e.work.agent} failed after {e.tokens_used} tokens",
    "DeadLetterRetried": "what {e.service} had given up on was handled again",
    "DeadLetterDropped": "nobody wants what {e.service} gave up on handled any more",
    "MessageParked": "{e.service} gave up on an event {e.event_type}: {e.error}",
}
