"""The contract of the table of timers: a view of events, from which timers fire."""

from collections.abc import Sequence

import pytest
from google.protobuf.message import Message
from sqlalchemy import Connection, event

from reveille.adapters.sql_tables import SqlTimers
from reveille.contracts.planner.v1.events_pb2 import StepCompleted, StepReady
from reveille.kernel.events import About, Meta, Recorded
from reveille.kernel.timers import Due, Timer
from reveille.kernel.views import Transactions

READY = StepReady.DESCRIPTOR.full_name
COMPLETED = StepCompleted.DESCRIPTOR.full_name
ABOUT = About("correlation-1", "00-" + "a" * 32 + "-" + "b" * 16 + "-01", 2)


def _of_ready(event: Message) -> list[Timer]:
    assert isinstance(event, StepReady)
    return [Timer(event.step, event.timeout_ms)]


def _of_completed(event: Message) -> list[Timer]:
    assert isinstance(event, StepCompleted)
    return [Timer(event.step, None)]


@pytest.fixture
def timers() -> SqlTimers:
    return SqlTimers({READY: _of_ready, COMPLETED: _of_completed})


def _recorded(position: int, stream: str, msg: StepReady | StepCompleted) -> Recorded:
    id = position.to_bytes(16, "big")
    return Recorded(
        id, msg.DESCRIPTOR.full_name, msg.SerializeToString(), Meta(0, ABOUT), msg, position, stream, position
    )


def set_to(position: int, due: int, *, stream: str = "t.execution-1", step: str = "work") -> Recorded:
    return _recorded(position, stream, StepReady(step=step, timeout_ms=due))


def put_off(position: int, *, stream: str = "t.execution-1", step: str = "work") -> Recorded:
    return _recorded(position, stream, StepCompleted(step=step))


async def _project(transactions: Transactions, timers: SqlTimers, events: Sequence[Recorded]) -> None:
    await transactions.run(lambda connection: timers.project(connection, events))


async def _due(transactions: Transactions, timers: SqlTimers, until: int = 1 << 60, limit: int = 100) -> list[Due]:
    return await transactions.run(lambda connection: timers.due(connection, until, limit))


async def test_a_timer_is_due_from_its_time_on(transactions: Transactions, timers: SqlTimers) -> None:
    await _project(transactions, timers, [set_to(1, 500)])
    assert await _due(transactions, timers, 499) == []
    assert [one.due for one in await _due(transactions, timers, 500)] == [500]


async def test_a_due_timer_tells_what_it_is_about_and_which_event_set_it(
    transactions: Transactions, timers: SqlTimers
) -> None:
    setting = set_to(1, 500)
    await _project(transactions, timers, [setting])
    assert await _due(transactions, timers) == [Due("t.execution-1", "work", 500, ABOUT, setting.id)]


async def test_those_due_longest_come_first_and_no_more_than_asked_for(
    transactions: Transactions, timers: SqlTimers
) -> None:
    await _project(
        transactions, timers, [set_to(n, due, stream=f"t.execution-{n}") for n, due in enumerate([3, 1, 2], 1)]
    )
    assert [one.due for one in await _due(transactions, timers, limit=2)] == [1, 2]


async def test_the_next_timer_is_the_earliest(transactions: Transactions, timers: SqlTimers) -> None:
    assert await transactions.run(timers.next) is None
    await _project(transactions, timers, [set_to(1, 900), set_to(2, 700, step="other")])
    assert await transactions.run(timers.next) == 700


async def test_a_later_word_replaces_an_earlier_one(transactions: Transactions, timers: SqlTimers) -> None:
    await _project(transactions, timers, [set_to(1, 500)])
    await _project(transactions, timers, [set_to(2, 800)])
    assert [one.due for one in await _due(transactions, timers)] == [800]


async def test_within_a_batch_the_last_word_holds(transactions: Transactions, timers: SqlTimers) -> None:
    await _project(transactions, timers, [set_to(1, 500), put_off(2), set_to(3, 800)])
    assert [one.due for one in await _due(transactions, timers)] == [800]


async def test_a_timer_that_is_put_off_is_gone(transactions: Transactions, timers: SqlTimers) -> None:
    await _project(transactions, timers, [set_to(1, 500), set_to(2, 600, step="other")])
    await _project(transactions, timers, [put_off(3)])
    assert [one.name for one in await _due(transactions, timers)] == ["other"]


async def test_a_timer_set_and_put_off_in_one_batch_is_never_written(
    transactions: Transactions, timers: SqlTimers
) -> None:
    statements: list[str] = []

    def work(connection: Connection) -> None:
        @event.listens_for(connection, "before_cursor_execute")
        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        timers.project(connection, [set_to(1, 500), put_off(2)])

    await transactions.run(work)
    assert not [statement for statement in statements if statement.startswith("INSERT")]


async def test_putting_off_what_was_never_set_does_nothing(transactions: Transactions, timers: SqlTimers) -> None:
    await _project(transactions, timers, [put_off(1)])
    assert await _due(transactions, timers) == []


async def test_timers_of_different_streams_do_not_know_each_other(
    transactions: Transactions, timers: SqlTimers
) -> None:
    await _project(transactions, timers, [set_to(1, 5, stream="t.execution-1"), set_to(2, 6, stream="t.execution-2")])
    await _project(transactions, timers, [put_off(3, stream="t.execution-1")])
    assert [one.stream for one in await _due(transactions, timers)] == ["t.execution-2"]


async def test_clearing_leaves_no_timer(transactions: Transactions, timers: SqlTimers) -> None:
    await _project(transactions, timers, [set_to(1, 500)])
    await transactions.run(timers.clear)
    assert await _due(transactions, timers) == []


def test_only_the_events_of_its_mapping_concern_it(timers: SqlTimers) -> None:
    assert timers.types == frozenset({READY, COMPLETED})
