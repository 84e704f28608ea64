"""What a Prometheus on this machine is told, so that it scrapes a stack that runs and knows the alert rules."""

from collections.abc import Sequence
from typing import Any, Final

import yaml

from deploy.native.places import PROJECT
from deploy.native.record import Record

RULES: Final = PROJECT / "deploy" / "telemetry" / "alerts" / "*.yaml"
INTERVAL: Final = "15s"


def configuration(processes: Sequence[Record]) -> str:
    """Of those that have an admin port; an instance is called by its name."""
    targets = [
        {"targets": [one.about["admin"].removeprefix("http://")], "labels": {"instance": one.name}}
        for one in processes
        if "admin" in one.about
    ]
    # A service's own word for which it is goes first.
    job: dict[str, Any] = {"job_name": "reveille-services", "honor_labels": True, "static_configs": targets}
    everything = {
        "global": {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL},
        "rule_files": [str(RULES)],
        "scrape_configs": [job],
    }
    return yaml.safe_dump(everything, sort_keys=False)
