"""Dead letters over HTTP: which there are, what they say, and who may decide about them."""

from typing import Any

import pytest

from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import (
    DeadLetterDropped,
    DeadLetterRetried,
    EventRef,
    MessageParked,
    Sealed,
)
from reveille.contracts.planner.v1.events_pb2 import StepFailed
from reveille.kernel.ids import text
from reveille.kernel.sealing import seal, seal_json
from tests.integration.ingress.conftest import House, Open
from tests.integration.ingress.test_history import tell

FAILED = StepFailed(execution_id="w", step="work", attempt=2, error=seal(b"it broke"))
OF_PLANNER, OF_BUDGET = "t.deadletter-planner-3", "t.deadletter-budget-0"


async def park(house: House, stream: str, service: str, **parked: Any) -> str:
    """The id of the dead letter."""
    letter = MessageParked(service=service, partition=3, error="it cannot be", attempts=1, **parked)
    position = await tell(house, (stream, letter))
    (event,) = await house.store.read_at([position])
    await house.caught_up()
    return text(event.id)


async def park_event(house: House) -> str:
    """Of an event that the log has."""
    (event,) = await house.store.read_at([await tell(house, ("t.execution-w", FAILED))])
    return await park(
        house,
        OF_PLANNER,
        "planner",
        event_id=text(event.id),
        event_type=event.type,
        event=EventRef(stream=event.stream, revision=event.revision),
        position=event.position,
    )


async def get(house: House, path: str = "", **query: Any) -> Any:
    answer = await house.client.get(f"/api/v1/deadletters{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_dead_letter_is_shown_with_the_event_that_could_not_be_handled(house: House) -> None:
    id = await park_event(house)
    (item,) = (await get(house))["items"]
    assert (item["id"], item["service"], item["status"], item["error"]) == (id, "planner", "parked", "it cannot be")
    assert (item["partition"], item["attempts"], item["closed_at"], item["reason"]) == (3, 1, None, None)
    whole = await get(house, f"/{id}")
    assert {name: whole[name] for name in item} == item
    event = whole["event"]
    assert (event["stream"], event["revision"], event["in_log"]) == ("default.execution-w", 0, True)
    assert (event["data"]["step"], event["data"]["error"], event["base64"]) == ("work", "it broke", None)
    assert whole["headers"] == {}


async def test_a_record_that_is_not_in_the_log_is_shown_as_it_was_kept(house: House) -> None:
    headers = seal_json({"ce_type": "x.y.Z", "their": "own"})
    known = await park(
        house,
        OF_BUDGET,
        "budget",
        event_type=TriggerFired.DESCRIPTOR.full_name,
        record=Sealed(data=TriggerFired(agent="a").SerializeToString()),
    )
    unknown = await park(
        house, OF_BUDGET, "budget", event_type="x.y.Z", record=Sealed(data=b"\xff\x00"), headers=headers
    )
    found = await get(house, f"/{known}")
    assert (found["event"]["in_log"], found["event"]["data"]["agent"]) == (False, "a")
    found = await get(house, f"/{unknown}")
    assert (found["event"]["data"], found["event"]["base64"]) == (None, "/wA=")
    assert found["headers"] == {"ce_type": "x.y.Z", "their": "own"}


async def test_dead_letters_are_found_by_what_they_are(house: House) -> None:
    first = await park_event(house)
    second = await park(house, OF_BUDGET, "budget", event_type="x.y.Z")
    third = await park(house, OF_BUDGET, "budget", event_type="x.y.Z")
    await tell(house, (OF_PLANNER, DeadLetterRetried(service="planner", parked=ref(OF_PLANNER, 0))))
    dropped = DeadLetterDropped(service="budget", parked=ref(OF_BUDGET, 1), reason=seal(b"not ours"))
    await tell(house, (OF_BUDGET, dropped))
    await house.caught_up()

    async def ids(**query: Any) -> list[str]:
        return [one["id"] for one in (await get(house, **query))["items"]]

    assert await ids() == [third, second, first]
    assert await ids(status="parked") == [second]
    assert await ids(status="retried") == [first]
    assert await ids(status="dropped", service="budget", type="x.y.Z") == [third]
    assert await ids(service="analyzer") == []
    page = await get(house, limit=2)
    assert await ids(cursor=page["next"]) == [first]
    closed = await get(house, f"/{third}")
    assert (closed["status"], closed["reason"], closed["closed_at"] is not None) == ("dropped", "not ours", True)


def ref(stream: str, revision: int) -> EventRef:
    return EventRef(stream=stream.replace("t.", "default.", 1), revision=revision)


async def test_what_is_wrong_is_named(house: House) -> None:
    id = await park_event(house)
    for path in ("/nobody", "/00000000-0000-7000-8000-000000000000", "/nobody/retry", "/nobody/drop"):
        method = house.client.post if path.endswith(("retry", "drop")) else house.client.get
        assert (await method(f"/api/v1/deadletters{path}")).status_code == 404
    for query in ({"status": "open"}, {"service": "ingress"}, {"limit": 0}):
        assert (await house.client.get("/api/v1/deadletters", params=query)).status_code == 422
    drop = f"/api/v1/deadletters/{id}/drop"
    assert (await house.client.post(drop, json={"reason": 7})).status_code == 422
    assert (await house.client.post(drop, content=b"reason", headers={"content-type": "text/plain"})).status_code == 415
    assert (await house.client.post(drop, json=[])).status_code == 400


async def test_a_service_that_is_away_is_told_and_the_letter_stays(house: House) -> None:
    id = await park_event(house)
    answer = await house.client.post(f"/api/v1/deadletters/{id}/retry")
    assert (answer.status_code, answer.json()["detail"]) == (503, "planner cannot answer now")
    assert (await get(house, f"/{id}"))["status"] == "parked"


async def test_what_is_closed_is_not_closed_again(house: House) -> None:
    id = await park_event(house)
    await tell(house, (OF_PLANNER, DeadLetterRetried(service="planner", parked=ref(OF_PLANNER, 0))))
    await house.caught_up()
    for what in ("retry", "drop"):
        answer = await house.client.post(f"/api/v1/deadletters/{id}/{what}")
        assert (answer.status_code, answer.json()["detail"]) == (409, f"dead letter {id} was retried before")


@pytest.mark.parametrize("what", ["retry", "drop"])
async def test_off_loopback_only_who_has_the_token_decides(open_house: Open, what: str) -> None:
    opened = await open_house(host="0.0.0.0", fleet_tokens=(b"secret",))
    path = f"/api/v1/deadletters/{await park_event(opened)}/{what}"
    assert (await opened.client.post(path)).status_code == 401
    assert (await opened.client.post(path, headers={"authorization": "Bearer wrong"})).status_code == 401
    # It is let in: what it wants to ask is away.
    assert (await opened.client.post(path, headers={"authorization": "Bearer secret"})).status_code == 503
