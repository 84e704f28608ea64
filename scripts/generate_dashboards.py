"""Write Grafana's dashboards, deploy/telemetry/dashboards/*.json: `python scripts/generate_dashboards.py [--check]`."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.dashboards import DASHBOARDS, Dashboard, Panel

OUT: Final = Path(__file__).resolve().parent.parent / "deploy/telemetry/dashboards"
WIDTH: Final = 24
# Grafana's own: four scrapes at least, and no more than the panel can show.
EVERY: Final = "$__rate_interval"
OF: Final = 'service=~"$service"'
WHOSE: Final = 'tenant=~"$tenant"'
# Chosen at the top of the page, so that a Grafana with other names of its sources shows them as well.
SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
ASKED: Final = {
    # Embedded, the process is no service, and the services are no processes.
    "service": 'label_values({__name__=~"reveille_ready|reveille_log_position"}, service)',
    "tenant": "label_values(reveille_runs_queued, tenant)",
}


def rendered() -> Mapping[str, str]:
    """By file name."""
    return {f"{one.name}.json": json.dumps(dashboard(one), indent=1) + "\n" for one in DASHBOARDS}


def dashboard(one: Dashboard) -> dict[str, Any]:
    return {
        "uid": f"reveille-{one.name}",
        "title": one.title,
        "description": one.about,
        "tags": ["reveille"],
        "schemaVersion": 41,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "time": {"from": "now-30m", "to": "now"},
        "refresh": "15s",
        "timezone": "browser",
        "templating": {"list": [_source(), *(_variable(name) for name in one.variables)]},
        "annotations": {"list": [_alerts()]},
        "links": [{"title": "Reveille", "type": "dashboards", "tags": ["reveille"], "asDropdown": False}],
        "panels": list(_laid_out(one)),
    }


def _laid_out(one: Dashboard) -> Iterator[dict[str, Any]]:
    top, number = 0, 1
    for title, panels in one.rows:
        at = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": title, "collapsed": False, "gridPos": at, "panels": []}
        top, number = top + 1, number + 1
        height, width = 4 if panels[0].single else 8, WIDTH // len(panels)
        for place, each in enumerate(panels):
            yield _panel(number, each, {"x": place * width, "y": top, "w": width, "h": height})
            number += 1
        top += height


def _panel(number: int, one: Panel, at: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": "stat" if one.single else "timeseries",
        "title": one.title,
        "description": one.about,
        "datasource": SOURCE,
        "gridPos": at,
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": SOURCE,
                "expr": _query(text),
                "legendFormat": legend or "__auto",
            }
            for place, (legend, text) in enumerate(one.queries)
        ],
        "fieldConfig": {"defaults": _field(one), "overrides": []},
        "options": _NUMBER if one.single else _LINES,
    }


def _query(text: str) -> str:
    return text.replace("$every", EVERY).replace("$of", OF).replace("$whose", WHOSE)


def _field(one: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if one.red is not None:
        steps.append({"color": "red", "value": one.red})
    found: dict[str, Any] = {"unit": one.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if not one.single:
        found["custom"] = {
            "lineWidth": 1,
            "fillOpacity": 30 if one.stacked else 5,
            "showPoints": "never",
            "stacking": {"mode": "normal" if one.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "off" if one.red is None else "dashed"},
        }
    return found


_NUMBER: Final = {
    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
    "colorMode": "value",
    "graphMode": "area",
    "textMode": "auto",
}
_LINES: Final = {
    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
    "tooltip": {"mode": "multi", "sort": "desc"},
}


def _source() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "refresh": 1}


def _variable(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": ASKED[name], "refId": "values"},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def _alerts() -> dict[str, Any]:
    return {
        "name": "Alerts",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": "red",
        "expr": 'ALERTS{alertname=~"Reveille.+", alertstate="firing"}',
        "titleFormat": "{{alertname}}",
        "textFormat": "{{severity}} {{service}}",
        "step": "15s",
    }


def main() -> int:
    wanted = rendered()
    there = {path.name: path.read_text() for path in OUT.glob("*.json")}
    if "--check" in sys.argv[1:]:
        if there != wanted:
            print(f"{OUT} is not what scripts/dashboards.py says; run scripts/generate_dashboards.py", file=sys.stderr)
        return int(there != wanted)
    OUT.mkdir(parents=True, exist_ok=True)
    for name in there.keys() - wanted.keys():
        (OUT / name).unlink()
    for name, text in wanted.items():
        (OUT / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
