"""What processes tell Prometheus, read as Prometheus reads it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_SAMPLE: Final = re.compile(r"([a-z_]+)\{(.*)\} (\S+)")
_LABEL: Final = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
OF_HISTOGRAMS: Final = ("_bucket", "_sum", "_count")


@dataclass(frozen=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class Figures:
    """types: by the metric's name."""

    types: dict[str, str]
    samples: list[Sample]

    @classmethod
    def read(cls, texts: Iterable[str]) -> "Figures":
        types: dict[str, str] = {}
        samples = []
        for line in (line for text in texts for line in text.splitlines()):
            if line.startswith("# TYPE "):
                name, type = line.removeprefix("# TYPE ").split()
                assert types.setdefault(name, type) == type
            elif not line.startswith("#"):
                found = _SAMPLE.fullmatch(line)
                assert found is not None, line
                samples.append(Sample(found[1], dict(_LABEL.findall(found[2])), float(found[3])))
        return cls(types, samples)

    def of(self, name: str, **labels: str) -> list[Sample]:
        return [one for one in self.samples if one.name == name and labels.items() <= one.labels.items()]

    def sum(self, name: str, **labels: str) -> float:
        return sum(one.value for one in self.of(name, **labels))

    def by(self, label: str, name: str, **labels: str) -> dict[str, float]:
        """Sums by a label's values, without those that are 0."""
        sums: dict[str, float] = {}
        for one in self.of(name, **labels):
            sums[one.labels[label]] = sums.get(one.labels[label], 0) + one.value
        return {value: told for value, told in sums.items() if told}

    def metric_of(self, sample: Sample) -> str:
        for ending in OF_HISTOGRAMS:
            if self.types.get(sample.name.removesuffix(ending)) == "histogram":
                return sample.name.removesuffix(ending)
        return sample.name
