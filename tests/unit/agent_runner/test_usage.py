"""The view of usage: what was used by whom and with which model, and that no token is counted twice."""

from collections.abc import Iterator, Sequence
from itertools import count

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from reveille.adapters.sql import InlineTransactions
from reveille.agent_runner.adapters.sql.usage import HOUR, LATEST, Usage, usage_runs, used_since
from reveille.contracts.agent_runner.v1.events_pb2 import (
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
    Work,
)
from reveille.kernel.events import About, Meta, Recorded
from tests.unit.databases import database_of

NOON = 1_800_000_000_000_000 // HOUR * HOUR
WORK = Work(run_id="r", agent="a")
OTHER = Work(run_id="s", agent="b")


@pytest.fixture
def views() -> InlineTransactions:
    return database_of("agent-runner")


def recorded(*events: Message, work: Work = WORK, at: int = NOON, tenant: str = "t") -> list[Recorded]:
    stream = f"{tenant}.run-{work.run_id}"
    meta = Meta(at, About("c"))
    return [Recorded(b"", event.DESCRIPTOR.full_name, b"", meta, event, 0, stream, 0) for event in events]


async def take(views: InlineTransactions, *batches: Sequence[Recorded]) -> None:
    for batch in batches:
        await views.run(lambda connection, one=batch: Usage().project(connection, one))  # type: ignore[misc]


async def used(
    views: InlineTransactions, since: int = 0, tenant: str = "t"
) -> dict[tuple[str, str], tuple[int, int, int]]:
    rows = await views.run(lambda connection: used_since(connection, tenant, since))
    return {(row.agent, row.model): (row.input_tokens, row.output_tokens, row.other_tokens) for row in rows}


def answered(call: int = 1, *, model: str = "m", input: int = 30, output: int = 12) -> ModelAnswered:
    return ModelAnswered(run_id="r", call=call, model=model, input_tokens=input, output_tokens=output)


def called(call: int = 1, *, cap: int = 100) -> ModelCalled:
    return ModelCalled(run_id="r", call=call, model="m", cap=cap)


STORY = [
    RunStarted(work=WORK),
    called(),
    answered(),
    called(2),
    answered(2, model="n"),
    RunCompleted(work=WORK, tokens_used=84),
]


@pytest.mark.parametrize("cut", range(len(STORY) + 1))
async def test_input_and_output_stand_apart_by_model_wherever_a_batch_ends(views: InlineTransactions, cut: int) -> None:
    story = recorded(*STORY)
    await take(views, story[:cut], story[cut:])
    assert await used(views) == {("a", "m"): (30, 12, 0), ("a", "n"): (30, 12, 0)}
    assert await left(views) == 0


async def left(views: InlineTransactions) -> int:
    return await views.run(lambda connection: len(connection.execute(usage_runs.select()).all()))


async def test_what_a_remote_agent_used_is_nobodys_model(views: InlineTransactions) -> None:
    await take(views, recorded(RunStarted(work=WORK), RunCompleted(work=WORK, tokens_used=500)))
    assert await used(views) == {("a", ""): (0, 0, 500)}


async def test_a_run_that_never_started_is_counted_too(views: InlineTransactions) -> None:
    await take(views, recorded(RunFailed(work=WORK, tokens_used=7)))
    assert await used(views) == {("a", ""): (0, 0, 7)}


@pytest.mark.parametrize("output", [12, 70, 90])
async def test_a_late_answer_moves_what_was_charged_for_it_to_its_model(views: InlineTransactions, output: int) -> None:
    late = max(0, 30 + output - 100)
    story = recorded(RunStarted(work=WORK), called(), RunFailed(work=WORK, tokens_used=100))
    after = recorded(answered(output=output), *([LateUsageFound(work=WORK, tokens=late)] if late else []))
    await take(views, story)
    assert await used(views) == {("a", ""): (0, 0, 100)}
    await take(views, after)
    found = await used(views)
    assert found[("a", "m")] == (30, output, 0)
    assert sum(sum(figures) for figures in found.values()) == 100 + late
    assert await left(views) == 0


