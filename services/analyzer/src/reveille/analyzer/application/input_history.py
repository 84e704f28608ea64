"""The inputs of plans as they were at a revision, from the log: a change reads only what came since the one before."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reveille.analyzer.domain.inputs import Inputs, fold
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import Recorded

# Plans that are kept, and letters of their texts in all: a plan may have 500 inputs of 4,000.
KEPT: Final = 2_000
KEPT_LETTERS: Final = 8_000_000
# Events beyond the revision asked for that are kept for the next one, which a burst of changes asks for at once.
AHEAD: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Known:
    inputs: Inputs
    ahead: Sequence[Recorded]


class InputHistory:
    """What it keeps can never change: a prefix of a stream, folded."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._known: OrderedDict[str, _Known] = OrderedDict()
        # In all of what is kept.
        self.kept_letters = 0

    def forget(self) -> None:
        self._known.clear()
        self.kept_letters = 0

    async def at(self, stream: str, revision: int) -> Inputs:
        """Raises Transient where the log does not show the revision yet, or holds what this build does not know."""
        known = self._known.get(stream)
        if known is None or known.inputs.revision > revision:
            known = _Known(Inputs(), ())
        ahead = known.ahead
        if known.inputs.revision < revision and (not ahead or ahead[-1].revision < revision):
            last = ahead[-1].revision if ahead else known.inputs.revision
            ahead = [*ahead, *(await self._store.read_streams({stream: last}))[stream]]
            if not ahead or ahead[-1].revision < revision:
                raise Transient(f"stream {stream} has no revision {revision} yet")
        wanted = [event for event in ahead if event.revision <= revision]
        for event in wanted:
            if event.msg is None:
                raise UnknownEventType(event.type, f"stream {stream}")
        inputs = fold(known.inputs, wanted)
        self._keep(stream, _Known(inputs, list(ahead[len(wanted) : len(wanted) + AHEAD])))
        return inputs

    def _keep(self, stream: str, known: _Known) -> None:
        before = self._known.pop(stream, None)
        if before is not None:
            if before.inputs.revision > known.inputs.revision:  # asked for an older one: the newer is worth more
                self._known[stream] = before
                return
            self.kept_letters -= before.inputs.letters
        self._known[stream] = known
        self.kept_letters += known.inputs.letters
        while len(self._known) > KEPT or (self.kept_letters > KEPT_LETTERS and len(self._known) > 1):
            _, oldest = self._known.popitem(last=False)
            self.kept_letters -= oldest.inputs.letters
