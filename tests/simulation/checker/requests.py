"""Promise 1 and 2 for people who plan: what was answered stands in its stream, once; what was refused left no trace."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reveille.contracts.ingress.v1.events_pb2 import (
    CancelRequested,
    ExecutionForked,
    InputAdded,
    InputContent,
    InputRemoved,
    InputsChanged,
)
from reveille.ingress.application.inputs import InputsMoved
from reveille.ingress.domain.refusals import Conflicting, Missing
from reveille.kernel.digests import Digests, derived
from reveille.kernel.events import Recorded, key_of, tenant_of
from reveille.kernel.sealing import open_sealed
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.planners import Asked
from tests.simulation.services import KEY


@dataclass(slots=True)
class Request:
    """What one append to a stream of inputs says. before: the stream's revision before it."""

    stream: str
    before: int
    changed: Recorded
    added: list[InputAdded] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    cancels: bool = False
    forked: ExecutionForked | None = None


def check(history: History, asked: Sequence[Asked]) -> Iterator[Broken]:
    requests: dict[tuple[str, str], list[Request]] = defaultdict(list)
    for stream, events in history.of_category("inputs"):
        for request in _requests(stream, events):
            assert isinstance(request.changed.msg, InputsChanged)
            requests[tenant_of(stream), request.changed.msg.request_key].append(request)
    keys = Digests(derived(KEY, "requests"))
    for one in asked:
        there = requests.pop((one.tenant, keys.of_bytes(one.key.encode())), [])
        for promise, what in _answered(one, there):
            yield Broken(promise=promise, what=f"request {one.key} of {one.tenant} {what}")
    for (tenant, _), more in requests.items():
        yield Broken(promise=2, what=f"{tenant} has {len(more)} requests in {more[0].stream} that nobody made")


def _requests(stream: str, events: Sequence[Recorded]) -> Iterator[Request]:
    request = Request(stream, -1, events[0])
    for event in events:
        match event.msg:
            case InputAdded():
                request.added.append(event.msg)
            case InputRemoved(input_id=input_id):
                request.removed.append(input_id)
            case CancelRequested():
                request.cancels = True
            case ExecutionForked():
                request.forked = event.msg
            case InputsChanged():
                request.changed = event
                yield request
                request = Request(stream, event.revision, event)


def _answered(asked: Asked, there: Sequence[Request]) -> Iterator[tuple[int, str]]:
    already = asked.cancels and asked.told and not there  # somebody else had cancelled it
    if len(there) > 1:
        yield 2, f"stands {len(there)} times in {sorted({one.stream for one in there})}"
    if there and asked.refused:
        yield 1, f"was refused ({asked.refused[0]}), and it stands in {there[0].stream}"
    if asked.told and not there and not already:
        yield 1, f"was answered with revision {asked.told[0].revision}, and the log does not have it"
    if len({(done.execution_id, done.revision, done.position) for done in asked.told}) > 1:
        yield 2, f"was answered in different ways: {asked.told}"
    if sum(done.new for done in asked.told) > 1:
        yield 2, "was told more than once to be new"
    for refusal in asked.refused:
        if not isinstance(refusal, InputsMoved | Conflicting | Missing):
            yield 0, f"was refused: {refusal}"
        if isinstance(refusal, InputsMoved) and asked.seen is None:
            yield 0, "was refused for a revision that it did not name"
    if not there:
        return
    request = there[0]
    for done in asked.told:
        if (done.revision, done.position) != (request.changed.revision, request.changed.position):
            yield 1, f"was told to stand at {done.position}, it stands at {request.changed.position}"
        if done.execution_id != key_of(request.stream):
            yield 1, f"was told to be about {done.execution_id}, it stands in {request.stream}"
    if asked.seen is not None and asked.seen != request.before:
        yield 2, f"was for revision {asked.seen} alone, and came upon {request.before}"
    said = [_said(one) for one in request.added[-len(asked.add) :]] if asked.add else []
    right = [(one.input_id or named, one.text, one.tags) for one, (named, _, _) in zip(asked.add, said, strict=False)]
    if said != right or (request.forked is None and len(request.added) != len(asked.add)):
        yield 1, f"adds {request.added}, it was to add {asked.add}"
    if (request.removed, request.cancels) != (list(asked.remove), asked.cancels):
        yield 1, f"removes {request.removed}, it was to remove {asked.remove}"
    if (request.forked.from_execution if request.forked else "") != asked.forks:
        yield 1, f"forks {request.forked}, it was to fork {asked.forks}"


def _said(added: InputAdded) -> tuple[str, str, tuple[str, ...]]:
    said = InputContent.FromString(open_sealed(added.content))
    return added.input_id, said.text, tuple(said.tags)
