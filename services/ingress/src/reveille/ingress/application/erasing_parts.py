"""What a person had a part in, found while the log is read from its beginning: causes stand before their effects.

Events are looked at as they stand in the log: texts are not opened for it.
"""

from collections import defaultdict
from collections.abc import Iterable

from google.protobuf.message import Message

from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted, ToolReturned
from reveille.contracts.common.v1.common_pb2 import EventRef
from reveille.contracts.ingress.v1.events_pb2 import ExecutionForked
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionFailed,
    ExecutionStarted,
)
from reveille.kernel.events import Recorded, category_of, key_of

# Streams that are named after a plan.
_OF_EXECUTIONS = frozenset({"execution", "inputs", "analysis"})


class Parts:
    """executions: plans, and wakings of agents. under_way: those of them that have not ended.

    signals: positions of those that he sent. results: by run's stream, blobs of tools' results, of whatever plan.
    """

    def __init__(self, tenant: str, key_ids: frozenset[str]) -> None:
        self.executions: set[str] = set()
        self.under_way: set[str] = set()
        self.signals: set[int] = set()
        self.results: defaultdict[str, set[str]] = defaultdict(set)
        self._prefix = f"{tenant}."
        self._key_ids = key_ids
        # Streams of the person's signals, and of runs that may have handed work on.
        self._causes: set[str] = set()
        self._open: set[str] = set()

    def take(self, event: Recorded) -> None:
        if not event.stream.startswith(self._prefix):
            return
        if event.keys and not self._key_ids.isdisjoint(event.keys):
            self._written(event)
        if event.type in _TYPES:
            self._about_plans(event)

    def of_run(self, first: Message | None) -> bool:
        return isinstance(first, RunStarted) and first.work.execution_id in self.executions

    def _written(self, event: Recorded) -> None:
        """By the person."""
        category = category_of(event.stream)
        if category == "signal":
            self._causes.add(event.stream)
            self.signals.add(event.position)
        elif category in _OF_EXECUTIONS:
            self._touched(key_of(event.stream))
        elif execution_id := getattr(event.msg, "execution_id", ""):
            self._touched(execution_id)

    def _about_plans(self, event: Recorded) -> None:
        match event.msg:
            case ExecutionStarted(execution_id=execution_id) as started:
                self._open.add(execution_id)
                if execution_id in self.executions:
                    self.under_way.add(execution_id)
                elif started.from_execution in self.executions or self._follows(started.signals):
                    self._touched(execution_id)
            case ExecutionForked(execution_id=execution_id, from_execution=before) if before in self.executions:
                self._touched(execution_id)
            case ExecutionCancelled() | ExecutionFailed():
                self._ended(key_of(event.stream))
            case ExecutionCompleted() as completed if not completed.living:
                self._ended(key_of(event.stream))
            case RunStarted(work=work) if work.execution_id in self.executions:
                self._causes.add(event.stream)
            case ToolReturned(result_blob=digest) if digest:
                self.results[event.stream].add(digest)

    def _follows(self, refs: Iterable[EventRef]) -> bool:
        return any(ref.stream in self._causes for ref in refs)

    def _touched(self, execution_id: str) -> None:
        self.executions.add(execution_id)
        if execution_id in self._open:
            self.under_way.add(execution_id)

    def _ended(self, execution_id: str) -> None:
        self._open.discard(execution_id)
        self.under_way.discard(execution_id)


_TYPES = frozenset(
    cls.DESCRIPTOR.full_name
    for cls in (
        ExecutionStarted,
        ExecutionForked,
        ExecutionCancelled,
        ExecutionFailed,
        ExecutionCompleted,
        RunStarted,
        ToolReturned,
    )
)
