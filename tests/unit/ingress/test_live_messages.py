"""What clients of live events say: what is meant, or one line that says what was expected."""

import json
from typing import Any

import pytest

from reveille.ingress.application.live import LiveEntry
from reveille.ingress.entrypoints.http.live_messages import (
    MAX_SAID,
    TYPES,
    Ping,
    Pong,
    Subscribe,
    Target,
    Unsubscribe,
    Wanted,
    Wrong,
    event_message,
    message,
    read,
)

EXECUTION = Target(execution_id="e")


def said(type: str, **fields: Any) -> Any:
    return read(json.dumps({"type": type, **fields}))


def entry(**fields: Any) -> LiveEntry:
    whole = {"type": "agent-start", "agent": "scout", "department": "", "status": "", "text": '{"a":1}', **fields}
    return LiveEntry(execution_id="e", sequence=7, position=70, at=1, **whole)


def test_what_can_be_said_is_understood() -> None:
    assert said("ping") == Ping()
    assert said("ping", ref=3) == Ping(3)
    assert said("pong") == Pong()
    assert said("unsubscribe", executionId="e", ref="r") == Unsubscribe(EXECUTION, "r")
    assert said("subscribe", executionId="e") == Subscribe(target=EXECUTION)
    assert said("subscribe", executionId="e", after=0, ref=1.5) == Subscribe(target=EXECUTION, after=0, ref=1.5)
    assert said("subscribe", topic="overview") == Subscribe(target=Target(topic="overview"))


def test_what_is_null_was_not_said() -> None:
    asked = said("subscribe", executionId="e", conversationId=None, after=None, types=None, replay=None, ref=None)
    assert asked == Subscribe(target=EXECUTION)


def test_an_execution_beside_its_conversation_is_what_is_subscribed() -> None:
    asked = said("subscribe", executionId="e", conversationId="c", after=3)
    assert asked == Subscribe(target=EXECUTION, after=3, within="c")


def test_a_conversation_goes_on_by_the_sequences_of_its_executions() -> None:
    conversation = Target(conversation_id="c")
    assert said("subscribe", conversationId="c", after=0) == Subscribe(target=conversation, after=0, within="c")
    asked = said("subscribe", conversationId="c", after={"e": 4, "f": 0})
    assert asked == Subscribe(target=conversation, by_execution={"e": 4, "f": 0}, within="c")


def test_eleven_types_can_be_asked_for() -> None:
    assert len(TYPES) == 11
    asked = said("subscribe", executionId="e", types=list(TYPES), agents=["scout"], departments=["story"])
    assert asked.wanted == Wanted(frozenset(TYPES), frozenset({"scout"}), frozenset({"story"}))


@pytest.mark.parametrize(
    ("wish", "taken"), [({}, True), ({"types": ["agent-start"]}, True), ({"agents": ["x"]}, False)]
)
def test_filters_take_what_all_of_them_name(wish: dict[str, list[str]], taken: bool) -> None:
    asked = said("subscribe", executionId="e", **wish)
    assert asked.wanted.takes(entry()) is taken
    assert not said("subscribe", executionId="e", **wish, departments=["story"]).wanted.takes(entry())


