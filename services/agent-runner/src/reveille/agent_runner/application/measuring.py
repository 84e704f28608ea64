"""What this replica's runs have taken, for people who watch it; their calls are spans where somebody traces."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Final

from reveille.kernel import trace_context
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.measuring import Histogram
from reveille.kernel.spans import Kind, Span, Spans, Value

COMPLETED: Final = "completed"
FAILED: Final = "failed"
# Ended by others: nobody wanted its result any more, or its process was to stop.
STOPPED: Final = "stopped"

# By a name and an outcome.
Taken = MutableMapping[tuple[str, str], Histogram]


class RunMeasures:
    """wakes: from the receipt of a signal to its skill. runs: by outcome. models, tools: calls."""

    def __init__(self, spans: Spans, clock: Clock) -> None:
        self._spans = spans
        self._clock = clock
        self.wakes = Histogram()
        self.runs: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.models: Taken = defaultdict(Histogram)
        self.tools: Taken = defaultdict(Histogram)

    def woken(self, received: int) -> None:
        self.wakes.observe((self._clock.now() - received) / SECOND)

    def ended(self, outcome: str, began: int) -> None:
        self.runs[outcome].observe((self._clock.now() - began) / SECOND)

    @contextmanager
    def model(self, name: str) -> Iterator[Span]:
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": name}
        with self._call(f"chat {name}", attributes, "client", self.models, name) as span:
            yield span

    @contextmanager
    def tool(self, name: str) -> Iterator[Span]:
        attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name}
        with self._call(f"execute_tool {name}", attributes, "internal", self.tools, name) as span:
            yield span

    @contextmanager
    def _call(self, title: str, attributes: Mapping[str, Value], kind: Kind, taken: Taken, name: str) -> Iterator[Span]:
        span = self._spans.start(title, trace_context.traceparent.get(), attributes, kind=kind)
        began, outcome = self._clock.now(), "cancelled"
        error: Exception | None = None
        try:
            yield span
            outcome = "ok"
        except Exception as raised:
            outcome, error = "error", raised
            raise
        finally:
            taken[name, outcome].observe((self._clock.now() - began) / SECOND)
            span.end(error)
