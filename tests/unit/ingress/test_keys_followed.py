"""The keys of all tenants as replicas know them: by following the log, and none of them more than the log has."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from reveille.adapters.inline_store import InlineEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.ingress.application.keys import Keys
from reveille.ingress.domain.access import Principal
from reveille.ingress.domain.keys import WantedKey, wanted_key
from reveille.ingress.domain.refusals import Invalid, Missing
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, Append
from reveille.kernel.events import About, Meta, New
from reveille.kernel.ids import UuidV7Ids
from tests.unit.manual_clock import ManualClock

KEY = b"k" * 32


def wanted(name: str = "ci", *roles: str, lasts: int = 0) -> WantedKey:
    return wanted_key(name=name, roles=roles or ["viewer"], agents=[], sources=[], lasts=lasts)


class House:
    def __init__(self) -> None:
        self.store = InlineEventStore(EVENT_TYPES)
        self.clock = ManualClock()

    def replica(self, *, key: bytes = KEY) -> Keys:
        return Keys(store=self.store, clock=self.clock, ids=UuidV7Ids(), replica="r", key=key)

    async def loaded(self, *, key: bytes = KEY) -> Keys:
        keys = self.replica(key=key)
        await keys.load()
        return keys


@pytest.fixture
async def house() -> AsyncIterator[House]:
    opened = House()
    yield opened
    await opened.store.close()


async def issued(keys: Keys, tenant: str = "acme", *, lasts: int = 0) -> str:
    told = await keys.issue(tenant, wanted(lasts=lasts), by="admin")
    assert told.text is not None
    return told.text


async def known(keys: Keys, text: str) -> Principal:
    async with asyncio.timeout(30):
        for _ in count():
            if (found := keys.shown(text)) is not None:
                return found
            await asyncio.sleep(0)
    raise AssertionError


async def test_before_it_is_loaded_nobody_knows_whose_a_key_is(house: House) -> None:
    with pytest.raises(Transient):
        house.replica().shown("rvl_acme.x.y")


async def test_whoever_has_a_key_is_who_it_was_issued_to_on_every_replica(house: House) -> None:
    text = await issued(await house.loaded())
    found = (await house.loaded()).shown(text)
    assert found is not None
    assert (found.name, found.tenant) == ("ci", "acme")


async def test_a_guess_a_wrong_secret_another_tenant_and_another_pepper_are_all_nobody(house: House) -> None:
    keys = await house.loaded()
    text = await issued(keys)
    head, _, secret = text.rpartition(".")
    other = "A" if secret[0] != "A" else "B"
    for wrong in ("", text[:-1], f"{head}.{other}{secret[1:]}", text.replace("acme", "globex"), f"rvl_acme.{secret}"):
        assert keys.shown(wrong) is None
    assert (await house.loaded(key=b"other" * 8)).shown(text) is None


async def test_an_expired_key_is_nobody(house: House) -> None:
    keys = await house.loaded()
    text = await issued(keys, lasts=60)
    house.clock.advance(59)
    assert keys.shown(text)
    house.clock.advance(1)
    assert keys.shown(text) is None


async def test_a_key_that_another_replica_issues_and_revokes_is_known_here_without_asking(house: House) -> None:
    here, there = await house.loaded(), await house.loaded()
    following = asyncio.create_task(here.run())
    text = await issued(there, "a_tenant_that_is_new")
    principal = await known(here, text)
    ended = asyncio.create_task(here.ended(principal))
    await there.revoke("a_tenant_that_is_new", principal.key_id, by="bob")
    assert there.shown(text) is None
    await ended
    assert here.shown(text) is None
    assert not here.valid(principal)
    following.cancel()
    await asyncio.wait([following])


async def test_a_socket_learns_that_its_key_expires(house: House) -> None:
    keys = await house.loaded()
    principal = keys.shown(await issued(keys, lasts=60))
    assert principal is not None
    house.clock.advance(59.99)
    ended = asyncio.create_task(keys.ended(principal))
    await asyncio.sleep(0)
    assert not ended.done()
    house.clock.advance(0.01)
    await ended


async def test_revoking_one_key_puts_nobody_else_out(house: House) -> None:
    keys = await house.loaded()
    one, other = keys.shown(await issued(keys)), keys.shown(await issued(keys))
    assert one is not None
    assert other is not None
    waiting = asyncio.create_task(keys.ended(other))
    await keys.revoke("acme", one.key_id, by="bob")
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait([waiting])


async def test_a_request_that_comes_again_issues_nothing_new_and_shows_nothing_again(house: House) -> None:
    keys, other = await house.loaded(), await house.loaded()
    first = await keys.issue("acme", wanted(), by="admin", once="request-1")
    again = await other.issue("acme", wanted(), by="admin", once="request-1")
    assert again.text is None
    assert again.key.key_id == first.key.key_id
    assert len(other.of_tenant("acme")) == 1
    with pytest.raises(Invalid):
        await keys.issue("acme", wanted("another"), by="admin", once="request-1")
    elsewhere = await keys.issue("globex", wanted(), by="admin", once="request-1")
    assert elsewhere.text is not None


async def test_replicas_that_issue_at_once_all_issue(house: House) -> None:
    replicas = [await house.loaded() for _ in range(4)]
    texts = await asyncio.gather(*(issued(keys) for keys in replicas for _ in range(5)))
    last = await house.loaded()
    assert len({last.shown(text) for text in texts} - {None}) == 20


async def test_tenants_do_not_see_each_others_keys(house: House) -> None:
    keys = await house.loaded()
    await issued(keys)
    key_id = keys.of_tenant("acme")[0].key_id
    assert keys.of_tenant("globex") == []
    with pytest.raises(Missing):
        await keys.revoke("globex", key_id, by="eve")


async def test_what_a_later_build_wrote_stops_its_tenant_alone(house: House) -> None:
    keys = await house.loaded()
    ours, theirs = await issued(keys, "acme"), await issued(keys, "globex")
    meta = Meta(house.clock.now(), About("later"))
    new = New(UuidV7Ids().new(), "reveille.ingress.v1.KeyRestricted", b"", meta, None)  # type: ignore[arg-type]
    await house.store.append([Append("globex.access", 0, [new])])
    later = await house.loaded()
    assert later.shown(ours)
    with pytest.raises(UnknownEventType):
        later.shown(theirs)
    assert later.shown(f"{theirs[:-1]}{'A' if theirs[-1] != 'A' else 'B'}") is None
    with pytest.raises(UnknownEventType):
        await later.issue("globex", wanted(), by="admin")


async def test_the_log_holds_no_secret(house: House) -> None:
    keys = await house.loaded()
    text = await issued(keys)
    events = await house.store.read_streams({"acme.access": NO_STREAM})
    secret = text.rpartition(".")[2].encode()
    assert all(secret not in event.data for event in events["acme.access"])
