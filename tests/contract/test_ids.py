"""What every Ids promises."""

from collections.abc import Iterator
from random import Random
from uuid import UUID

import pytest

from reveille.kernel.ids import Ids, UuidV7Ids
from tests.simulation.virtual import SeededIds, VirtualLoop, Wall


@pytest.fixture
def wall() -> Iterator[Wall]:
    loop = VirtualLoop()
    yield Wall(loop)
    loop.close()


@pytest.fixture(params=["system", "seeded"])
def ids(request: pytest.FixtureRequest, wall: Wall) -> Ids:
    return UuidV7Ids() if request.param == "system" else SeededIds(wall, Random(1))


def test_ids_are_uuids_of_version_7(ids: Ids) -> None:
    for id in (ids.new() for _ in range(100)):
        assert (UUID(bytes=id).version, UUID(bytes=id).variant) == (7, "specified in RFC 4122")


def test_ids_rise_and_none_comes_twice(ids: Ids) -> None:
    drawn = [ids.new() for _ in range(5_000)]
    assert drawn == sorted(set(drawn))


def test_the_same_seed_gives_the_same_ids_and_another_gives_others(wall: Wall) -> None:
    sources = [SeededIds(wall, Random(seed)) for seed in (1, 1, 2)]
    first, same, other = ([source.new() for _ in range(5)] for source in sources)
    assert first == same
    assert not set(first) & set(other)
