"""Events as people read them: what is sealed is opened, wherever it stands, as what it is."""

from google.protobuf.message import Message

from reveille.contracts.analyzer.v1.events_pb2 import Cancellation, InputsAnalyzed
from reveille.contracts.common.v1.common_pb2 import MessageParked, Money, Sealed
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputContent
from reveille.contracts.planner.v1.events_pb2 import (
    Item,
    Items,
    MoneyPlanned,
    StepAdopted,
    StepCompleted,
    StepFailed,
    StepReady,
)
from reveille.ingress.entrypoints.http.opened import opened
from reveille.kernel.sealing import seal, seal_json


def test_what_is_json_is_json() -> None:
    told = opened(StepReady(facts=seal_json({"guests": 75}), item=seal_json(["a", 1])))
    assert (told["facts"], told["item"]) == ({"guests": 75}, ["a", 1])


def test_what_is_text_is_text_even_where_it_looks_like_json() -> None:
    assert opened(StepFailed(error=seal(b"42")))["error"] == "42"
    assert opened(InputsAnalyzed(cancellation=Cancellation(reason=seal(b"null"))))["cancellation"]["reason"] == "null"


def test_an_input_is_told_with_its_fields() -> None:
    content = InputContent(text="jungle", tags=["theme"], added_by="ada")
    told = opened(InputAdded(input_id="i", content=seal(content.SerializeToString())))
    assert told["content"] == {"text": "jungle", "source_type": "", "tags": ["theme"], "added_by": "ada"}


def test_what_is_sealed_deep_inside_is_opened_too() -> None:
    item = Item(name="a", value=seal_json({"name": "a"}))
    completed = StepCompleted(step="theme", result=seal_json({"n": 1}), items=[Items(key="list", items=[item])])
    told = opened(StepAdopted(completed=completed))["completed"]
    assert (told["result"], told["items"][0]["items"][0]["value"]) == ({"n": 1}, {"name": "a"})


def test_maps_of_messages_stay_what_they_are() -> None:
    told = opened(MoneyPlanned(by_step={"venue": Money(min=1, max=2)}))
    assert told["by_step"] == {"venue": {"min": 1, "max": 2}}


def test_what_is_not_what_it_should_be_is_shown_all_the_same() -> None:
    shown: list[tuple[Message, str, object]] = [
        (StepReady(facts=seal(b"no json")), "facts", "no json"),
        (StepReady(facts=seal(b"")), "facts", None),
        (InputAdded(content=seal(b"\xff\xff")), "content", "//8="),
        (MessageParked(record=seal(b"\xff\x00")), "record", "/wA="),
    ]
    for message, field, expected in shown:
        assert opened(message)[field] == expected


def test_what_is_sealed_by_a_key_that_is_not_here_says_so() -> None:
    assert opened(StepFailed(error=Sealed(key_id="k-7", data=b"x")))["error"] == {"sealed": "k-7"}


def test_what_is_not_set_is_nothing() -> None:
    assert opened(StepReady())["facts"] is None
