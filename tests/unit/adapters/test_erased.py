"""What stands in the place of erased texts."""

import json

import pytest

from reveille.adapters.erased import STAND_INS, WORD
from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import InputContent
from reveille.kernel.sealing import sealed_fields
from reveille.planner.domain import money

EVERY = frozenset().union(*(sealed_fields(cls.DESCRIPTOR) for cls in EVENT_TYPES.as_mapping().values()))


def test_every_sealed_field_of_every_event_has_its_stand_in() -> None:
    assert STAND_INS.keys() == EVERY


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_stand_in_is_read_as_its_readers_read(name: str) -> None:
    told = STAND_INS[name]
    match name.rpartition(".")[2]:
        case "content" if name.endswith("InputAdded.content"):
            assert InputContent.FromString(told).text == WORD
        case "content" if name.endswith("Signal.content"):
            assert SignalContent.FromString(told).summary == WORD
        case "facts" | "parameters" | "arguments" | "headers" | "item" | "value" | "plan":
            assert isinstance(json.loads(told), dict)
        case "unknown_tags" | "unclassified" | "recommendations" | "reasons":
            assert isinstance(json.loads(told), list)
        case "result" | "content":
            assert WORD in str(json.loads(told))
        case _:
            assert told.decode() == WORD


def test_the_stand_in_of_a_plan_has_the_form_of_a_plan() -> None:
    plan = json.loads(STAND_INS["reveille.planner.v1.PlanUpdated.plan"])
    assert plan["budget_summary"] == money.summary(None)
