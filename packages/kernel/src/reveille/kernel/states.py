"""The states of streams that a service has decided for last, so that it need not load them again."""

from collections import OrderedDict
from typing import Final

from reveille.kernel.snapshots import Loaded

STREAMS: Final = 5_000
# In small states, as deciders weigh them (see Decider): a plan of thirty steps takes as much memory as thirty wakes.
WEIGHT: Final = 30_000


class States:
    """Whatever does not fit goes, the one that was put longest ago first."""

    def __init__(self, *, streams: int = STREAMS, weight: int = WEIGHT) -> None:
        self._kept: OrderedDict[str, tuple[Loaded, int]] = OrderedDict()
        self._streams = streams
        self._most = weight
        self._weight = 0

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, stream: str) -> Loaded | None:
        """It is kept no more."""
        kept = self._kept.pop(stream, None)
        if kept is None:
            return None
        self._weight -= kept[1]
        return kept[0]

    def put(self, stream: str, loaded: Loaded, weight: int) -> None:
        self.take(stream)
        self._kept[stream] = (loaded, weight)
        self._weight += weight
        while len(self._kept) > self._streams or (self._weight > self._most and len(self._kept) > 1):
            _, (_, gone) = self._kept.popitem(last=False)
            self._weight -= gone

    def clear(self) -> None:
        self._kept.clear()
        self._weight = 0
