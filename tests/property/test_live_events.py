"""Whatever stands in a log's events, each live event of it can be told, and is JSON on one line."""

import json
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from reveille.contracts.agent_runner.v1 import events_pb2 as runs
from reveille.contracts.planner.v1 import events_pb2 as plans
from reveille.ingress.domain.live.fold import Fold
from reveille.ingress.domain.live.moments import TYPES
from reveille.ingress.domain.live.telling import Found, told
from reveille.ingress.domain.live.wire import wire
from reveille.kernel.events import About, Meta, Recorded, new_event
from tests.unit.manual_clock import NOON

OF_PLANS = [
    plans.ExecutionStarted,
    plans.StepReady,
    plans.StepReady,
    plans.StepCompleted,
    plans.StepFailed,
    plans.StepAdopted,
    plans.StepInvalidated,
    plans.StepRestored,
    plans.DepartmentStarted,
    plans.DepartmentCompleted,
    plans.QualityChecked,
    plans.WorkReviewed,
    plans.PlanUpdated,
    plans.ExecutionCompleted,
    plans.ExecutionFailed,
    plans.ExecutionCancelled,
]
OF_RUNS = [
    runs.RunStarted,
    runs.AgentThinking,
    runs.ToolCalled,
    runs.ToolReturned,
    runs.RunCompleted,
    runs.RunFailed,
]
NAMES = ["", "r", "s", "undo:s", "classify:1", "\x00", "é" * 9_000]
CONTENTS = [
    b"",
    b"{}",
    b'["a"]',
    b'{"a":\n1}',
    b"NaN",
    b"\xff\xfe",
    b'"\\ud800"',
    b'["\\ud800"]',
    b"x" * 9_000,
    b"[" * 2_000,
]
NUMBERS = [0, 1, -1, 99, (1 << 31) - 1, -(1 << 31)]
FLOATS = [0.0, 0.5, float("nan"), float("inf")]
TIMES = [NOON, NOON, NOON + 5, 0, -1, (1 << 63) - 1]
TRACES = ["", "00-a-b-01", "-", "--"]


def anything(random: Random, cls: type[Message], depth: int = 0) -> Message:
    """A message of this type with whatever its fields may hold."""
    message = cls()
    for field in cls.DESCRIPTOR.fields:
        if random.random() < 0.3 or depth > 3:
            continue
        many = field.label == FieldDescriptor.LABEL_REPEATED
        if field.type != FieldDescriptor.TYPE_MESSAGE:
            value = _scalar(random, field)
            if many:
                getattr(message, field.name).extend([value, value])
            elif value is not None:
                setattr(message, field.name, value)
        elif not field.message_type.GetOptions().map_entry:
            one = anything(random, field.message_type._concrete_class, depth + 1)
            if many:
                getattr(message, field.name).add().CopyFrom(one)
            else:
                getattr(message, field.name).CopyFrom(one)
    return message


def _scalar(random: Random, field: FieldDescriptor) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            return random.choice(CONTENTS if field.type == FieldDescriptor.TYPE_BYTES else NAMES)
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return random.choice(FLOATS)
        case FieldDescriptor.CPPTYPE_BOOL:
            return random.random() < 0.5
        case FieldDescriptor.CPPTYPE_INT64:
            return random.choice([*NUMBERS, (1 << 63) - 1, -(1 << 63)])
        case FieldDescriptor.CPPTYPE_UINT32 | FieldDescriptor.CPPTYPE_UINT64:
            return random.choice([0, 1])
    return random.choice(NUMBERS)


def log_of(random: Random, count: int) -> list[Recorded]:
    found = []
    for number in range(count):
        of_run = random.random() < 0.5
        message = anything(random, random.choice(OF_RUNS if of_run else OF_PLANS))
        stream = random.choice(["t.run-r", "t.run-s"]) if of_run else "t.execution-e"
        meta = Meta(random.choice(TIMES), About("c", random.choice(TRACES)))
        new = new_event(number.to_bytes(16, "big"), message, meta)
        found.append(Recorded(new.id, new.type, new.data, meta, message, number + 1, stream, number))
    return found


@given(st.integers(0, 1 << 32))
def test_no_event_is_too_odd_to_be_told(seed: int) -> None:
    random = Random(seed)
    events, fold = log_of(random, 40), Fold("e")
    by_position = {event.position: event for event in events}
    for event in events:
        moment = fold.take(event)
        if moment is None:
            continue
        found = Found(beside=by_position, opening=events, blob=random.choice([None, *CONTENTS]))
        live = told("e", moment, event, found)
        for whole in (False, True):
            text = wire(live, whole=whole)
            assert "\n" not in text
            assert "\r" not in text
            shown = json.loads(text)
            assert (shown["sequence"], shown["type"]) == (moment.sequence, moment.type)
            assert shown["type"] in TYPES
    assert 0 <= fold.last <= len(events)
    json.dumps(dict(fold.figures.shown()))
