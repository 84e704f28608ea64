"""The topics' description: valid AsyncAPI, fresh, and naming all that is routed."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reveille.cli.catalogue import ROUTES, SERVICES

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/generate_asyncapi.py"
DOCUMENT = ROOT / "docs/asyncapi.yaml"
SCHEMA = Path(__file__).parent / "asyncapi/asyncapi-3.0.0.json"


@cache
def schema() -> Any:
    return json.loads(SCHEMA.read_text())


def document() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return told


def mistakes(told: dict[str, Any]) -> list[str]:
    validator = jsonschema.validators.validator_for(schema())
    return [error.json_path for error in validator(schema()).iter_errors(told)]


def test_it_is_valid_asyncapi() -> None:
    assert mistakes(document()) == []


@pytest.mark.parametrize("path", ["info", "channels", "operations"])
def test_what_is_no_asyncapi_is_found_out(path: str) -> None:
    told = document()
    told[path] = 7
    assert mistakes(told) != []


def test_it_is_what_the_routing_tables_and_the_protos_say() -> None:
    command = [sys.executable, str(SCRIPT), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_a_stale_file_is_found_out(tmp_path: Path) -> None:
    stale = tmp_path / "asyncapi.yaml"
    stale.write_text(DOCUMENT.read_text().replace("SignalReceived", "SignalRecieved"))
    command = [sys.executable, str(SCRIPT), "--check", str(stale)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert (checked.returncode, "make asyncapi" in checked.stderr) == (1, True)


def test_every_route_leads_to_a_channel() -> None:
    channels = document()["channels"]
    for type_name, services in ROUTES.items():
        name = type_name.rpartition(".")[2]
        for service in services:
            assert name in channels[f"{service}-inbox"]["messages"]
    assert {f"{service}-events" for service in SERVICES} <= set(channels)


def test_every_reference_leads_somewhere() -> None:
    told = document()
    references = re.findall(r"#/[\w/-]+", DOCUMENT.read_text())
    assert len(references) > 50
    for reference in references:
        place: Any = told
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
