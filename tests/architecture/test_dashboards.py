"""Grafana's dashboards: fresh, of metrics and labels that there are, each panel said what it is, none above another."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "deploy/telemetry/dashboards"
SCRIPT: Final = ROOT / "scripts/generate_dashboards.py"
NAMES: Final = ("budgets", "fleet", "latency", "pipeline", "resources")
_SELECTED: Final = re.compile(r"\b((?:reveille|process)_\w+)(?:\{([^}]*)\})?")
_LABEL: Final = re.compile(r"(\w+)\s*(?:=~|!=|!~|=)")
_GROUPED: Final = re.compile(r"\bby \(([^)]*)\)")
_OF_SERIES: Final = re.compile(r"_(?:bucket|count|sum)$")
_ONCE: Final = re.compile(r"max by \([^)]*\) \((?:rate\()?$")
# Of what Prometheus itself adds to each sample.
ADDED: Final = {"le", "instance", "job"}


@cache
def dashboard(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in dashboard(name)["panels"] if panel["type"] != "row"]


def queries(name: str) -> Iterator[tuple[str, str, str]]:
    """The panel, the legend, and the expression with a value for each variable."""
    for panel in panels(name):
        for target in panel["targets"]:
            text = target["expr"].replace("$__rate_interval", "5m")
            yield panel["title"], target["legendFormat"], re.sub(r"\$\w+", ".*", text)


@cache
def metrics() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "deploy/telemetry/metrics.yaml").read_text())["metrics"]
    return {one["name"]: one for one in found}


def known(selected: str) -> Any:
    return metrics().get(selected) or metrics()[_OF_SERIES.sub("", selected)]


def is_the_same_everywhere(metric: dict[str, Any]) -> bool:
    """On every replica of what tells it: who sums it counts it once too often for each."""
    return metric["from"] == "ingress" and ("tenant" in metric["labels"] or "same on every" in metric["meaning"])


def test_they_are_those_that_are_described() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == list(NAMES)
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_prometheus_can_read_every_query(tmp_path: Path) -> None:
    rules = [
        {"record": f"d:{name}_{number}", "expr": expression}
        for name in NAMES
        for number, (_, _, expression) in enumerate(queries(name))
    ]
    assert len(rules) > 50
    path = tmp_path / "all.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_they_ask_for_metrics_and_labels_that_there_are(name: str) -> None:
    for title, legend, expression in queries(name):
        labels = set(ADDED)
        for selected, selector in _SELECTED.findall(expression):
            has = set(known(selected)["labels"])
            assert set(_LABEL.findall(selector or "")) <= has | ADDED, title
            labels |= has
        groups = {label.strip() for group in _GROUPED.findall(expression) for label in group.split(",")}
        assert groups <= labels, title
        # What a query has summed away its legend cannot show.
        shown = set(re.findall(r"\{\{(\w+)\}\}", legend))
        outer = re.match(r"(?:[\d.]+ \* )?(?:topk\(10, |histogram_quantile\([\d.]+, )?\w+ by \(([^)]*)\)", expression)
        assert shown <= ({one.strip() for one in outer[1].split(",")} if outer else labels), title


@pytest.mark.parametrize("name", NAMES)
def test_what_is_the_same_on_every_replica_counts_once(name: str) -> None:
    for title, _, expression in queries(name):
        for found in _SELECTED.finditer(expression):
            if is_the_same_everywhere(known(found[1])):
                assert _ONCE.search(expression[: found.start()]), (title, found[1])


def test_counters_are_shown_as_rates() -> None:
    for name in NAMES:
        for title, _, expression in queries(name):
            for found in _SELECTED.finditer(expression):
                if known(found[1])["type"] in ("counter", "histogram"):
                    assert re.search(r"(?:rate|increase)\($", expression[: found.start()]), (title, found[1])


def test_every_metric_of_the_services_is_shown_somewhere() -> None:
    """But positions, whose distances are shown as times."""
    shown = {
        known(selected)["name"]
        for name in NAMES
        for _, _, expression in queries(name)
        for selected, _ in _SELECTED.findall(expression)
    }
    left_out = {"reveille_pending_triggers", "reveille_up_seconds"}
    assert {one for one in metrics().keys() - shown if not one.endswith("_position")} == left_out


@pytest.mark.parametrize("name", NAMES)
def test_every_panel_says_what_it_shows_and_in_what(name: str) -> None:
    for panel in panels(name):
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


@pytest.mark.parametrize("name", NAMES)
def test_variables_are_used_and_what_is_used_is_one(name: str) -> None:
    variables = {one["name"] for one in dashboard(name)["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]\w*)", json.dumps(dashboard(name)["panels"])))
    assert used == variables


@pytest.mark.parametrize("name", NAMES)
def test_no_panel_lies_above_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard(name)["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    ids = [panel["id"] for panel in dashboard(name)["panels"]]
    assert len(set(ids)) == len(ids)
