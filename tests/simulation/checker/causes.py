"""Promise 5: every chain of causes leads to an outside act, and what belongs together carries one correlation."""

from collections import defaultdict
from collections.abc import Iterator

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1 import events_pb2 as runs
from reveille.contracts.analyzer.v1.events_pb2 import PatternDetected, TriggerFired, TriggerGathered, TriggerSuppressed
from reveille.contracts.budget.v1 import events_pb2 as budget
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.contracts.ingress.v1.events_pb2 import DeliveryContradicted, DeliveryRepeated, SignalReceived
from reveille.contracts.planner.v1 import events_pb2 as planner
from reveille.kernel.events import Recorded, category_of, key_of, service_of, tenant_of
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History


def check(history: History) -> Iterator[Broken]:
    for event in history.log:
        yield from _caused(history, event)
    subjects = _Subjects(history)
    for event in history.log:
        subject = subjects.of(event)
        if subject is not None and not _belongs(event, subject):
            what = f"{_name(event)} is about {_about(event)}, what it belongs to is about {_about(subject)}"
            yield Broken(promise=5, what=what)


def _caused(history: History, event: Recorded) -> Iterator[Broken]:
    """One step back is enough: each cause is an event, stands earlier, and is looked at itself."""
    origin = event.meta.origin
    if service_of(event.type) == "ingress" or isinstance(event.msg, runs.AgentConnected | runs.AgentDisconnected):
        return  # an outside act
    cause = history.by_id.get(origin.cause)
    if cause is None:
        yield Broken(promise=5, what=f"{_name(event)} has no cause in the log")
    elif cause.position >= event.position:
        yield Broken(promise=5, what=f"{_name(event)} stands before its cause {_name(cause)}")
    elif origin.sender and (origin.sender, origin.position) != (service_of(cause.type), cause.position):
        yield Broken(promise=5, what=f"{_name(event)} names {origin.sender} {origin.position}, not {_name(cause)}")


class _Subjects:
    """What each event belongs to, by what it says itself and not by what caused it."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._signals = {received.signal.id: event for event, received in history.all(SignalReceived)}
        self._handed = {one.trigger_id for _, one in history.all(runs.WorkHandedOn)}
        self._detections = {one.trigger_id: event for event, one in history.all(PatternDetected)}
        self._alike: dict[tuple[str, ...], list[Recorded]] = defaultdict(list)
        for event, one in history.all(PatternDetected):
            self._alike[tenant_of(event.stream), one.rule, *one.signal_ids].append(event)
        self._triggers = {fired.trigger_id: event for event, fired in history.all(TriggerFired)}
        self._executions = {
            (tenant_of(event.stream), one.execution_id): event for event, one in history.all(planner.ExecutionStarted)
        }
        self._steps = {
            (tenant_of(event.stream), ready.run_id): event for event, ready in history.all(planner.StepReady)
        }

    def of(self, event: Recorded) -> Recorded | None:
        """None: it is an outside act, or belongs to nothing but its cause."""
        match event.msg:
            case TriggerFired() | TriggerSuppressed() | TriggerGathered() as trigger:
                if trigger.trigger_id in self._handed:
                    return None  # one hop further than what it was handed on in
                found = self._detections.get(trigger.trigger_id)
                if isinstance(trigger, TriggerGathered):  # it is told under the id of what it is gathered behind
                    found = self._gathered(event, trigger)
                if found is not None:
                    return found
                return self._signals.get(trigger.signal_ids[0]) if trigger.signal_ids else None
            case planner.ExecutionStarted(trigger_id=trigger_id):
                return self._triggers.get(trigger_id)
            case budget.AccountClosed(account=account):
                return self._executions.get((tenant_of(event.stream), account.partition(":")[2]))
            case DeliveryContradicted(signal_id=signal_id) | DeliveryRepeated(signal_id=signal_id):
                return self._signals.get(signal_id)
            case MessageParked(event=ref):
                return self._history.at(ref)
            case None:
                return None
        return self._of_run(event, event.msg) or self._of_stream(event)

    def _gathered(self, event: Recorded, trigger: TriggerGathered) -> Recorded | None:
        """The detection that it tells; what watches the time alone says the same each time."""
        alike = self._alike[tenant_of(event.stream), trigger.rule, *trigger.signal_ids]
        return next((one for one in alike if _about(one) == _about(event)), alike[0] if alike else None)

    def _of_run(self, event: Recorded, msg: Message) -> Recorded | None:
        tenant = tenant_of(event.stream)
        match msg:
            case budget.TokensReserved() | budget.ReservationDeferred() | budget.TokensDenied():
                return self._steps.get((tenant, msg.reservation.run_id))
            case budget.TokensSettled() | budget.TokensReleased() | budget.UsageAdded():
                return self._steps.get((tenant, msg.run_id))
            case runs.RunQueued() | runs.AgentWoken() | runs.WorkRevoked():
                return self._steps.get((tenant, msg.work.run_id))
            case runs.AgentSlept() | runs.RunLeft():
                return self._steps.get((tenant, msg.run_id))
        return None

    def _of_stream(self, event: Recorded) -> Recorded | None:
        key = (tenant_of(event.stream), key_of(event.stream))
        match category_of(event.stream):
            case "execution" | "estimate" | "analysis" | "inputs":
                return self._executions.get(key)
            case "run":
                return self._steps.get(key)
        return None


def _belongs(event: Recorded, subject: Recorded) -> bool:
    """What gathers several has the longest chain of them; whoever changes a plan goes on with what it is about."""
    if _is_of_a_plan(event, subject):
        return event.meta.about.correlation == subject.meta.about.correlation
    if isinstance(event.msg, TriggerFired) and len(event.msg.signal_ids) > 1:
        return _about(event)[:2] == _about(subject)[:2] and event.meta.about.hop >= subject.meta.about.hop
    return _about(event) == _about(subject)


def _is_of_a_plan(event: Recorded, subject: Recorded) -> bool:
    if isinstance(event.msg, planner.ExecutionStarted):
        return False
    return isinstance(subject.msg, planner.ExecutionStarted) and subject.msg.blueprint != ""


def _about(event: Recorded) -> tuple[str, str, int]:
    """The correlation, the trace's id (its spans differ from step to step) and the hop."""
    about = event.meta.about
    return about.correlation, about.trace[3:35], about.hop


def _name(event: Recorded) -> str:
    return f"{event.type.rpartition('.')[2]} at {event.position} in {event.stream}"
