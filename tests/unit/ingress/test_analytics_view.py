"""The view of what happened over time: sums that are the same however the events come, and what tokens came to."""

from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from typing import Any

from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reveille.adapters.sql import InlineTransactions
from reveille.agent_runner.adapters.sql.usage import Usage, used_since
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    AgentWoken,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunCompleted,
    RunFailed,
    RunStarted,
    Work,
)
from reveille.contracts.planner.v1.events_pb2 import QualityChecked
from reveille.ingress.adapters.sql.analytics import SqlAnalytics
from reveille.ingress.adapters.sql.tables import analytics
from reveille.ingress.application.projections.analytics import LATEST, MINUTE, Sum
from reveille.kernel.events import About, Meta, Recorded
from tests.unit.databases import database_of

VIEW = SqlAnalytics()
BEGIN = 29_900_000  # a minute
Written = tuple[str, Message, int]  # key of its stream, event, minute


def log(*written: Written) -> list[Recorded]:
    return [
        Recorded(
            at.to_bytes(16, "big"),
            message.DESCRIPTOR.full_name,
            b"",
            Meta((BEGIN + minute) * MINUTE + 7, About("c")),
            message,
            at,
            f"t.{key}",
            at,
        )
        for at, (key, message, minute) in zip(count(1), written, strict=False)
    ]


def work(run: str, agent: str = "a") -> Work:
    return Work(run_id=run, execution_id="e", agent=agent)


def called(run: str, call: int = 1, *, at: int = 0) -> Written:
    return f"run-{run}", ModelCalled(run_id=run, call=call, model="m", cap=100), at


def answered(run: str, into: int, out: int, *, call: int = 1, at: int = 0, model: str = "m") -> Written:
    msg = ModelAnswered(run_id=run, call=call, model=model, input_tokens=into, output_tokens=out)
    return f"run-{run}", msg, at


def ended(run: str, tokens: int, *, at: int = 0) -> Written:
    return f"run-{run}", RunCompleted(work=work(run), tokens_used=tokens), at


def late(run: str, tokens: int, *, at: int = 0) -> Written:
    return f"run-{run}", LateUsageFound(work=work(run), tokens=tokens), at


async def taken_in(*batches: Sequence[Recorded]) -> InlineTransactions:
    views = database_of("ingress")
    for batch in batches:
        await views.run(lambda connection, batch=batch: VIEW.project(connection, batch))  # type: ignore[misc]
    return views


async def sums(views: InlineTransactions, *, size: int = 1, tenant: str = "t") -> list[Sum]:
    since = BEGIN // size * size
    return await views.run(
        lambda connection: VIEW.between(connection, tenant, since=since, until=BEGIN + 10_000, size=size)
    )


async def figures(*written: Written, measures: Sequence[str] = ("input", "output", "other")) -> dict[Any, Any]:
    """By measure and label, over all of the time."""
    views = await taken_in(log(*written))
    found: dict[Any, Any] = {}
    for one in await sums(views):
        if one.measure in measures:
            found[one.measure, one.label] = found.get((one.measure, one.label), 0) + one.total
    await views.close()
    return found


async def rows(views: InlineTransactions) -> list[Any]:
    return sorted(
        await views.run(lambda connection: [tuple(row) for row in connection.execute(select(analytics)).fetchall()])
    )


async def test_each_minute_has_its_own_sums_and_larger_buckets_have_theirs_together() -> None:
    checked = QualityChecked(department="story", score=60)
    views = await taken_in(
        log(
            ("agent-a", AgentWoken(work=work("r")), 0),
            ("agent-b", AgentWoken(work=work("s", "b")), 0),
            ("execution-e", checked, 1),
            ("execution-e", QualityChecked(department="story", score=80), 1),
            ("run-r", RunFailed(work=work("r"), reason=FAILURE_CANCELLED), 1),
            ("run-s", RunFailed(work=work("s", "b")), 2),
            ("run-q", RunCompleted(work=work("q")), 2),
        )
    )
    found = [(one.since - BEGIN, one.measure, one.label, one.total, one.count) for one in await sums(views)]
    assert [one for one in found if one[1] not in ("tokens", "events")] == [
        (0, "wakes", "a", 1, 1),
        (0, "wakes", "b", 1, 1),
        (1, "quality", "story", 140, 2),
        (1, "runs", "cancelled", 1, 1),
        (2, "runs", "completed", 1, 1),
        (2, "runs", "failed", 1, 1),
    ]
    by_hour = {(one.measure, one.label): one.total for one in await sums(views, size=60)}
    assert (by_hour["events", "AgentWoken"], by_hour["events", "RunFailed"], by_hour["quality", "story"]) == (2, 2, 140)
    assert await sums(views, tenant="u") == []
    await views.close()


