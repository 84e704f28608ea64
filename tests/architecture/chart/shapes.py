"""Whether an object has the shape that Kubernetes, or who has brought its kind to the cluster, asks for."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import kubernetes_validate

from tests.architecture.chart.rendering import KUBERNETES, Object

CRDS: Final = Path(__file__).with_name("crds")


def misshapen(one: Object) -> Iterator[str]:
    where = f"{one['kind']}/{one['metadata']['name']}"
    if (CRDS / f"{one['kind']}.json").exists():
        yield from _of_custom(where, one)
        return
    try:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{where}: {'.'.join(map(str, error.path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        yield f"{where}: {error.message}"


def _of_custom(where: str, one: Object) -> Iterator[str]:
    known = _custom(one["kind"])
    version = f"{known['group']}/{known['version']}"
    if one["apiVersion"] != version:
        yield f"{where}: {one['apiVersion']}, expected {version}"
    validator = jsonschema.Draft202012Validator(known["schema"])
    for error in validator.iter_errors(one):
        yield f"{where}: {'.'.join(map(str, error.path))}: {error.message}"
    # The pod in a Rollout is a pod like any other.
    if one["kind"] == "Rollout":
        pod = {"apiVersion": "v1", "kind": "Pod", **one["spec"]["template"]}
        pod["metadata"] = {"name": one["metadata"]["name"], **pod["metadata"]}
        yield from misshapen(pod)


@cache
def _custom(kind: str) -> Any:
    known = json.loads((CRDS / f"{kind}.json").read_text())
    return {**known, "schema": _closed(known["schema"])}


def _closed(schema: Any) -> Any:
    """A cluster drops the fields that a schema does not name, without a word; here they are mistakes."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(one) for name, one in schema.items()}
    open_ended = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not open_ended:
        found["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        found = {name: one for name, one in found.items() if name not in ("anyOf", "type", "pattern")}
        found["type"] = ["integer", "string"]
    return found
