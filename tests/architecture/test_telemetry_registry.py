"""The registry of what can be seen names just what the code names, and the page tells of all of it."""

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from reveille.adapters.prometheus import Metric
from reveille.agent_runner.entrypoints import metrics as of_agent_runner
from reveille.cli import metrics as of_processes
from reveille.ingress.entrypoints.http import metrics as of_ingress

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = ROOT / "deploy/telemetry"


def registry(name: str) -> Any:
    return yaml.safe_load((REGISTRY / f"{name}.yaml").read_text(encoding="utf-8"))


def named_in(module: ModuleType) -> list[Metric]:
    return [one for one in vars(module).values() if isinstance(one, Metric)]


NAMED = [metric for module in (of_processes, of_ingress, of_agent_runner) for metric in named_in(module)]
METRICS = registry("metrics")["metrics"]
SPANS = registry("spans")["spans"]
ATTRIBUTES = registry("attributes")


def test_the_metrics_of_the_code_are_those_of_the_registry() -> None:
    code = {one.name: (one.type, ["service", *one.labels], one.meaning) for one in NAMED}
    assert code == {one["name"]: (one["type"], one["labels"], one["meaning"]) for one in METRICS}
    assert len(code) == len(NAMED) == len(METRICS)


def test_names_tell_the_unit_as_prometheus_wants_it() -> None:
    for one in METRICS:
        assert one["name"].startswith(("reveille_", "process_"))
        assert one["name"].endswith("_total") == (one["type"] == "counter"), one["name"]
        if one["unit"] in ("seconds", "bytes"):
            assert one["name"].removesuffix("_total").endswith(f"_{one['unit']}"), one["name"]


def test_every_label_and_every_attribute_is_bounded_by_something_and_used() -> None:
    labels = {one["name"]: one["values"] for one in ATTRIBUTES["labels"]}
    assert set(labels) == {label for one in METRICS for label in one["labels"]}
    attributes = {one["name"]: one["values"] for one in ATTRIBUTES["attributes"]}
    used = {name for span in SPANS for name in (*span["attributes"], *span.get("also", ()))}
    assert set(attributes) == used | {"error.type"}
    assert all((*labels.values(), *attributes.values()))


def test_what_is_no_convention_of_opentelemetry_is_named_as_ours() -> None:
    for one in (*ATTRIBUTES["attributes"], *ATTRIBUTES["resource"]):
        assert one.get("semconv", False) != one["name"].startswith("reveille."), one["name"]


def test_the_page_tells_of_every_metric_and_of_no_other() -> None:
    page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`((?:reveille|process)_[a-z_]+)`", page)) == {one["name"] for one in METRICS}
