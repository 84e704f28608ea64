"""Prometheus' text format: metrics are named where they are told, and every sample says which service tells it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reveille.kernel.measuring import Histogram

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Metric:
    """labels: in their order, without `service`, which comes first on each."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()

    def of(self, value: "float | Histogram", *labels: str) -> "Sample":
        assert len(labels) == len(self.labels), f"{self.name} has labels {self.labels}, and was given {labels}"
        return Sample(self, labels, value)


@dataclass(frozen=True, slots=True)
class Sample:
    metric: Metric
    labels: tuple[str, ...]
    value: float | Histogram


# What one service tells.
Told = tuple[str, Sequence[Sample]]


def text_of(told: Iterable[Told]) -> str:
    """Each metric once, with the samples of all services."""
    families: dict[Metric, list[str]] = {}
    for service, samples in told:
        for sample in samples:
            families.setdefault(sample.metric, []).extend(_lines(service, sample))
    lines = []
    for metric, samples_of_it in families.items():
        lines += [f"# HELP {metric.name} {metric.meaning}", f"# TYPE {metric.name} {metric.type}", *samples_of_it]
    return "\n".join(lines) + "\n"


def _lines(service: str, sample: Sample) -> list[str]:
    metric, value = sample.metric, sample.value
    pairs = [("service", service), *zip(metric.labels, sample.labels, strict=True)]
    labels = ",".join(f'{name}="{_escaped(label)}"' for name, label in pairs)
    if not isinstance(value, Histogram):
        return [f"{metric.name}{{{labels}}} {_number(value)}"]
    lines, below = [], 0
    for bound, count in zip((*value.bounds, None), value.counts, strict=True):
        below += count
        shown = "+Inf" if bound is None else f"{bound:g}"
        lines.append(f'{metric.name}_bucket{{{labels},le="{shown}"}} {below}')
    return [*lines, f"{metric.name}_sum{{{labels}}} {_number(value.sum)}", f"{metric.name}_count{{{labels}}} {below}"]


def _number(value: float) -> str:
    """Whole numbers as such, others as exactly as they are known."""
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
