"""What people decide on approvals: each is decided on once, and the first decision stands. Stream: approval-<id>."""

from dataclasses import dataclass

from reveille.contracts.ingress.v1.events_pb2 import ApprovalDecided
from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested
from reveille.ingress.application.appending import append
from reveille.kernel.clock import Clock
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, Append, Appended, EventStore
from reveille.kernel.events import Meta, Origin, Recorded, new_event, stream_name
from reveille.kernel.ids import Ids
from reveille.kernel.sealing import open_sealed, seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """position: where it stands in the log. new: nobody had decided before."""

    approval_id: str
    execution_id: str
    approved: bool
    position: int
    new: bool
    comment: str


class Approving:
    """Returns only after the append. Whether the planner still waits for the answer, the planner says."""

    def __init__(self, *, store: EventStore, clock: Clock, ids: Ids, replica: str) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._replica = replica

    async def decision(self, tenant: str, approval_id: str) -> Decision | None:
        """None: nobody has decided yet."""
        stream = stream_name(tenant, "approval", approval_id)
        for event in (await self._store.read_streams({stream: NO_STREAM}))[stream]:
            decided = event.msg
            if not isinstance(decided, ApprovalDecided):
                raise UnknownEventType(event.type, f"stream {stream}")
            return Decision(
                approval_id=approval_id,
                execution_id=decided.execution_id,
                approved=decided.approved,
                position=event.position,
                new=False,
                comment=open_sealed(decided.comment).decode(errors="replace"),
            )
        return None

    async def decide(
        self, tenant: str, approval_id: str, *, execution_id: str, approved: bool, comment: str, by: str
    ) -> Decision:
        """The decision that stands: this one, or one that came before it. Raises Transient."""
        asked = await self._question(tenant, approval_id, execution_id)
        decided = ApprovalDecided(
            approval_id=approval_id,
            execution_id=execution_id,
            approved=approved,
            comment=seal(comment.encode()),
            by=by,
        )
        # It is about what the question is about, so that one trace leads through the answer.
        meta = Meta(self._clock.now(), asked.meta.about, Origin(asked.id), replica=self._replica)
        stream = stream_name(tenant, "approval", approval_id)
        news = [new_event(self._ids.new(), decided, meta)]
        (outcome,) = await append(self._store, self._clock, [Append(stream, NO_STREAM, news)])
        if isinstance(outcome, Appended):
            return Decision(
                approval_id=approval_id,
                execution_id=execution_id,
                approved=approved,
                position=outcome.position,
                new=True,
                comment=comment,
            )
        first = await self.decision(tenant, approval_id)
        if first is None:
            raise Transient(f"stream {stream} is not to be read yet", retry_after=1.0)
        return first

    async def _question(self, tenant: str, approval_id: str, execution_id: str) -> Recorded:
        stream = stream_name(tenant, "execution", execution_id)
        for event in (await self._store.read_streams({stream: NO_STREAM}))[stream]:
            if isinstance(event.msg, ApprovalRequested) and event.msg.approval_id == approval_id:
                return event
        raise Transient(f"stream {stream} does not show question {approval_id} yet", retry_after=1.0)