async def test_agents_tenants_and_hours_stand_apart(views: InlineTransactions) -> None:
    other = [RunStarted(work=OTHER), RunCompleted(work=OTHER, tokens_used=1)]
    await take(
        views,
        recorded(*STORY),
        recorded(*other, work=OTHER, at=NOON + HOUR),
        recorded(*other, work=OTHER, at=NOON + HOUR, tenant="u"),
    )
    assert await used(views, NOON + HOUR) == {("b", ""): (0, 0, 1)}
    assert await used(views, NOON + HOUR - 1) == await used(views)
    assert await used(views, tenant="u") == {("b", ""): (0, 0, 1)}


async def test_an_answer_that_never_came_is_not_waited_for_for_ever(views: InlineTransactions) -> None:
    first = recorded(RunStarted(work=WORK), called(), RunFailed(work=WORK, tokens_used=100))
    story = [RunStarted(work=OTHER), called(), RunFailed(work=OTHER, tokens_used=100)]
    second = recorded(*story, work=OTHER, at=NOON + LATEST + 1)
    for batches in ([first, second], [[*first, *second]]):
        await views.run(Usage().clear)
        await take(views, *batches)
        assert await left(views) == 1
        assert await used(views) == {("a", ""): (0, 0, 100), ("b", ""): (0, 0, 100)}


def histories() -> st.SearchStrategy[list[Recorded]]:
    """Runs whose calls are answered or not, in time or late, beside one another."""
    call = st.tuples(st.integers(0, 50), st.integers(0, 50), st.sampled_from(["in time", "late", "never"]))
    return st.lists(st.lists(call, max_size=3), min_size=1, max_size=4).flatmap(_interleaved)


def _interleaved(runs: list[list[tuple[int, int, str]]]) -> st.SearchStrategy[list[Recorded]]:
    stories = [list(_story(number, calls)) for number, calls in enumerate(runs)]
    turns = [number for number, story in enumerate(stories) for _ in story]

    def merged(order: list[int]) -> list[Recorded]:
        rest = [iter(story) for story in stories]
        return [next(rest[number]) for number in order]

    return st.permutations(turns).map(merged)


def _story(number: int, calls: list[tuple[int, int, str]]) -> Iterator[Recorded]:
    work = Work(run_id=f"r{number}", agent=f"a{number % 2}")
    cap, charged, after = 60, 0, []
    times = count(NOON + number, 7 * 60 * 1_000_000)

    def at(*events: Message) -> list[Recorded]:
        return recorded(*events, work=work, at=next(times))

    yield from at(RunStarted(work=work))
    for call, (input, output, when) in enumerate(calls):
        yield from at(called(call, cap=cap))
        answer = answered(call, model=f"m{call}", input=input, output=output)
        if when == "in time":
            charged += input + output
            yield from at(answer)
            continue
        charged += cap
        if when == "late":
            more = input + output - cap
            after.append([answer, *([LateUsageFound(work=work, tokens=more)] if more > 0 else [])])
    yield from at(RunCompleted(work=work, tokens_used=charged))
    for events in after:
        yield from at(*events)


@given(histories(), st.data())
async def test_the_sum_is_what_the_ledger_was_told_however_the_log_is_cut(
    story: list[Recorded], data: st.DataObject
) -> None:
    whole, cut = database_of("agent-runner"), database_of("agent-runner")
    at = data.draw(st.lists(st.integers(0, len(story)), max_size=3).map(sorted))
    await take(whole, story)
    await take(cut, *(story[begin:end] for begin, end in zip([0, *at], [*at, len(story)], strict=True)))
    told = sum(
        event.msg.tokens_used if isinstance(event.msg, RunCompleted) else event.msg.tokens
        for event in story
        if isinstance(event.msg, RunCompleted | LateUsageFound)
    )
    assert sum(sum(figures) for figures in (await used(whole)).values()) == told
    assert await used(whole) == await used(cut)
    assert await left(whole) == await left(cut)
    await whole.close()
    await cut.close()
