"""What the log says of a day: what every run was about, what it used, when its skill was entered."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.tokens.polling import BEGINS
from reveille.contracts.agent_runner.v1.events_pb2 import (
    AgentThinking,
    AgentWoken,
    LateUsageFound,
    ModelAnswered,
    RunCompleted,
    RunFailed,
    RunStarted,
    WorkHandedOn,
)
from reveille.contracts.analyzer.v1.events_pb2 import TriggerSuppressed
from reveille.contracts.budget.v1.events_pb2 import TokensSettled, UsageAdded
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.clock import SECOND
from reveille.kernel.events import Recorded
from reveille.kernel.sealing import open_sealed


@dataclass(slots=True, kw_only=True)
class Run:
    """signals: ids of what it was told of. handed: of that, what another agent handed to it; None where nobody did."""

    agent: str
    rule: str
    signals: Sequence[str]
    handed: frozenset[str] | None = None
    started: float = 0.0
    begun: list[float] = field(default_factory=list)
    used: int = 0
    answers: list[int] = field(default_factory=list)
    completed: bool = False
    result: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An agent's work on some happenings; on none: on the time. at: when its skill was entered, from midnight."""

    agent: str
    keys: tuple[str, ...]
    at: float
    handed: bool


class Reading:
    """keys: the happening by the id of its signal. `take` the log, in order."""

    def __init__(self, *, keys: Mapping[str, str], midnight: int) -> None:
        self._keys = keys
        self._midnight = midnight
        self._handed: dict[tuple[str, int], frozenset[str]] = {}
        self.runs: dict[str, Run] = {}
        self.wakes = 0
        self.suppressed = 0
        self.model_tokens: list[tuple[str, int, int]] = []
        self.late = 0
        self.settled = 0
        self.parked: list[str] = []
        self.failed: list[str] = []
        self.events = 0

    def take(self, events: Iterable[Recorded]) -> None:
        for event in events:
            self.events += 1
            self._take(event)

    def _take(self, event: Recorded) -> None:
        match event.msg:
            case WorkHandedOn() as handed:
                items = json.loads(open_sealed(handed.content))["payload"].get("items", [])
                meant = frozenset(str(item["signal_id"]) for item in items)
                self._handed[event.stream, event.revision] = meant
            case StepReady() as ready:
                run = Run(agent=ready.agent, rule=ready.rule, signals=list(ready.signal_ids))
                for ref in ready.signals:
                    run.handed = self._handed.get((ref.stream, ref.revision), run.handed)
                self.runs[ready.run_id] = run
            case TriggerSuppressed():
                self.suppressed += 1
            case AgentWoken():
                self.wakes += 1
            case RunStarted(work=work):
                self.runs[work.run_id].started = self._seconds(event)
            case AgentThinking(run_id=run_id, text=text) if open_sealed(text).startswith(BEGINS.encode()):
                self.runs[run_id].begun.append(self._seconds(event))
            case ModelAnswered() as answer:
                self.runs[answer.run_id].answers.append(answer.input_tokens + answer.output_tokens)
                self.model_tokens.append((answer.model, answer.input_tokens, answer.output_tokens))
            case RunCompleted(work=work, tokens_used=used, result=result):
                run = self.runs[work.run_id]
                run.used, run.completed, run.result = used, True, json.loads(open_sealed(result) or b"{}")
            case RunFailed(work=work, tokens_used=used, error=error):
                self.runs[work.run_id].used = used
                self.failed.append(f"{work.agent}, attempt {work.attempt}: {open_sealed(error).decode()}")
            case LateUsageFound(tokens=tokens):
                self.late += tokens
            case TokensSettled(used=used):
                self.settled += used
            case UsageAdded(tokens=tokens):
                self.settled += tokens
            case MessageParked(event_type=event_type, error=error):
                self.parked.append(f"{event_type}: {error}")

    @property
    def tokens(self) -> int:
        """All that any run has used."""
        return sum(run.used for run in self.runs.values()) + self.late

    def acts(self) -> list[Act]:
        found: list[Act] = []
        for run in self.runs.values():
            if run.completed:
                found += self._of_poll(run) if "worked" in run.result else [self._of_waking(run)]
        return found

    def _of_waking(self, run: Run) -> Act:
        ids = run.signals if run.handed is None else sorted(run.handed)
        keys = tuple(self._keys.get(id, id) for id in ids)
        return Act(agent=run.agent, keys=keys, at=run.started, handed=run.handed is not None)

    def _of_poll(self, run: Run) -> list[Act]:
        worked = run.result["worked"]
        assert isinstance(worked, list)
        return [
            Act(agent=run.agent, keys=tuple(keys), at=at, handed=run.handed is not None)
            for keys, at in zip(worked, run.begun, strict=True)
        ]

    def _seconds(self, event: Recorded) -> float:
        return (event.meta.time - self._midnight) / SECOND
