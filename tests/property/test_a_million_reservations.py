"""Promise 3 over a million reservations, on all cores: the same histories each time; what is broken names its seed."""

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import pytest

from tests.property.many import histories

RESERVATIONS: Final = 1_000_000
PARTS: Final = 20
# No two parts live through the same history.
SEEDS: Final = 1_000


@pytest.fixture
def pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn"))


def test_in_a_million_reservations_nothing_is_overspent_and_nobody_is_refused_what_fits(
    pool: ProcessPoolExecutor,
) -> None:
    each = RESERVATIONS // PARTS
    with pool:
        parts = pool.map(histories, (part * SEEDS for part in range(PARTS)), [each] * PARTS)
        counted = sum((Counter(part) for part in parts), Counter[str]())
    assert counted["reserve"] >= RESERVATIONS
    # Everything that can happen has happened often.
    kinds = ("settle", "late", "limits", "top up", "exceed", "revoke", "close", "wait", "timer")
    assert {kind: counted[kind] for kind in kinds if counted[kind] < 1_000} == {}
