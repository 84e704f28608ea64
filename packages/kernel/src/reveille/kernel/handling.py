"""Load, decide, append: the one way in which a service changes its streams."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from reveille.kernel import snapshots, trace_context
from reveille.kernel.decider import Command, Decided, Decider
from reveille.kernel.errors import Poison, Rejected, Transient, Unknown, UnknownEventType, fault
from reveille.kernel.event_bus import Message
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict, EventStore
from reveille.kernel.events import MAX_EVENT_BYTES, About, Meta, New, Origin, Recorded, category_of, new_event
from reveille.kernel.ids import Ids
from reveille.kernel.sealing import room_for_sealing
from reveille.kernel.snapshots import Loaded
from reveille.kernel.states import States

# A stream on which others keep winning is given back as Transient after so many rounds.
MAX_ROUNDS: Final = 50
# Appends of unknown outcome are sent again so often before their messages are held.
MAX_RESENDS: Final = 5


@dataclass(frozen=True, slots=True)
class Cause:
    """What commands follow from. A timer and a report are no bus messages: their stream's state knows what is done."""

    about: About
    origin: Origin = Origin()

    @property
    def is_message(self) -> bool:
        return self.origin.sender != ""


@dataclass(slots=True, eq=False)
class Work:
    """The commands of one cause, at most one per stream, and how it went."""

    cause: Cause
    commands: Sequence[tuple[str, Command]]
    message: Message | None = None
    # Rejected and Poison are for good; Transient: nothing more of it was recorded, it is to come again.
    error: Exception | None = None
    events: list[New] = field(default_factory=list)
    position: int = 0


# Raises Transient where the work could not be kept.
Park = Callable[[Work, Exception], Awaitable[None]]


