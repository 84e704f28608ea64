"""The contract of the table of data keys, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from reveille.adapters.key_rows import KeyRow, KeyRows, Subject
from reveille.adapters.postgres_data_keys import PostgresDataKeys
from reveille.adapters.sqlite_data_keys import SqliteDataKeys
from tests.postgres import database
from tests.servers import postgres_url

PLAN = Subject("acme", "execution:e1")
PERSON = Subject("acme", "person:0a")


@pytest.fixture(params=["sqlite", "postgresql"])
async def rows(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KeyRows]:
    opened: SqliteDataKeys | PostgresDataKeys
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            opened = SqliteDataKeys.open(tmp_path / "keys.db")
        else:
            opened = await PostgresDataKeys.open(await stack.enter_async_context(database(postgres_url())))
        stack.push_async_callback(opened.close)
        yield opened


def row(subject: Subject, *, master: str = "m1", wrapped: bytes = b"wrapped") -> KeyRow:
    return KeyRow(id=uuid4().hex, tenant=subject.tenant, subject=subject.name, master=master, wrapped=wrapped)


async def test_a_key_is_found_by_whose_it_is_and_by_its_id(rows: KeyRows) -> None:
    one, other = row(PLAN), row(PERSON)
    await rows.add([one, other])
    assert await rows.of_subjects([PLAN]) == [one]
    assert await rows.by_ids([other.id, "nobody's"]) == [other]
    assert await rows.of_subjects([Subject("other", PLAN.name)]) == []


async def test_of_those_who_make_a_key_at_once_one_is_first(rows: KeyRows) -> None:
    made = [row(PLAN) for _ in range(10)]
    await asyncio.gather(*(rows.add([one]) for one in made))
    (stands,) = await rows.of_subjects([PLAN])
    assert stands in made


async def test_an_erased_plan_stays_erased(rows: KeyRows) -> None:
    one = row(PLAN)
    await rows.add([one])
    await rows.erase([PLAN])
    await rows.add([row(PLAN)])
    (stands,) = await rows.of_subjects([PLAN])
    assert (stands.id, stands.wrapped, stands.master) == (one.id, b"", "")
    assert await rows.erased([PLAN]) == [one.id]


async def test_an_erased_person_may_come_again_and_be_erased_again(rows: KeyRows) -> None:
    first, second = row(PERSON), row(PERSON)
    await rows.add([first])
    await rows.erase([PERSON])
    assert await rows.of_subjects([PERSON]) == []
    await rows.add([second])
    assert await rows.of_subjects([PERSON]) == [second]
    await rows.erase([PERSON])
    assert sorted(await rows.erased([PERSON])) == sorted([first.id, second.id])
    assert [one.wrapped for one in await rows.by_ids([first.id, second.id])] == [b"", b""]


async def test_nobody_else_is_erased(rows: KeyRows) -> None:
    others = [row(Subject("acme", "person:0a1")), row(Subject("other", PERSON.name)), row(PLAN)]
    await rows.add([row(PERSON), *others])
    await rows.erase([PERSON])
    assert len(await rows.erased([PERSON])) == 1
    assert sorted(await rows.by_ids([one.id for one in others]), key=repr) == sorted(others, key=repr)


async def test_keys_are_counted_by_what_wrapped_them(rows: KeyRows) -> None:
    assert await rows.masters() == {}
    await rows.add([row(PLAN), row(PERSON, master="m2"), row(Subject("acme", "tenant"))])
    await rows.erase([PLAN])
    assert await rows.masters() == {"": 1, "m1": 1, "m2": 1}
    found = await rows.wrapped_by("m2")
    assert found is not None
    assert found.subject == PERSON.name
    assert await rows.wrapped_by("m3") is None


async def test_keys_that_others_wrapped_are_wrapped_anew_but_not_those_that_were_erased(rows: KeyRows) -> None:
    old, gone = row(PLAN), row(PERSON)
    await rows.add([old, gone, row(Subject("acme", "tenant"), master="m2")])
    found = await rows.wrapped_by_others("m2", 10)
    assert sorted(one.id for one in found) == sorted([old.id, gone.id])
    await rows.erase([PERSON])
    await rows.rewrap(
        [KeyRow(id=one.id, tenant=one.tenant, subject=one.subject, master="m2", wrapped=b"anew") for one in found]
    )
    assert [(one.master, one.wrapped) for one in await rows.by_ids([old.id])] == [("m2", b"anew")]
    assert [(one.master, one.wrapped) for one in await rows.by_ids([gone.id])] == [("", b"")]


async def test_an_erased_key_is_in_no_file_of_sqlite_any_more(tmp_path: Path) -> None:
    rows = SqliteDataKeys.open(tmp_path / "keys.db")
    await rows.add([row(PERSON, wrapped=b"planted-key-bytes")])
    assert b"planted-key-bytes" in _files(tmp_path)
    await rows.erase([PERSON])
    assert b"planted-key-bytes" not in _files(tmp_path)
    await rows.close()


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())
