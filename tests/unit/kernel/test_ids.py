"""Fresh ids rise and are never given twice; derived ids are for ever the same."""

import uuid

import pytest

from reveille.kernel.ids import UuidV7Ids, derive, text, uuid7


def test_ids_rise() -> None:
    ids = UuidV7Ids()
    given = [ids.new() for _ in range(5_000)]
    assert given == sorted(set(given))


def test_an_id_is_a_uuid_of_version_7() -> None:
    one = uuid.UUID(bytes=UuidV7Ids().new())
    assert (one.version, one.variant) == (7, uuid.RFC_4122)


@pytest.mark.parametrize("rest", [bytes(8), b"\xff" * 8])
def test_random_bits_do_not_reach_version_and_variant(rest: bytes) -> None:
    one = uuid.UUID(bytes=uuid7(0x0123_4567_89AB_CDEF & (1 << 60) - 1, rest))
    assert (one.version, one.variant) == (7, uuid.RFC_4122)


def test_an_id_begins_with_its_milliseconds_and_their_fraction() -> None:
    one = uuid7((0x0123_4567_89AB << 12) | 0xCDE, bytes(8))
    assert text(one) == "01234567-89ab-7cde-8000-000000000000"


def test_an_id_as_text_reads_as_everybody_writes_it() -> None:
    raw = bytes(range(16))
    assert text(raw) == str(uuid.UUID(bytes=raw))


# Pinned: another value here, and an old log no longer replays.
@pytest.mark.parametrize(
    ("parts", "derived"),
    [
        (("execution", "0190a5c0-0000-7000-8000-000000000000"), "b0e73d3b-a420-5ee3-9e0e-b18a4f05c31b"),
        (("run", "e", "wake", "1"), "35aea8e6-21f5-5272-8f23-f7c6f5b8dbb0"),
    ],
)
def test_a_derived_id_is_what_it_has_always_been(parts: tuple[str, ...], derived: str) -> None:
    assert derive(*parts) == derived


def test_a_derived_id_is_a_uuid_of_version_5() -> None:
    one = uuid.UUID(derive("x"))
    assert (one.version, one.variant) == (5, uuid.RFC_4122)


def test_a_derived_id_is_the_uuid5_of_its_parts() -> None:
    namespace = uuid.UUID("5b0e3b1c-6d0f-4c0e-9a3c-7d2f1e8b4a60")
    assert derive("run", "é", "2") == str(uuid.uuid5(namespace, "run\x1fé\x1f2"))


def test_parts_do_not_run_into_each_other() -> None:
    assert len({derive("ab", "c"), derive("a", "bc"), derive("abc")}) == 3
