"""The description of topics and sockets: valid AsyncAPI, fresh, naming all that is routed, with examples that hold."""

import json
import re
import subprocess
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reveille.cli.catalogue import ROUTES, SERVICES
from reveille.contracts.ingress.v1.live_pb2 import LiveEvent
from reveille.ingress.entrypoints.http.live_messages import read

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/generate_asyncapi.py"
DOCUMENT = ROOT / "docs/asyncapi.yaml"
SCHEMA = Path(__file__).parent / "asyncapi/asyncapi-3.0.0.json"
EVENTS = [field.name.replace("_", "-") for field in LiveEvent.DESCRIPTOR.oneofs_by_name["event"].fields]


@cache
def schema() -> Any:
    return json.loads(SCHEMA.read_text())


@cache
def parsed() -> Any:
    return yaml.safe_load(DOCUMENT.read_text())


def document() -> dict[str, Any]:
    """One's own, to change."""
    told: dict[str, Any] = deepcopy(parsed())
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


def messages() -> dict[str, Any]:
    found: dict[str, Any] = document()["components"]["messages"]
    return found


def examples_of_sockets() -> dict[str, Any]:
    """By the message's key, what it is to be, and what it is by example."""
    names = {name for channel in document()["channels"].values() for name in channel["messages"]}
    return {name: one for name in names if "examples" in (one := messages()[name])}


def schema_of(payload: Any) -> Any:
    """With what its references are to."""
    return {**payload, "components": {"schemas": document()["components"]["schemas"]}}


def test_there_is_an_example_of_every_live_event() -> None:
    assert len(EVENTS) == 11
    for channel, key in (("live-events", "live-event-"), ("live-stream", "stream-event-")):
        told = [name.removeprefix(key) for name in document()["channels"][channel]["messages"] if name.startswith(key)]
        assert sorted(told) == sorted(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_a_live_events_example_has_the_fields_of_its_proto(name: str) -> None:
    (example,) = messages()[f"live-event-{name}"]["examples"]
    event = example["payload"]["event"]
    own = LiveEvent.DESCRIPTOR.fields_by_name[name.replace("-", "_")].message_type
    common = [field for field in LiveEvent.DESCRIPTOR.fields if field.containing_oneof is None]
    assert set(event) == {"type", *(field.json_name for field in (*common, *own.fields))}
    assert (event["type"], event["sequence"]) == (name, example["payload"]["sequence"])
    # An empty one would show nothing of what it is for.
    filled = [field.json_name for field in own.fields if event[field.json_name] not in ("", 0, None, [], False)]
    assert filled


def test_every_example_is_what_its_schema_says() -> None:
    found = examples_of_sockets()
    assert len(found) > 60
    for name, message in found.items():
        for example in message["examples"]:
            wrong = jsonschema.Draft202012Validator(schema_of(message["payload"])).iter_errors(example["payload"])
            assert [f"{name}: {error.json_path}: {error.message}" for error in wrong] == []


def test_an_example_that_lacks_a_field_is_found_out() -> None:
    message = messages()["live-event-agent-start"]
    (example,) = message["examples"]
    del example["payload"]["event"]["runId"]
    wrong = jsonschema.Draft202012Validator(schema_of(message["payload"])).iter_errors(example["payload"])
    assert [error.message for error in wrong] == ["'runId' is a required property"]


def test_the_platform_takes_what_clients_say_by_example() -> None:
    said = [one for name, one in messages().items() if name in asked_of("live-events-asks")]
    assert len(said) == 6
    for message in said:
        read(json.dumps(message["examples"][0]["payload"]))


def asked_of(operation: str) -> set[str]:
    return {one["$ref"].rpartition("/")[2] for one in document()["operations"][operation]["messages"]}


@pytest.mark.parametrize(
    ("page", "operations", "prefix"),
    [
        ("agent-socket.md", ("agent-asks", "agent-answers"), "agent-"),
        ("plans.md", ("party-tells",), "party-"),
        ("live.md", ("live-events-tells", "live-events-asks"), "live-"),
    ],
)
def test_the_pages_name_every_message(page: str, operations: tuple[str, ...], prefix: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    for operation in operations:
        for name in asked_of(operation):
            told = messages()[name]["payload"]["properties"]["type"]["const"]
            assert re.search(rf'["`]{told}["`]', text), f"{page} does not name {told}"
            assert name.startswith(prefix)
    named = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) if prefix == "agent-" else set()
    told_of = {messages()[name]["name"] for operation in operations for name in asked_of(operation)}
    assert named - {"agent", "capacity", "key", "blueprint", "inputs", "facts", "results", "item", "undoes"} <= told_of


def test_the_page_has_every_field_of_every_live_event() -> None:
    rows = dict(re.findall(r"^\| `([a-z]+-[a-z]+)` \| (.*)$", (ROOT / "docs/live.md").read_text(), re.MULTILINE))
    assert sorted(rows) == sorted(EVENTS)
    for name, row in rows.items():
        own = LiveEvent.DESCRIPTOR.fields_by_name[name.replace("-", "_")].message_type
        for field in own.fields:
            assert re.search(rf"\b{field.json_name}\b", row), f"{name} has {field.json_name}"
