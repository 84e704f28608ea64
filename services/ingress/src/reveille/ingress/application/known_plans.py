"""Plans as their streams were when they were last read, so that a long one is not read from its beginning each time."""

from collections import OrderedDict
from typing import Final

from reveille.ingress.domain.inputs import Plan

MAX_BYTES: Final = 16 * 1024 * 1024
# Of an input, and of a request that gave a key, besides what somebody wrote: 500 B of objects, the rest is protobuf's.
ENTRY_BYTES: Final = 1_000


class KnownPlans:
    """Of a log that only grows a beginning stays true: whoever asks reads what came after its revision."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._plans: OrderedDict[str, tuple[Plan, int]] = OrderedDict()
        self._bytes = 0

    def get(self, stream: str) -> Plan | None:
        found = self._plans.get(stream)
        if found is None:
            return None
        self._plans.move_to_end(stream)
        return found[0]

    def put(self, stream: str, plan: Plan) -> None:
        """Those that nobody has asked for the longest go first; one that is too large alone is not kept."""
        before = self._plans.get(stream)
        if before is not None and before[0].revision >= plan.revision:
            return
        if before is not None:
            self._bytes -= before[1]
        size = _size(plan)
        self._plans[stream] = plan, size
        self._plans.move_to_end(stream)
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, (_, gone) = self._plans.popitem(last=False)
            self._bytes -= gone


def _size(plan: Plan) -> int:
    entries = 1 + len(plan.inputs) + len(plan.requests)
    return entries * ENTRY_BYTES + sum(len(one.content.data) for one in plan.inputs.values())
