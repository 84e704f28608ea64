"""What changes something is on record before its answer begins, or it is not answered as done."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from reveille.adapters.inline_store import InlineEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.ingress.v1.events_pb2 import ActDone
from reveille.ingress.application.auditing import Auditing
from reveille.ingress.domain.access import Permission, owner
from reveille.ingress.entrypoints.access_table import Entry
from reveille.ingress.entrypoints.http.auditing import REFUSALS, Audited
from reveille.ingress.entrypoints.http.identity import keep_entry, keep_principal
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict
from reveille.kernel.ids import UuidV7Ids
from tests.unit.manual_clock import ManualClock


class Store(InlineEventStore):
    """A log that may be away, and that counts what it was asked to append. turn: to wait for, before each append."""

    def __init__(self) -> None:
        super().__init__(EVENT_TYPES)
        self.away = False
        self.batches = 0
        self.turn = asyncio.Event()
        self.turn.set()

    async def append(self, batch: Sequence[Append]) -> list[Appended | Conflict]:
        await self.turn.wait()
        if self.away:
            raise Transient("the log is away")
        self.batches += 1
        return await super().append(batch)

    async def acts(self, tenant: str = "acme") -> list[ActDone]:
        events = (await self.read_streams({f"{tenant}.audit": NO_STREAM}))[f"{tenant}.audit"]
        return [event.msg for event in events if isinstance(event.msg, ActDone)]


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = Store()
    yield opened
    await opened.close()


def auditing(store: Store) -> Auditing:
    return Auditing(store=store, clock=ManualClock(), ids=UuidV7Ids(), replica="r")


async def answered(
    store: Store,
    *,
    status: int = 200,
    needs: Permission = Permission.PLAN,
    method: str = "POST",
    known: bool = True,
    proven: bool = True,
    audited: Audited | None = None,
) -> tuple[int, list[ActDone]]:
    """What is sent, and what stood on record when it was."""
    seen: list[ActDone] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        keep_entry(scope, Entry(method=method, path="/things/{id}", needs=needs))
        if known:
            keep_principal(scope, replace(owner("acme"), proven=proven))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"done", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            seen.extend(await store.acts())
        sent.append(message)

    scope = {"type": "http", "method": method, "path": "/things/7", "headers": [], "client": ("10.0.0.9", 5000)}
    audited = audited or around(store)
    audited._app = app
    await audited(scope, None, send)
    assert [message["type"] for message in sent[:1]] == ["http.response.start"]
    assert sum(message["type"] == "http.response.start" for message in sent) == 1
    assert (b"done" in {message.get("body") for message in sent}) == (sent[0]["status"] == status)
    return sent[0]["status"], seen


def around(store: Store) -> Audited:
    return Audited(None, auditing=auditing(store), clock=ManualClock(), ids=UuidV7Ids())


async def test_an_act_is_on_record_before_its_answer_begins(store: Store) -> None:
    status, (act,) = await answered(store, status=202)
    assert status == 202
    assert (act.by, act.act, act.path, act.status) == ("owner", "POST /things/{id}", "/things/7", 202)
    assert act.address == "10.0.0.9"


@pytest.mark.parametrize("needs", [Permission.PLAN, Permission.OPERATE, Permission.APPROVE, Permission.ADMINISTER])
async def test_whatever_changes_something_is_on_record(store: Store, needs: Permission) -> None:
    assert len((await answered(store, needs=needs))[1]) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 412, 413, 415, 422, 429])
async def test_what_was_wrong_has_changed_nothing_and_is_not_on_record(store: Store, status: int) -> None:
    assert await answered(store, status=status) == (status, [])


async def test_reading_and_signals_are_not_on_record(store: Store) -> None:
    assert (await answered(store, method="GET", needs=Permission.ADMINISTER))[1] == []
    assert (await answered(store, needs=Permission.SIGNAL))[1] == []


async def test_a_refusal_is_on_record_whatever_was_asked(store: Store) -> None:
    for place, (method, needs) in enumerate((("GET", Permission.READ), ("POST", Permission.SIGNAL)), 1):
        assert len((await answered(store, status=403, method=method, needs=needs))[1]) == place


async def test_nobody_is_on_record_of_whom_nothing_is_known(store: Store) -> None:
    assert (await answered(store, status=403, known=False))[1] == []


async def test_a_page_that_is_refused_on_its_owners_machine_writes_nothing(store: Store) -> None:
    assert await answered(store, status=403, proven=False) == (403, [])
    assert len((await answered(store, status=200, proven=False))[1]) == 1


async def test_whoever_is_refused_all_the_time_does_not_fill_the_log(store: Store) -> None:
    audited = around(store)
    for _ in range(3 * REFUSALS.requests):
        assert (await answered(store, status=403, audited=audited))[0] == 403
    assert len(await store.acts()) == REFUSALS.requests


async def test_what_failed_may_have_changed_something_and_is_on_record(store: Store) -> None:
    assert len((await answered(store, status=500))[1]) == 1


@pytest.mark.parametrize(("status", "answer"), [(200, 503), (201, 503), (403, 503), (500, 500), (503, 503)])
async def test_what_cannot_be_put_on_record_is_not_answered_as_done(store: Store, status: int, answer: int) -> None:
    store.away = True
    assert await answered(store, status=status) == (answer, [])


async def test_acts_of_one_moment_are_appended_together_and_in_order(store: Store) -> None:
    one = auditing(store)
    store.turn.clear()
    waiting = [asyncio.create_task(one.record("acme", ActDone(by=str(number)))) for number in range(100)]
    await asyncio.sleep(0)
    store.turn.set()
    await asyncio.gather(*waiting)
    assert [act.by for act in await store.acts()] == [str(number) for number in range(100)]
    assert store.batches <= 2


async def test_replicas_that_write_at_once_lose_nothing(store: Store) -> None:
    replicas = [auditing(store) for _ in range(4)]
    names = [f"{number} of {place}" for number in range(20) for place in range(4)]
    await asyncio.gather(*(replicas[int(name[-1])].record("acme", ActDone(by=name)) for name in names))
    assert sorted(act.by for act in await store.acts()) == sorted(names)


async def test_each_tenants_acts_stand_in_a_stream_of_its_own(store: Store) -> None:
    one = auditing(store)
    await asyncio.gather(one.record("acme", ActDone(by="a")), one.record("globex", ActDone(by="g")))
    assert ([act.by for act in await store.acts()], [act.by for act in await store.acts("globex")]) == (["a"], ["g"])


async def test_all_who_wait_are_told_that_the_log_is_away_and_the_next_one_is_not(store: Store) -> None:
    one = auditing(store)
    store.away = True
    told = await asyncio.gather(*(one.record("acme", ActDone(by="x")) for _ in range(5)), return_exceptions=True)
    assert [type(error) for error in told] == [Transient] * 5
    store.away = False
    await one.record("acme", ActDone(by="y"))
    assert [act.by for act in await store.acts()] == ["y"]


async def test_whoever_is_cut_off_leaves_nobody_waiting(store: Store) -> None:
    one = auditing(store)
    store.turn.clear()
    first, second = (asyncio.create_task(one.record("acme", ActDone(by=name))) for name in "ab")
    await asyncio.sleep(0)
    third = asyncio.create_task(one.record("acme", ActDone(by="c")))
    await asyncio.sleep(0)
    first.cancel()
    store.turn.set()
    told = await asyncio.gather(first, second, third, return_exceptions=True)
    assert isinstance(told[0], asyncio.CancelledError)
    assert {type(one) for one in told[1:]} <= {Transient, type(None)}
