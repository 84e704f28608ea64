"""Master keys, and what they wrap."""

import os
from collections.abc import Collection
from pathlib import Path

import pytest

from reveille.adapters.data_keys import KeyRing
from reveille.adapters.encryption import FileKeys, Tampered, parse_keys
from reveille.adapters.key_rows import KeyRow, Subject
from reveille.adapters.sqlite_data_keys import SqliteDataKeys
from reveille.kernel.errors import Misconfigured, Transient
from tests.sealing import MASTER, OTHER, ring

PLAN = Subject("acme", "execution:e1")


def test_the_first_key_of_the_file_is_the_one_that_wraps() -> None:
    assert list(parse_keys(f"# keys\n\n{MASTER}\n{OTHER}\n")) == ["m1", "m2"]
    assert parse_keys(f"{MASTER},{OTHER}")["m2"] == bytes.fromhex("2b" * 32)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "REVEILLE_ENCRYPTION_KEYS has no key, expected lines NAME=64 hexadecimal digits"),
        ("m1=5e", "REVEILLE_ENCRYPTION_KEYS, line 1, is something else, expected NAME=64 hexadecimal digits"),
        (f"{MASTER}\n5ecret", "REVEILLE_ENCRYPTION_KEYS, line 2, is something else, expected"),
        (f"a b={'1a' * 32}", "REVEILLE_ENCRYPTION_KEYS, line 1, is something else"),
        (f"{MASTER}\n{MASTER}", "REVEILLE_ENCRYPTION_KEYS has key m1 twice, expected another name for each"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_without_a_key(text: str, told: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        parse_keys(text)
    assert str(raised.value).startswith(told)
    assert "5e" not in str(raised.value)


async def test_a_wrapped_key_opens_only_with_its_master_and_in_its_place() -> None:
    keys, others = FileKeys.of(MASTER), FileKeys.of(f"m1={'3c' * 32}")
    name, wrapped = await keys.wrap(b"k" * 32, b"acme\0id")
    assert await keys.unwrap(name, wrapped, b"acme\0id") == b"k" * 32
    for opening, context in ((others, b"acme\0id"), (keys, b"other\0id")):
        with pytest.raises(Tampered):
            await opening.unwrap(name, wrapped, context)
    with pytest.raises(KeyError):
        await FileKeys.of(OTHER).unwrap(name, wrapped, b"acme\0id")


async def test_a_new_master_key_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "masters"
    file.write_text(MASTER)
    keys = FileKeys.of(MASTER, file)
    old, wrapped = await keys.wrap(b"k" * 32, b"x")
    _write_later(file, f"{OTHER}\n{MASTER}")
    assert (old, (await keys.wrap(b"k" * 32, b"x"))[0]) == ("m1", "m2")
    assert await keys.unwrap(old, wrapped, b"x") == b"k" * 32


async def test_a_file_that_is_just_being_written_is_looked_at_again(tmp_path: Path) -> None:
    file = tmp_path / "masters"
    file.write_text(MASTER)
    keys = FileKeys.of(MASTER, file)
    _write_later(file, "")
    with pytest.raises(Transient, match="cannot be read"):
        await keys.current()
    _write_later(file, OTHER)
    assert await keys.current() == "m2"


async def test_one_subject_has_one_key_for_all_who_ask(tmp_path: Path) -> None:
    async with ring(tmp_path) as one, ring(tmp_path) as other:
        made = (await one.for_sealing([PLAN]))[PLAN]
        assert (await other.for_sealing([PLAN]))[PLAN].id == made.id
        sealed = made.seal(b"words", b"here")
        opening = (await other.load([made.id, "nobody's"]))[made.id]
        assert opening.open(sealed, b"here") == b"words"


async def test_rotation_wraps_all_keys_anew_and_the_old_master_may_go(tmp_path: Path) -> None:
    subjects = [Subject("acme", f"execution:{number}") for number in range(1100)]
    async with ring(tmp_path) as before:
        keys = await before.for_sealing(subjects)
        sealed = {one: key.seal(b"words", b"here") for one, key in keys.items()}
    async with ring(tmp_path, f"{OTHER}\n{MASTER}") as rotating:
        assert await rotating.rotate() == len(subjects)
        assert await rotating.rotate() == 0
    async with ring(tmp_path, OTHER) as after:
        await after.check()
        found = await after.for_sealing(subjects)
        assert {found[one].open(sealed[one], b"here") for one in subjects} == {b"words"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OTHER, "REVEILLE_ENCRYPTION_KEYS has no key m1, with which 1 data keys are wrapped, expected it beside m2"),
        (f"m1={'3c' * 32}", "key m1 of REVEILLE_ENCRYPTION_KEYS does not open the 1 data keys that m1 has wrapped"),
    ],
)
async def test_other_master_keys_are_told_at_the_start(tmp_path: Path, text: str, told: str) -> None:
    async with ring(tmp_path) as before:
        await before.for_sealing([PLAN])
    async with ring(tmp_path, text) as after:
        with pytest.raises(Misconfigured, match=told):
            await after.check()


async def test_an_erased_key_seals_nothing_and_opens_nothing(tmp_path: Path) -> None:
    async with ring(tmp_path) as keys:
        made = (await keys.for_sealing([PLAN]))[PLAN]
        sealed = made.seal(b"words", b"here")
        await keys.rows.erase([PLAN])
        keys.forget()
        gone = (await keys.for_sealing([PLAN]))[PLAN]
        assert (gone.id, gone.seal(b"more words", b"here"), gone.open(sealed, b"here")) == (made.id, b"", None)


async def test_no_more_keys_are_at_hand_than_there_may_be(tmp_path: Path) -> None:
    rows = SqliteDataKeys.open(tmp_path / "keys.db")
    keys = KeyRing(rows, FileKeys.of(MASTER), kept=10)
    made = await keys.for_sealing([Subject("acme", f"execution:{number}") for number in range(50)])
    assert len(keys) <= 20
    assert (await keys.load([made[PLAN].id for PLAN in made])).keys() == {key.id for key in made.values()}
    await rows.close()


def _write_later(file: Path, text: str) -> None:
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 1_000_000, before + 1_000_000))


async def test_who_is_erased_while_his_key_is_looked_up_has_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bruno = Subject("acme", "person:bruno")
    async with ring(tmp_path) as one, ring(tmp_path) as other:
        before = (await other.for_sealing([bruno]))[bruno]
        of_subjects = one.rows.of_subjects

        async def meanwhile(subjects: Collection[Subject]) -> list[KeyRow]:
            monkeypatch.undo()
            await other.rows.erase(subjects)
            return await of_subjects(subjects)

        monkeypatch.setattr(one.rows, "of_subjects", meanwhile)
        made = (await one.for_sealing([bruno]))[bruno]
        assert made.cipher is not None
        assert made.id != before.id
