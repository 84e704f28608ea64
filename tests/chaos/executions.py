"""From signal to end: what the log tells of each accepted delivery, gathered over all streams."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from reveille.kernel.events import Recorded


@dataclass(slots=True)
class Run:
    """One attempt: its events by name, in order. Ends are RunCompleted and RunFailed alike."""

    id: str
    execution: str = ""
    events: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Execution:
    """signal: that has woken its only agent; "" where it is a plan of many steps that people began."""

    id: str
    signal: str = ""
    events: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class Told:
    """The whole log by signal, execution and run."""

    received: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    fired: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    by_signal: dict[str, list[Execution]] = field(default_factory=lambda: defaultdict(list))
    executions: dict[str, Execution] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    parked: list[Recorded] = field(default_factory=list)

    def run(self, id: str) -> Run:
        return self.runs.setdefault(id, Run(id))

    def execution(self, id: str) -> Execution:
        return self.executions.setdefault(id, Execution(id))


def told_by(log: Sequence[Recorded]) -> Told:
    told = Told()
    for event in log:
        _take(told, event, event.type.rpartition(".")[2], event.msg)
    return told


def _take(told: Told, event: Recorded, name: str, msg: Any) -> None:
    match name:
        case "SignalReceived":
            told.received[msg.signal.id].append(event)
        case "TriggerFired":
            for signal in msg.signal_ids:
                told.fired[signal].append(event)
        case "ExecutionStarted":
            execution = told.execution(msg.execution_id)
            # People begin plans too.
            execution.signal = msg.signal_ids[0] if msg.signal_ids else ""
            execution.events[name].append(event)
            for signal in msg.signal_ids:
                told.by_signal[signal].append(execution)
        case "StepPlanned" | "StepCompleted" | "StepFailed" | "ExecutionCompleted" | "ExecutionFailed":
            told.execution(msg.execution_id).events[name].append(event)
        case "StepRetryScheduled":
            told.execution(msg.execution_id).events[name].append(event)
        case "StepReady":
            told.execution(msg.execution_id).events[name].append(event)
            run = told.run(msg.run_id)
            run.execution = msg.execution_id
            run.events[name].append(event)
        case "TokensReserved":
            told.run(msg.reservation.run_id).events[name].append(event)
        case "TokensSettled" | "TokensReleased" | "AgentSlept" | "RunLeft":
            told.run(msg.run_id).events[name].append(event)
        case "AgentWoken" | "RunStarted" | "RunCompleted" | "RunFailed":
            told.run(msg.work.run_id).events[name].append(event)
        case "MessageParked":
            told.parked.append(event)
