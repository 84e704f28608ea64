"""Which texts of an event are sealed."""

import pytest

from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.agent_runner.v1.events_pb2 import ModelCalled, RunCompleted
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.planner.v1.events_pb2 import Item, Items, StepAdopted, StepCompleted
from reveille.kernel.sealing import MOST_ADDED, holds_sealed, open_sealed, room_for_sealing, seal, sealed_in


def test_each_text_is_found_by_its_path_wherever_it_stands() -> None:
    items = [Items(key="quotes", items=[Item(name="a", value=seal(b"1")), Item(name="b", value=seal(b"2"))])]
    adopted = StepAdopted(completed=StepCompleted(result=seal(b"0"), items=items))
    found = {path: (name, one.data) for path, name, _, one in sealed_in(adopted)}
    assert found == {
        "completed.result": ("reveille.planner.v1.StepCompleted.result", b"0"),
        "completed.items[0].items[0].value": ("reveille.planner.v1.Item.value", b"1"),
        "completed.items[0].items[1].value": ("reveille.planner.v1.Item.value", b"2"),
    }
    assert room_for_sealing(adopted) == 3 * MOST_ADDED


def test_a_type_without_text_is_known_without_a_look() -> None:
    assert holds_sealed(RunCompleted.DESCRIPTOR)
    assert not holds_sealed(ModelCalled.DESCRIPTOR)
    assert list(sealed_in(ModelCalled(model="m"))) == []


def test_what_is_encrypted_is_never_taken_for_plain() -> None:
    with pytest.raises(KeyError, match="no key k1"):
        open_sealed(Sealed(key_id="k1", data=b"\x00"))


def test_every_event_type_can_be_walked() -> None:
    """A map that leads to a sealed text raises: its order is nobody's, and a text is bound to its place."""
    assert sum(holds_sealed(cls.DESCRIPTOR) for cls in EVENT_TYPES.as_mapping().values()) > 20
