"""Whatever a decider was told: what the log holds is what it knows, and what comes again changes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.kernel.errors import Unknown
from reveille.kernel.event_store import NO_STREAM
from reveille.kernel.events import Origin
from reveille.kernel.handling import Cause, Handling, Work
from reveille.kernel.snapshots import Loaded, decode, encode
from tests.property.histories import CASES, OPS, Case, Op, Step, history
from tests.unit.kernel.tally import WatchedStore
from tests.unit.log import EVENT_TYPES, CountedIds

every_decider = pytest.mark.parametrize("case", CASES, ids=str)
LOST: Final = Unknown("no answer", retry_after=0)
# Cuts a history into batches; each batch says what goes wrong with it.
BATCHES: Final = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["well", "cold", "lost", "lost before it landed"])),
    min_size=1,
    max_size=8,
)


@every_decider
@given(ops=OPS)
@settings(max_examples=200)
def test_what_the_events_say_is_what_the_decider_knows(case: Case, ops: list[Op]) -> None:
    steps, state = history(case, ops)
    replayed = case.decider.initial
    for step in steps:
        for event, about in step.events:
            read = EVENT_TYPES.decode(event.DESCRIPTOR.full_name, event.SerializeToString())
            assert read is not None
            replayed = case.decider.evolve(replayed, read, about)
    assert replayed == state


@every_decider
@given(ops=OPS)
@settings(max_examples=200)
def test_the_same_commands_are_always_decided_alike(case: Case, ops: list[Op]) -> None:
    first, second = history(case, ops), history(case, ops)
    assert [step.events for step in first[0]] == [step.events for step in second[0]]
    assert first[1] == second[1]


@pytest.mark.parametrize("case", [case for case in CASES if case.decider.snapshot_every], ids=str)
@given(ops=OPS)
@settings(max_examples=200)
def test_a_snapshot_holds_all_of_a_state(case: Case, ops: list[Op]) -> None:
    _, state = history(case, ops)
    loaded = Loaded(state, len(ops), {("sender", 3): 17})
    assert decode(case.decider, encode(case.decider, loaded)) == loaded


@every_decider
@given(ops=OPS, batches=BATCHES, again=st.integers(0, 40))
@settings(max_examples=150)
def test_however_messages_come_the_log_holds_each_decision_once(
    case: Case, ops: list[Op], batches: list[tuple[int, str]], again: int
) -> None:
    steps, state = history(case, ops)
    asyncio.run(_deliver(case, steps, state, batches, again))


async def _deliver(case: Case, steps: list[Step], state: Any, batches: Sequence[tuple[int, str]], again: int) -> None:
    store, ids = WatchedStore(), CountedIds()
    # Snapshots as often as can be, where there are any.
    decider = replace(case.decider, snapshot_every=min(3, case.decider.snapshot_every))

    def cold() -> Handling:
        return Handling([decider], store=store, ids=ids, replica="here")

    handling, rest, cut = cold(), list(enumerate(steps, 1)), 0
    while rest:
        size, how = batches[cut % len(batches)]
        batch, rest, cut = rest[:size], rest[size:], cut + 1
        if how == "cold":
            handling = cold()
        if how.startswith("lost"):
            store.faults, store.lands = [LOST], how == "lost"
        await handling.execute([_work(case, position, step) for position, step in batch], _park)
        store.faults = []
    head = await store.head()
    for one in (handling, cold()):  # from somewhere on, everything comes again
        await one.execute([_work(case, position, step) for position, step in list(enumerate(steps, 1))[again:]], _park)
    assert await store.head() == head
    recorded = (await store.read_streams({case.stream: NO_STREAM}))[case.stream]
    assert [(event.msg, event.meta.about) for event in recorded] == [pair for step in steps for pair in step.events]
    assert (await cold().load(case.stream)).state == state
    await store.close()


def _work(case: Case, position: int, step: Step) -> Work:
    return Work(Cause(step.about, Origin(bytes(16), "sender", 0, position)), [(case.stream, step.command)])


async def _park(work: Work, error: Exception) -> None:
    """What is refused leaves nothing in the stream."""