@pytest.mark.parametrize("speed", [0, 1, 2.5, 1000])
def test_a_replay_has_a_speed(speed: float) -> None:
    assert said("subscribe", executionId="e", replay={"speed": speed}).speed == speed
    assert said("subscribe", executionId="e", replay={}).speed == 1


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (None, "not_a_text", "messages are texts, expected JSON"),
        ("x" * (MAX_SAID + 1), "too_large", f"a message has more than {MAX_SAID} bytes"),
        ("ä" * (MAX_SAID // 2 + 1), "too_large", f"a message has more than {MAX_SAID} bytes"),
        ("{", "malformed_json", "the message is no JSON"),
        ('{"type":"ping","type":"ping"}', "malformed_json", "an object has a key twice"),
        ('{"type":"ping","ref":NaN}', "malformed_json", "the message is no JSON"),
        ("[" * 5000 + "]" * 5000, "malformed_json", "the message is no JSON"),
        ('{"a":' * 100 + "1" + "}" * 100, "malformed_json", "nested deeper than 64 levels"),
        ('{"type":"ping","ref":123456789012345678901234567890}', "malformed_json", "more than 64 bits"),
        ('"ping"', "not_an_object", "the message is no JSON object"),
        ("null", "not_an_object", "the message is no JSON object"),
        ("{}", "unknown_type", "type is null, expected subscribe, unsubscribe or ping"),
        ('{"type":"Ping"}', "unknown_type", 'type is "Ping"'),
        ('{"type":["ping"]}', "unknown_type", 'type is ["ping"]'),
        ('{"type":"subscribe"}', "invalid_message", "nothing is named"),
        ('{"type":"unsubscribe"}', "invalid_message", "nothing is named"),
        ('{"type":"subscribe","executionId":""}', "invalid_message", 'executionId: it is ""'),
        ('{"type":"subscribe","executionId":7}', "invalid_message", "executionId: it is 7"),
        ('{"type":"subscribe","executionId":"e","after":-1}', "invalid_message", "after: it is -1"),
        ('{"type":"subscribe","executionId":"e","after":true}', "invalid_message", "after: it is true"),
        ('{"type":"subscribe","executionId":"e","after":{"e":1}}', "invalid_message", 'after: it is {"e":1}'),
        ('{"type":"subscribe","conversationId":"c","after":3}', "invalid_message", "after: it is 3, expected 0"),
        ('{"type":"subscribe","conversationId":"c","after":{"e":"x"}}', "invalid_message", 'after.e: it is "x"'),
        ('{"type":"subscribe","conversationId":"c","replay":{}}', "invalid_message", "replay: a conversation has none"),
        ('{"type":"subscribe","executionId":"e","types":["agent"]}', "invalid_message", 'types: it has "agent"'),
        ('{"type":"subscribe","executionId":"e","types":"agent-start"}', "invalid_message", "types: it is"),
        ('{"type":"subscribe","executionId":"e","agents":[1]}', "invalid_message", "agents: it is 1"),
        ('{"type":"subscribe","executionId":"e","replay":{"speed":0.5}}', "invalid_message", "replay: it is"),
        ('{"type":"subscribe","executionId":"e","replay":{"speed":1001}}', "invalid_message", "replay: it is"),
        ('{"type":"subscribe","executionId":"e","replay":true}', "invalid_message", "replay: it is true"),
        ('{"type":"subscribe","topic":"executions"}', "invalid_message", 'topic: it is "executions"'),
        ('{"type":"subscribe","topic":"overview","executionId":"e"}', "invalid_message", "topic: it stands beside"),
        ('{"type":"subscribe","topic":"overview","after":0}', "invalid_message", "after: topic overview takes none"),
        ('{"type":"ping","ref":true}', "invalid_message", "ref: it is true"),
        ('{"type":"ping","ref":{"a":1}}', "invalid_message", 'ref: it is {"a":1}'),
        (f'{{"type":"ping","ref":"{"r" * 101}"}}', "invalid_message", "ref: it is"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(text: str | None, code: str, told: str) -> None:
    with pytest.raises(Wrong) as wrong:
        read(text)
    assert wrong.value.code == code
    assert told in str(wrong.value)
    assert len(str(wrong.value)) < 500
    assert "\n" not in str(wrong.value)


def test_what_is_wrong_is_said_with_its_ref() -> None:
    with pytest.raises(Wrong) as wrong:
        said("subscribe", executionId="e", types=["no"], ref="mine")
    assert wrong.value.ref == "mine"


def test_fields_that_are_not_there_are_left_out() -> None:
    assert message("pong") == '{"type":"pong"}'
    assert json.loads(message("subscribed", executionId="e", sequence=0, ref=0)) == {
        "type": "subscribed",
        "executionId": "e",
        "sequence": 0,
        "ref": 0,
    }


def test_an_event_stands_in_its_message_as_it_is() -> None:
    plain = {"type": "event", "executionId": "e", "sequence": 7, "event": {"a": 1}}
    assert json.loads(event_message(entry())) == plain
    assert json.loads(event_message(entry(), replay=True)) == {**plain, "replay": True}
    assert json.loads(event_message(entry(), conversation_id='c"')) == {**plain, "conversationId": 'c"'}