@dataclass(slots=True, eq=False)
class _Stream:
    """A stream that has commands to answer. `base`: what is known of it; None: nothing."""

    name: str
    decider: Decider
    todo: list[tuple[Work, Command]]
    base: Loaded | None = None
    unreadable: UnknownEventType | Poison | None = None
    decided: Loaded | None = None
    events: list[New] = field(default_factory=list)
    answers: list[tuple[Work, list[New]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A work that its stream's rules refuse, as things stood in this round."""

    stream: _Stream
    work: Work
    error: Exception

    def stands(self) -> bool:
        """Not where something before it, which it was decided on, has been taken out meanwhile."""
        for work, _ in self.stream.todo:
            if work.error is not None:
                return False
            if work is self.work:
                return True
        return False


class Handling:
    """Decides for the streams of one service, one batch at a time (see Desk)."""

    def __init__(
        self, deciders: Iterable[Decider], *, store: EventStore, ids: Ids, replica: str, states: States | None = None
    ) -> None:
        self._deciders: Mapping[str, Decider] = {decider.category: decider for decider in deciders}
        self._store = store
        self._ids = ids
        self._replica = replica
        self._states = States() if states is None else states
        self._forgotten = 0

    def forget(self) -> None:
        """Others may have decided meanwhile (a partition was newly assigned): what is known may be stale."""
        self._states.clear()
        self._forgotten += 1

    async def log_head(self) -> int:
        """The last position of the log that can be seen."""
        return await self._store.head()

    async def load(self, stream: str) -> Loaded:
        """The stream as it stands in the log; a stream that is not there has the revision NO_STREAM."""
        one = _Stream(stream, self._deciders[category_of(stream)], [])
        await self._read([one])
        if one.unreadable is not None:
            raise one.unreadable
        assert one.base is not None
        return one.base

    async def execute(self, works: Sequence[Work], park: Park | None = None) -> None:
        """Decide on all works in order and append; all events of a cause in a stream stand together.

        A poisoned work is taken out of all its streams and parked before what is behind it is answered. A work that
        must wait takes the later ones of its partition with it: within a partition nothing overtakes.
        """
        streams: dict[str, _Stream] = {}
        for work in works:
            for name, command in work.commands:
                stream = streams.get(name)
                if stream is None:
                    stream = streams[name] = _Stream(name, self._deciders[category_of(name)], [])
                stream.todo.append((work, command))
        open_streams = list(streams.values())
        # What is read for one cause alone belongs to its trace.
        traced = trace_context.traceparent.set(works[0].cause.about.trace) if len(works) == 1 else None
        try:
            for _ in range(MAX_ROUNDS):
                open_streams = await self._round(open_streams, works, park)
                if not open_streams:
                    return
            raise Transient(f"stream {open_streams[0].name} kept changing", retry_after=0.1)
        except Transient as error:
            for stream in open_streams:
                self._states.take(stream.name)
                for work, _ in stream.todo:
                    work.error = work.error or error
        finally:
            if traced is not None:
                trace_context.traceparent.reset(traced)

    async def _round(self, streams: list[_Stream], works: Sequence[Work], park: Park | None) -> list[_Stream]:
        """Load, decide, append once; the streams that somebody else has changed meanwhile come back."""
        forgotten = self._forgotten
        await self._load(streams)
        streams = [stream for stream in streams if not await _given_back(stream, works, park)]
        undecided = streams
        while undecided:
            for stream in undecided:
                stream.todo = [pair for pair in stream.todo if pair[0].error is None]
            refusals = [refusal for stream in undecided if (refusal := self._decide(stream)) is not None]
            if len(refusals) > 1:
                order = {id(work): number for number, work in enumerate(works)}
                refusals.sort(key=lambda refusal: order[id(refusal.work)])
            for refusal in refusals:
                if refusal.stands():
                    await _take_out(refusal.work, refusal.error, works, park)
            # What was decided on a state that a refused work had changed is decided again without it.
            undecided = [stream for stream in streams if any(work.error for work, _ in stream.todo)]
        for stream in streams:
            if not stream.answers and stream.base and stream.base.revision != NO_STREAM:
                self._keep(stream, stream.base, forgotten)
        answering = [stream for stream in streams if stream.decided is not None and stream.answers]
        if not answering:
            return []
        outcomes = await self._append(
            [Append(stream.name, stream.base.revision, stream.events) for stream in answering if stream.base]
        )
        again: list[_Stream] = []
        for stream, outcome in zip(answering, outcomes, strict=True):
            if isinstance(outcome, Conflict):
                again.append(stream)
            else:
                await self._confirmed(stream, outcome, forgotten)
        return again

    def _decide(self, stream: _Stream) -> _Refusal | None:
        """Decide on all that the stream has to answer, up to the first that is refused."""
        assert stream.base is not None
        decider, state = stream.decider, stream.base.state
        answered: dict[tuple[str, int], int] | None = None
        stream.events, stream.answers = [], []
        for work, command in stream.todo:
            origin = work.cause.origin
            if origin.sender:
                sender = (origin.sender, origin.partition)
                if answered is None:
                    answered = dict(stream.base.answered)
                if origin.position <= answered.get(sender, 0):
                    continue
                answered[sender] = origin.position
            try:
                news = [self._new(decided, work.cause, command.now) for decided in decider.decide(command, state)]
            except Exception as error:
                return _Refusal(stream, work, _classified(error, work.cause))
            for new in news:
                state = decider.evolve(state, new.msg, new.meta.about)
            stream.events += news
            stream.answers.append((work, news))
        revision = stream.base.revision + len(stream.events)
        stream.decided = Loaded(state, revision, stream.base.answered if answered is None else answered)
        return None

    def _new(self, decided: Decided, cause: Cause, now: int) -> New:
        msg, about = decided if isinstance(decided, tuple) else (decided, cause.about)
        new = new_event(self._ids.new(), msg, Meta(now, about, cause.origin, self._replica))
        _check_size(new)
        return new

    async def _append(self, appends: list[Append]) -> list[Appended | Conflict]:
        """The same bytes at the same expected revision again: whether the first ones landed or not, they stand once."""
        resends = 0
        while True:
            try:
                return await self._store.append(appends)
            except Unknown as error:
                resends += 1
                if resends > MAX_RESENDS:
                    raise
                await asyncio.sleep(min(error.retry_after, 0.05 * 2**resends))

    async def _confirmed(self, stream: _Stream, outcome: Appended, forgotten: int) -> None:
        assert stream.base is not None and stream.decided is not None
        for work, news in stream.answers:
            work.events += news
            work.position = max(work.position, outcome.position)
        self._keep(stream, stream.decided, forgotten)
        every = stream.decider.snapshot_every if forgotten == self._forgotten else 0
        if every and (stream.base.revision + 1) // every != (stream.decided.revision + 1) // every:
            try:
                await self._store.save_snapshot(stream.name, snapshots.encode(stream.decider, stream.decided))
            except Transient:
                pass  # the events stand; the next snapshot takes these in

    def _keep(self, stream: _Stream, loaded: Loaded, forgotten: int) -> None:
        """Not where all was to be forgotten since it was loaded."""
        if forgotten != self._forgotten:
            return
        self._states.put(stream.name, loaded, stream.decider.weight(loaded.state))

    async def _load(self, streams: list[_Stream]) -> None:
        """State leaves the cache here and is back only when an append has confirmed it."""
        missing: list[_Stream] = []
        for stream in streams:
            if stream.base is not None:  # after a conflict: only what is new is read
                missing.append(stream)
                continue
            stream.base = self._states.take(stream.name)
            if stream.base is None:
                if isinstance(stream.todo[0][1], stream.decider.opening):
                    stream.base = Loaded(stream.decider.initial, NO_STREAM, {})
                else:
                    missing.append(stream)
        if missing:
            await self._read(missing)

    async def _read(self, streams: list[_Stream]) -> None:
        for stream in streams:
            if stream.base is None:
                stream.base = await self._from_snapshot(stream)
        found = await self._store.read_streams({stream.name: stream.base.revision for stream in streams if stream.base})
        for stream in streams:
            base = stream.base
            assert base is not None
            state, revision, answered = base.state, base.revision, dict(base.answered)
            for event in found[stream.name]:
                if event.msg is None:
                    stream.unreadable = _unreadable(event)
                    break
                state, revision = stream.decider.evolve(state, event.msg, event.meta.about), event.revision
                origin = event.meta.origin
                if origin.sender:
                    sender = (origin.sender, origin.partition)
                    answered[sender] = max(answered.get(sender, 0), origin.position)
            stream.base = Loaded(state, revision, answered)

    async def _from_snapshot(self, stream: _Stream) -> Loaded:
        if stream.decider.snapshot_every:
            saved = await self._store.snapshot(stream.name)
            loaded = snapshots.decode(stream.decider, saved) if saved else None
            if loaded is not None:
                return loaded
        return Loaded(stream.decider.initial, NO_STREAM, {})


def _classified(error: Exception, cause: Cause) -> Exception:
    match error:
        case Rejected() if cause.is_message:
            return Poison(str(error))  # nobody is there to hear of a refusal, so it is kept where a person looks
        case Rejected() | Poison() | Transient():
            return error
        case _:  # a bug in the rules must not stop what is behind it
            return Poison(fault(error))


async def _take_out(work: Work, error: Exception, works: Sequence[Work], park: Park | None) -> None:
    if isinstance(error, Poison) and work.message is not None and park is not None:
        try:
            await park(work, error)
        except Transient as not_kept:
            error = not_kept
    work.error = error
    if isinstance(error, Transient):
        _hold_behind(work, works)


def _check_size(new: New) -> None:
    """As it will be when it is encrypted, whether it will be or not: what is decided does not hang on that."""
    size = len(new.data)
    if size > MAX_EVENT_BYTES // 2:
        size += room_for_sealing(new.msg)
    if size > MAX_EVENT_BYTES:
        raise Poison(f"an event {new.type} of {size} bytes, at most {MAX_EVENT_BYTES} are kept")


def _unreadable(event: Recorded) -> UnknownEventType | Poison:
    if event.unreadable:
        return Poison(event.unreadable)
    return UnknownEventType(event.type, f"stream {event.stream}")


async def _given_back(stream: _Stream, works: Sequence[Work], park: Park | None) -> bool:
    """What is for a stream that this build cannot read waits for another build; other partitions go on.

    What nobody can ever read is parked.
    """
    if stream.unreadable is None:
        return False
    for work, _ in stream.todo:
        if work.error is None and isinstance(stream.unreadable, Poison):
            await _take_out(work, stream.unreadable, works, park)
        elif work.error is None:
            work.error = stream.unreadable
            _hold_behind(work, works)
    return True


def _hold_behind(held: Work, works: Sequence[Work]) -> None:
    if not held.cause.is_message:
        return
    partition = held.cause.origin.partition
    behind = False
    for work in works:
        behind = behind or work is held
        if behind and work.error is None and work.cause.is_message and work.cause.origin.partition == partition:
            work.error = held.error


class Desk:
    """Where all work of a service in one process comes together: batch after batch, each as large as what waits."""

    def __init__(self, handling: Handling, park: Park) -> None:
        self._handling = handling
        self._park = park
        self._waiting: list[tuple[Sequence[Work], asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Works that nobody has begun to decide on."""
        return sum(len(works) for works, _ in self._waiting)

    async def submit(self, works: Sequence[Work]) -> None:
        """Return when all works have ended, each with its `error` set or done."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((works, done))
        self._arrived.set()
        await done

    async def run(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            taken, self._waiting = self._waiting, []
            await self._handling.execute([work for works, _ in taken for work in works], self._park)
            for _, done in taken:
                if not done.done():
                    done.set_result(None)
