"""What the platform says about its own health, over HTTP."""

from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, Meta, new_event
from reveille.kernel.ids import UuidV7Ids
from tests.integration.ingress.conftest import House, Open

OTHERS = {"analyzer", "planner", "budget", "agent-runner"}


async def told(house: House) -> set[tuple[str, str, str]]:
    answer = await house.client.get("/api/v1/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == ("degraded" if body["items"] else "ok")
    return {(one["service"], one["code"], one["command"]) for one in body["items"]}


async def test_services_that_do_not_answer_are_named_with_what_to_do(house: House) -> None:
    body = (await house.client.get("/api/v1/health")).json()
    assert body["services"] == {"ingress": "serving", **dict.fromkeys(OTHERS, "unreachable")}
    assert await told(house) == {(name, "service_away", f"reveille serve {name}") for name in OTHERS}


async def test_a_tenant_without_agents_is_told_how_to_get_some(house: House) -> None:
    in_force = house.ingress.fleets.in_force(house.ingress.settings.tenant).fleet
    assert in_force.agents
    house.ingress.fleets._in_force.clear()
    assert ("platform", "fleet_missing", "reveille fleet apply fleet.yaml") in await told(house)


async def test_dead_letters_are_a_thing_to_do_until_somebody_has_decided(open_house: Open) -> None:
    house = await open_house()
    letter = MessageParked(
        service="planner", event_id="0" * 8 + "-0000-0000-0000-" + "0" * 12, event=EventRef(stream="default.x")
    )
    ours, theirs = (
        Append(f"{tenant}.deadletter-planner-0", NO_STREAM, [new_event(UuidV7Ids().new(), letter, Meta(1, About("c")))])
        for tenant in ("default", "other")
    )
    await house.store.append([ours, theirs])
    await house.caught_up()
    answer = (await house.client.get("/api/v1/health")).json()
    letters = [one for one in answer["items"] if one["code"] == "dead_letters"]
    assert [(one["text"], one["command"]) for one in letters] == [
        ("1 message is parked that planner cannot handle", "reveille deadletters")
    ]
    text = (await house.client.get("/metrics", headers={"accept": "text/plain"})).text
    assert 'reveille_dead_letters_open{service="ingress",tenant="default",inbox="planner"} 1' in text
    assert 'tenant="other"' not in text
