"""What a request about a plan says: read whole, so that one answer names all that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import Autopilot, Blueprint
from reveille.ingress.domain.payload import object_of
from reveille.ingress.domain.plan_fields import INPUT, MAX_NAME, Fields, WantedInput

MAX_REASON: Final = 2_000
_FORKING: Final = ("at", "inputs", "execution_id", "conversation_id", "autopilot")
_OPENING: Final = ("blueprint", "inputs", "prompt", "conversation_id", "parameters", "execution_id", "autopilot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """execution_id: "" where the sender leaves it to us. parameters: facts, given outright.

    autopilot: unspecified where it is to be the blueprint's.
    """

    blueprint: str
    inputs: tuple[WantedInput, ...] = ()
    execution_id: str = ""
    conversation_id: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    autopilot: Autopilot = Autopilot.AUTOPILOT_UNSPECIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    add: tuple[WantedInput, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """at: a sequence number of the execution's timeline; 0 is as it stands now.

    autopilot: unspecified where it is to be that execution's.
    """

    at: int = 0
    inputs: tuple[WantedInput, ...] = ()
    execution_id: str = ""
    conversation_id: str = ""
    autopilot: Autopilot = Autopilot.AUTOPILOT_UNSPECIFIED


def opening_of(document: object) -> Opening:
    body = object_of(document)
    fields = Fields()
    fields.check_keys(body, _OPENING)
    prompt = [WantedInput(text=fields.content(body["prompt"], "prompt"))] if body.get("prompt") is not None else []
    opening = Opening(
        blueprint=fields.required_line(body, "blueprint"),
        inputs=(*prompt, *fields.inputs(body.get("inputs"), "inputs")),
        execution_id=fields.execution_id(body, "execution_id"),
        conversation_id=fields.id(body.get("conversation_id"), "conversation_id"),
        parameters=fields.parameters(body.get("parameters")),
        autopilot=fields.autopilot(body.get("autopilot")),
    )
    fields.check_count(len(opening.inputs), "inputs")
    fields.end()
    return opening


def party_of(document: object, blueprint: str) -> Opening:
    body = object_of(document)
    fields = Fields()
    fields.check_keys(body, ("party_id", "inputs"))
    if body.get("inputs") is None:
        fields.add("inputs", "it is missing, expected a list of inputs")
    opening = Opening(
        blueprint=blueprint,
        inputs=fields.inputs(body.get("inputs"), "inputs"),
        execution_id=fields.execution_id(body, "party_id"),
    )
    fields.check_count(len(opening.inputs), "inputs")
    fields.end()
    return opening


def party_input_of(document: object) -> tuple[str, Changes]:
    """The party's id, and the one input that it gets."""
    body = object_of(document)
    fields = Fields()
    fields.check_keys(body, ("party_id", *INPUT))
    party_id = fields.required_line(body, "party_id")
    wanted = fields.input({key: value for key, value in body.items() if key != "party_id"}, "")
    fields.end()
    return party_id, Changes(add=(wanted,))


def added_of(document: object) -> Changes:
    """One input, or several as `{"inputs": [...]}`."""
    body = object_of(document)
    if "inputs" not in body:
        fields = Fields()
        wanted = fields.input(body, "")
        fields.end()
        return Changes(add=(wanted,))
    fields = Fields()
    fields.check_keys(body, ("inputs",))
    add = fields.inputs(body["inputs"], "inputs")
    fields.check_some(len(add), "inputs", "expected one input or more")
    fields.check_count(len(add), "inputs")
    fields.end()
    return Changes(add=add)


def changes_of(document: object) -> Changes:
    body = object_of(document)
    fields = Fields()
    fields.check_keys(body, ("add", "remove"))
    add = fields.inputs(body.get("add"), "add")
    remove = fields.ids(body.get("remove"), "remove")
    fields.check_some(len(add) + len(remove), "add", "expected an input to add, or one to remove")
    fields.check_count(len(add) + len(remove), "add")
    going = set(remove)
    for place, one in enumerate(add):
        if one.input_id and one.input_id in going:
            fields.add(f"add[{place}].input_id", "it is removed by the same request, expected another id")
    fields.end()
    return Changes(add=add, remove=remove)


def reason_of(document: object) -> str:
    body = object_of(document)
    fields = Fields()
    fields.check_keys(body, ("reason",))
    reason = fields.text(body.get("reason"), "reason", limit=MAX_REASON) if body.get("reason") is not None else ""
    fields.end()
    return reason


def fork_of(document: object) -> Fork:
    body = object_of(document)
    fields = Fields()
    fields.check_keys(body, _FORKING)
    at = body.get("at")
    if at is not None and (not isinstance(at, int) or isinstance(at, bool) or not 0 < at < 1 << 63):
        fields.add("at", "expected a sequence number of the execution's timeline, from 1")
        at = None
    fork = Fork(
        at=at or 0,
        inputs=fields.inputs(body.get("inputs"), "inputs"),
        execution_id=fields.execution_id(body, "execution_id"),
        conversation_id=fields.id(body.get("conversation_id"), "conversation_id"),
        autopilot=fields.autopilot(body.get("autopilot")),
    )
    fields.check_count(len(fork.inputs), "inputs")
    fields.end()
    return fork


def check_parameters(parameters: Mapping[str, Any], blueprint: Blueprint) -> None:
    """Raises Invalid for what is no fact of the blueprint."""
    known = ", ".join(blueprint.facts) or "none"
    fields = Fields()
    for name in parameters:
        if name not in blueprint.facts:
            told = f"it is no fact of blueprint {blueprint.name}, expected one of its facts: {known}"
            fields.add(f"parameters.{name[:MAX_NAME]}", told)
    fields.end()
