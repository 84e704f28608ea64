"""A pull request names no files: its provider is asked, and what it told is decided on."""

import asyncio
from contextlib import ExitStack
from typing import Any

from reveille.contracts.ingress.v1.events_pb2 import Limits
from reveille.ingress.adapters.sql.enriching import open_before
from reveille.ingress.domain.fleet import WantedFleet
from reveille.kernel.events import Recorded
from reveille.kernel.signals import content_of
from tests.integration.ingress.conftest import SECRET, House, Open
from tests.integration.ingress.provider_api import Said, provider_api

FOUND = Said(document=[{"filename": "src/new.py", "previous_filename": "src/old.py"}, {"filename": "README.md"}])


async def receive(house: House, *, delivery: str = "d-1", **changed: Any) -> dict[str, Any]:
    body = house.pull_request(**changed)
    answer = await house.client.post("/webhooks/github", content=body, headers=house.signed(body, delivery=delivery))
    assert answer.status_code in (200, 202), answer.text
    told: dict[str, Any] = answer.json()
    return told


async def enriched(house: House, count: int = 1) -> list[Recorded]:
    """As soon as there are so many."""
    async with asyncio.timeout(90):
        while True:
            head = await house.store.head()
            if len(events := await house.events("SignalEnriched")) >= count:
                return events
            await house.store.wait(head)


async def shown(house: House, receipt: dict[str, Any]) -> Any:
    await house.caught_up()
    return (await house.client.get(f"/api/v1/signals/{receipt['signal_id']}")).json()


async def test_the_files_that_the_provider_names_are_the_signals(open_house: Open) -> None:
    with provider_api(lambda *_: FOUND) as api:
        house = await open_house(github_secrets=(SECRET,), github_api=api.url)
        receipt = await receive(house)
        (event,) = await enriched(house)
        (received,) = await house.events("SignalReceived")
        assert received.msg.signal.enriching is True  # type: ignore[union-attr]
        told: Any = event.msg
        assert (told.signal.enriching, told.detail, told.signal.id) == (False, "", receipt["signal_id"])
        assert list(content_of(told.signal).paths) == ["README.md", "src/new.py", "src/old.py"]
        assert content_of(told.signal).payload == content_of(received.msg.signal).payload  # type: ignore[union-attr]
        assert event.meta.origin.cause == received.id
        assert event.meta.about == received.meta.about
        assert event.stream == received.stream
        view = await shown(house, receipt)
        assert (view["paths"], view["enrichment"]) == (["README.md", "src/new.py", "src/old.py"], "")
        assert api.paths == ["/repos/acme/app/pulls/7/files?per_page=100&page=1"]


async def test_what_the_provider_does_not_tell_stays_unknown_and_says_why(open_house: Open) -> None:
    with provider_api(lambda *_: Said(404)) as api:
        house = await open_house(github_secrets=(SECRET,), github_api=api.url)
        receipt = await receive(house)
        await enriched(house)
        view = await shown(house, receipt)
        assert (view["paths"], view["enrichment"]) == (None, "github answered 404")


async def test_more_files_than_a_signal_keeps_stay_unknown(open_house: Open) -> None:
    long = [{"filename": "x" * 4_000 + str(number)} for number in range(50)]
    with provider_api(lambda *_: Said(document=long)) as api:
        house = await open_house(github_secrets=(SECRET,), github_api=api.url)
        await receive(house)
        (event,) = await enriched(house)
        assert event.msg.detail == "it names more files than are kept"  # type: ignore[union-attr]


async def test_nobody_is_asked_for_what_no_rule_looks_at(open_house: Open) -> None:
    with provider_api(lambda *_: FOUND) as api:
        house = await open_house(github_secrets=(SECRET,), github_api=api.url)
        await house.ingress.fleets.apply(WantedFleet(tenant="default", agents=[], rules=[], limits=Limits()))
        await receive(house)
        assert [signal.enriching for signal in await house.signals()] == [False]
        assert api.asked == []


async def test_without_an_api_a_signal_waits_for_nobody(house: House) -> None:
    await receive(house)
    assert [signal.enriching for signal in await house.signals()] == [False]


async def test_a_delivery_that_comes_again_meanwhile_does_not_keep_it_from_being_recorded(open_house: Open) -> None:
    with provider_api(lambda *_: FOUND) as api:
        house = await open_house(github_secrets=(SECRET,), github_api=api.url)
        asked, go = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def held(path: str, before: int) -> Said:
            loop.call_soon_threadsafe(asked.set)
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result(30)
            return FOUND

        api.answers = held
        first = await receive(house)
        async with asyncio.timeout(30):
            await asked.wait()
        again = await receive(house, title="something else")
        assert (again["duplicate"], again["signal_id"]) == (True, first["signal_id"])
        go.set()
        (event,) = await enriched(house)
        assert event.revision >= 2
        view = await shown(house, first)
        assert (view["contradicted"], view["paths"]) == (True, ["README.md", "src/new.py", "src/old.py"])


async def test_what_a_replica_that_is_gone_had_begun_is_taken_up_once(open_house: Open) -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(provider_api(lambda *_: Said(never=True)))
        gone = await open_house(github_secrets=(SECRET,), github_api=silent.url)
        receipts = [await receive(gone, delivery=f"d-{number}") for number in range(3)]
        await gone.caught_up()
        answering = stack.enter_context(provider_api(lambda *_: FOUND))
        other = await open_house(github_secrets=(SECRET,), github_api=answering.url)
        events = await enriched(other, 3)
        assert {event.msg.signal.id for event in events} == {one["signal_id"] for one in receipts}  # type: ignore[union-attr]
        # The first one hears of nothing now and finds that it has been done.
        silent.ended.set()
        await receive(other, delivery="d-3")
        assert len(await enriched(other, 4)) == 4
        await other.caught_up()
        assert await open_streams(other) == []


async def open_streams(house: House) -> list[str]:
    found: list[str] = await house.ingress.service.ports.transactions.run(
        lambda connection: open_before(connection, 1 << 62, 100)
    )
    return found


async def test_a_provider_that_is_away_is_not_waited_for_again_and_again(open_house: Open) -> None:
    with provider_api(lambda *_: Said(429, headers={"retry-after": "3600"})) as api:
        house = await open_house(github_secrets=(SECRET,), github_api=api.url)
        for number in range(3):
            await receive(house, delivery=f"d-{number}")
            await enriched(house, number + 1)
        await receive(house, delivery="d-3")
        events = await enriched(house, 4)
        assert len(api.asked) == 3
        assert "is not asked now" in events[-1].msg.detail  # type: ignore[union-attr]


async def test_signals_are_found_by_repository_and_by_meaning(open_house: Open) -> None:
    house = await open_house(github_secrets=(SECRET,))
    first = await receive(house)
    await house.caught_up()

    async def listed(**query: Any) -> list[str]:
        answer = await house.client.get("/api/v1/signals", params=query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    assert await listed(repository="acme/app") == [first["signal_id"]]
    assert await listed(repository="acme/app", means="change.opened", source="github") == [first["signal_id"]]
    assert await listed(repository="acme/other") == []
    assert await listed(means="pipeline.failed") == []
