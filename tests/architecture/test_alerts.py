"""Alert rules: each fires when it should and not otherwise, asks of metrics that there are, and has a page."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
RULES: Final = ROOT / "deploy" / "telemetry" / "alerts" / "reveille.yaml"
REGISTRY: Final = ROOT / "deploy" / "telemetry" / "metrics.yaml"
# `+` per minute, so many times.
STEADY: Final = "0+{}x240"
LEVEL: Final = "{}x240"
_SELECTED: Final = re.compile(r"\b((?:reveille|process)_\w+)(?:\{([^}]*)\})?")
_LABEL: Final = re.compile(r"(\w+)\s*(?:=~|!=|!~|=)")
_OF_SERIES: Final = re.compile(r"_(?:bucket|count|sum)$")
BUCKETS: Final = ("0.001", "0.01", "0.1", "1", "10", "+Inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Series by name, with what they are when all is well and when it is not. labels: what the alert then has."""

    well: dict[str, str]
    ill: dict[str, str]
    labels: dict[str, str]


def level(name: str, well: float, ill: float, **labels: str) -> Case:
    return Case(well={name: LEVEL.format(well)}, ill={name: LEVEL.format(ill)}, labels=labels)


def histogram(name: str, labels: str, quick: int, slow: int) -> dict[str, str]:
    """So many a minute of a hundredth, and of a few seconds."""
    counts = [0, quick, quick, quick, quick + slow, quick + slow]
    return {
        f'{name}_bucket{{{labels}{"," if labels else ""}le="{le}"}}': STEADY.format(count)
        for le, count in zip(BUCKETS, counts, strict=True)
    }


ANALYZER: Final = '{service="analyzer",instance="a:1"}'
ALL: Final = ("ingress", "analyzer", "planner", "budget", "agent-runner")
REQUESTS: Final = "reveille_http_requests_total"

CASES: Final = {
    "ReveilleServiceAway": level('up{job="reveille-services",instance="a:1"}', 1, 0, instance="a:1"),
    "ReveilleServiceGone": Case(
        well={f'reveille_ready{{service="{one}"}}': LEVEL.format(1) for one in ALL},
        ill={f'reveille_ready{{service="{one}"}}': LEVEL.format(1) for one in ALL if one != "planner"},
        labels={"service": "planner"},
    ),
    "ReveilleServiceNotReady": level(f"reveille_ready{ANALYZER}", 1, 0, service="analyzer"),
    "ReveilleLoopBlocked": Case(
        well=histogram("reveille_loop_lag_seconds", 'service="analyzer",instance="a:1"', 100, 0),
        ill=histogram("reveille_loop_lag_seconds", 'service="analyzer",instance="a:1"', 80, 20),
        labels={"service": "analyzer"},
    ),
    "ReveilleFilesNearTheLimit": level(f"process_open_fds{ANALYZER}", 900, 50_000, service="analyzer"),
    "ReveilleInboxBehind": level(
        'reveille_inbox_lag_seconds{service="analyzer",topic="i",partition="3"}', 2, 90, service="analyzer"
    ),
    "ReveilleRelayBehind": level(f"reveille_relay_lag_seconds{ANALYZER}", 1, 45, service="analyzer"),
    "ReveilleViewsBehind": level(f"reveille_view_lag_seconds{ANALYZER}", 1, 90, service="analyzer"),
    "ReveilleDeadLetters": level(
        'reveille_dead_letters_open{service="ingress",tenant="acme",inbox="planner"}', 0, 2, inbox="planner"
    ),
    "ReveilleAppendsFail": Case(
        well={'reveille_store_append_failures_total{service="planner",reason="conflict"}': STEADY.format(60)},
        ill={'reveille_store_append_failures_total{service="planner",reason="unavailable"}': STEADY.format(60)},
        labels={"service": "planner"},
    ),
    "ReveilleRetries": Case(
        well={
            'reveille_inbox_messages_total{service="planner",outcome="delivered"}': STEADY.format(600),
            'reveille_inbox_messages_total{service="planner",outcome="retried"}': STEADY.format(1),
        },
        ill={
            'reveille_inbox_messages_total{service="planner",outcome="delivered"}': STEADY.format(600),
            'reveille_inbox_messages_total{service="planner",outcome="retried"}': STEADY.format(300),
        },
        labels={"service": "planner"},
    ),
    "ReveilleWakesLate": Case(
        well=histogram("reveille_wake_seconds", "", 100, 0),
        ill=histogram("reveille_wake_seconds", "", 50, 50),
        labels={},
    ),
    "ReveilleErrors": Case(
        well={f'{REQUESTS}{{door="github",status="202"}}': STEADY.format(600)},
        ill={
            f'{REQUESTS}{{door="github",status="202"}}': STEADY.format(600),
            f'{REQUESTS}{{door="github",status="503"}}': STEADY.format(300),
        },
        labels={},
    ),
    "ReveilleRefusals": Case(
        well={f'{REQUESTS}{{door="github",status="401"}}': STEADY.format(6)},
        ill={f'{REQUESTS}{{door="github",status="401"}}': STEADY.format(600)},
        labels={"door": "github"},
    ),
    "ReveilleBudgetNearlySpent": Case(
        well={
            'reveille_account_left_tokens{tenant="acme",account="tenant"}': LEVEL.format(900),
            'reveille_account_limit_tokens{tenant="acme",account="tenant"}': LEVEL.format(1000),
        },
        ill={
            'reveille_account_left_tokens{tenant="acme",account="tenant"}': LEVEL.format(100),
            'reveille_account_limit_tokens{tenant="acme",account="tenant"}': LEVEL.format(1000),
        },
        labels={"tenant": "acme", "account": "tenant"},
    ),
    "ReveilleAgentSpent": level('reveille_agent_tokens_left{tenant="acme",agent="reviewer"}', 7, 0, agent="reviewer"),
    "ReveilleWorkWaitsForTokens": level('reveille_reservations_waiting{tenant="acme"}', 0, 3, tenant="acme"),
    "ReveilleQueueGrows": Case(
        well={'reveille_runs_queued{tenant="acme"}': "200-1x240"},
        ill={'reveille_runs_queued{tenant="acme"}': "0+2x240"},
        labels={"tenant": "acme"},
    ),
    "ReveilleRunsFail": Case(
        well={
            'reveille_run_seconds_count{outcome="completed"}': STEADY.format(10),
            'reveille_run_seconds_count{outcome="failed"}': STEADY.format(1),
        },
        ill={
            'reveille_run_seconds_count{outcome="completed"}': STEADY.format(2),
            'reveille_run_seconds_count{outcome="failed"}': STEADY.format(6),
        },
        labels={},
    ),
    "ReveilleModelAway": level('reveille_breaker_state{model="m",state="closed",instance="a:1"}', 1, 0, model="m"),
    "ReveilleModelFails": Case(
        well={'reveille_model_call_seconds_count{model="m",outcome="ok"}': STEADY.format(10)},
        ill={
            'reveille_model_call_seconds_count{model="m",outcome="ok"}': STEADY.format(10),
            'reveille_model_call_seconds_count{model="m",outcome="error"}': STEADY.format(10),
        },
        labels={"model": "m"},
    ),
    "ReveilleSpansLost": Case(
        well={f"reveille_spans_dropped_total{ANALYZER}": STEADY.format(1)},
        ill={f"reveille_spans_dropped_total{ANALYZER}": STEADY.format(600)},
        labels={"service": "analyzer"},
    ),
    "ReveilleSilence": Case(
        well={f'{REQUESTS}{{door="github",status="202"}}': "0+2x1900"},
        # For a day two a minute, and then none.
        ill={f'{REQUESTS}{{door="github",status="202"}}': "0+2x1440 2880x460"},
        labels={},
    ),
}
# Until then it has been ill for long enough; the silence begins after a day.
AT: Final = {"ReveilleSilence": "1600m"}