async def test_tokens_are_told_by_model_and_what_no_answer_has_counted_apart() -> None:
    assert await figures(called("r"), answered("r", 5, 7), called("r", 2), ended("r", 112)) == {
        ("input", "m"): 5,
        ("output", "m"): 7,
        ("other", ""): 100,
    }


async def test_a_late_answer_moves_its_tokens_to_its_model() -> None:
    exact = (called("r"), ended("r", 100), answered("r", 30, 40, at=3))
    assert await figures(*exact) == {("input", "m"): 30, ("output", "m"): 40, ("other", ""): 30}
    more = (called("r"), ended("r", 100), answered("r", 90, 40, at=3), late("r", 30, at=3))
    assert await figures(*more) == {("input", "m"): 90, ("output", "m"): 40, ("other", ""): 0}


async def test_an_answer_that_nobody_waits_for_any_more_counts_nowhere() -> None:
    old = (called("r"), ended("r", 100), called("s", at=LATEST + 2), ended("s", 100, at=LATEST + 2))
    assert await figures(*old, answered("r", 1, 1, at=LATEST + 2)) == {("other", ""): 200}


async def test_nothing_is_kept_of_a_run_whose_calls_were_all_answered() -> None:
    views = await taken_in(*([one] for one in log(called("r"), answered("r", 1, 2), ended("r", 3))))
    assert [row for row in await rows(views) if row[1] == 0] == []
    failed = log(called("r"), answered("r", 0, 0), ended("r", 0))
    other = await taken_in(*([one] for one in failed))
    assert [row for row in await rows(other) if row[1] == 0] == []
    await views.close()
    await other.close()


def histories() -> st.SearchStrategy[tuple[list[Recorded], list[int]]]:
    """Runs side by side, each in its own order, and where the batches of it end."""

    def run(name: str) -> st.SearchStrategy[list[Written]]:
        def told(drawn: tuple[int, int, list[int], bool]) -> list[Written]:
            unanswered, into, minutes, is_late = drawn
            at = iter(sorted(minutes))
            one = [called(name, at=next(at)), answered(name, into, 3, at=next(at), model=f"m{into % 2}")]
            one += [called(name, number, at=next(at)) for number in range(2, 2 + unanswered)]
            one.append(ended(name, into + 3 + 100 * unanswered, at=next(at)))
            if is_late and unanswered:
                one += [answered(name, 120, 3, call=2, at=next(at)), late(name, 23, at=next(at))]
            return one

        minutes = st.lists(st.integers(0, 3_000), min_size=7, max_size=7)
        return st.tuples(st.integers(0, 2), st.integers(0, 90), minutes, st.booleans()).map(told)

    def woven(drawn: tuple[list[list[Written]], Any, list[int]]) -> tuple[list[Recorded], list[int]]:
        lines, order, cuts = drawn
        rests: list[Iterator[Written]] = [iter(line) for line in lines]
        places = [number for number, line in enumerate(lines) for _ in line]
        order.shuffle(places)
        return log(*(next(rests[number]) for number in places)), cuts

    runs = st.tuples(*(run(name) for name in "qrst")).map(list)
    return st.tuples(runs, st.randoms(use_true_random=False), st.lists(st.integers(1, 40), max_size=6)).map(woven)


@given(histories())
@settings(max_examples=60, deadline=None)
async def test_however_the_events_come_the_rows_are_the_same_and_the_tokens_what_the_runner_counts(
    drawn: tuple[list[Recorded], list[int]],
) -> None:
    events, cuts = drawn
    bounds = sorted({0, len(events), *(cut for cut in cuts if cut < len(events))})
    whole = await taken_in(events)
    cut = await taken_in(*(events[start:end] for start, end in pairwise(bounds)))
    assert await rows(cut) == await rows(whole)
    runner, usage = database_of("agent-runner"), Usage()
    started = [
        Recorded(
            b"",
            RunStarted.DESCRIPTOR.full_name,
            b"",
            Meta(0, About("c")),
            RunStarted(work=work(run)),
            0,
            f"t.run-{run}",
            0,
        )
        for run in "qrst"
    ]
    await runner.run(lambda connection: usage.project(connection, [*started, *events]))
    used = await runner.run(lambda connection: used_since(connection, "t", 0))
    mine: dict[tuple[str, str], float] = {}
    for one in await sums(whole):
        mine[one.measure, one.label] = mine.get((one.measure, one.label), 0) + one.total
    for view in used:
        assert mine.get(("input", view.model), 0) == view.input_tokens
        assert mine.get(("output", view.model), 0) == view.output_tokens
    charged = sum(one.input_tokens + one.output_tokens + one.other_tokens for one in used)
    assert sum(mine.get(key, 0) for key in mine if key[0] == "tokens") == charged
    assert sum(mine.get(key, 0) for key in mine if key[0] in ("input", "output", "other")) == charged
    for views in (whole, cut, runner):
        await views.close()