def rules() -> dict[str, dict[str, Any]]:
    read = yaml.safe_load(RULES.read_text())
    return {rule["alert"]: rule for group in read["groups"] for rule in group["rules"]}


def fired(tmp_path: Path, **told: dict[str, str]) -> str:
    """What promtool says against no alert; "" where there is none. told: by alert, its series."""
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": key, "values": values} for key, values in series.items()],
                "alert_rule_test": [{"eval_time": AT.get(name, "60m"), "alertname": name, "exp_alerts": []}],
            }
            for name, series in told.items()
        ],
    }
    path = tmp_path / "tests.yaml"
    path.write_text(yaml.safe_dump(test))
    done = subprocess.run(["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_every_rule_is_tried_out_and_nothing_else() -> None:
    assert set(CASES) == set(rules())


def test_all_are_silent_while_all_is_well(tmp_path: Path) -> None:
    assert fired(tmp_path, **{name: case.well for name, case in CASES.items()}) == ""


@pytest.mark.parametrize("name", CASES)
def test_it_fires_when_something_is_wrong(name: str, tmp_path: Path) -> None:
    """promtool knows no `any alert`: what it has fired stands in what it says against none being expected."""
    said = fired(tmp_path, **{name: CASES[name].ill})
    got = said.partition("got:")[2]
    assert f'alertname="{name}"' in got, said
    for label, value in {**CASES[name].labels, "severity": rules()[name]["labels"]["severity"]}.items():
        assert f'{label}="{value}"' in got
    assert "{{" not in got
    assert "error expanding" not in got


def test_rules_are_such_that_prometheus_takes_them() -> None:
    done = subprocess.run(["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", CASES)
def test_it_asks_of_metrics_and_labels_that_there_are(name: str) -> None:
    known = {one["name"]: set(one["labels"]) for one in yaml.safe_load(REGISTRY.read_text())["metrics"]}
    for metric, selector in _SELECTED.findall(rules()[name]["expr"]):
        base = metric if metric in known else _OF_SERIES.sub("", metric)
        assert base in known, metric
        assert set(_LABEL.findall(selector or "")) <= known[base] | {"le", "instance", "job"}, (metric, selector)


@pytest.mark.parametrize("name", CASES)
def test_it_says_how_bad_it_is_and_has_a_page(name: str) -> None:
    rule = rules()[name]
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    page = ROOT / rule["annotations"]["runbook_url"]
    assert page.is_file(), page
    text = page.read_text()
    assert name in text, "the page does not name the alert"
    assert all(f"## {title}" in text for title in ("What it means", "Look", "Do", "Over when")), page.name


def test_every_runbook_is_of_an_alert() -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert pages - {"docs/runbooks/README.md"} == {rule["annotations"]["runbook_url"] for rule in rules().values()}
