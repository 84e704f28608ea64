"""The view of notifications: what is open, and what became of it, however the events come."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import select

from reveille.adapters.sql import InlineTransactions
from reveille.contracts.agent_runner.v1.events_pb2 import AgentThinking, RunCompleted, RunStarted, ToolCalled, Work
from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.contracts.ingress.v1.events_pb2 import (
    Notification,
    NotificationDefined,
    NotificationDelivered,
    NotificationFailed,
    NotificationRemoved,
    SubjectErased,
)
from reveille.contracts.planner.v1.events_pb2 import ExecutionStarted
from reveille.ingress.adapters.sql.notifications import SqlNotifications
from reveille.ingress.adapters.sql.tables import notifications
from reveille.ingress.application.projections.notifications import NotificationRow, last_of, notification_id
from reveille.kernel.events import About, Meta, Recorded
from tests.unit.databases import database_of

VIEW = SqlNotifications()
WORK = Work(run_id="r", execution_id="e", agent="a")
STREAMS = {ExecutionStarted: "t.execution-e", NotificationDelivered: "t.notification-x", NotificationFailed: "t.n-x"}


def log(*messages: Message) -> list[Recorded]:
    return [
        Recorded(
            at.to_bytes(16, "big"),
            message.DESCRIPTOR.full_name,
            b"",
            Meta(10, About("c")),
            message,
            at,
            "t.fleet" if "Notification" in message.DESCRIPTOR.name else STREAMS.get(type(message), "t.run-r"),
            at,
        )
        for at, message in zip(count(1), messages, strict=False)
    ]


def defined(name: str, *types: str, **fields: Any) -> NotificationDefined:
    return NotificationDefined(notification=Notification(name=name, types=types, url="http://h", **fields))


def id_of(name: str, position: int) -> str:
    return notification_id("t", name, position.to_bytes(16, "big"))


HISTORY = log(
    ExecutionStarted(execution_id="e"),  # 1: before anybody wants to be told
    defined("all"),
    defined("calls", "tool-call", agents=["a"]),
    RunStarted(work=WORK),  # 4
    AgentThinking(run_id="r"),
    ToolCalled(run_id="r"),  # 6
    NotificationDelivered(
        notification_id=id_of("all", 4),
        notification="all",
        execution_id="e",
        position=4,
        type="agent-start",
        attempts=2,
    ),
    NotificationFailed(
        notification_id=id_of("calls", 6),
        notification="calls",
        execution_id="e",
        position=6,
        type="tool-call",
        attempts=3,
        status_code=503,
        error=Sealed(data=b"it answered 503"),
    ),
    NotificationRemoved(name="all"),
    RunCompleted(work=WORK),  # 10
    defined("all", "agent-complete", statuses=["failed"]),
    RunCompleted(work=WORK),
    defined("all", "agent-complete"),
    RunCompleted(work=WORK),  # 14
)


async def taken_in(*batches: Sequence[Recorded]) -> InlineTransactions:
    views = database_of("ingress")
    for batch in batches:
        await views.run(lambda connection, batch=batch: VIEW.project(connection, batch))  # type: ignore[misc]
    return views


async def rows(views: InlineTransactions) -> list[Any]:
    found = await views.run(lambda connection: [tuple(row) for row in connection.execute(select(notifications))])
    return sorted(found)


async def newest(views: InlineTransactions, **having: str) -> list[NotificationRow]:
    return await views.run(lambda connection: VIEW.newest(connection, "t", until=0, skip=0, limit=99, having=having))


async def test_what_somebody_wants_to_be_told_of_is_open_until_the_log_says_what_became_of_it() -> None:
    views = await taken_in(HISTORY)
    found = [(row.name, row.position, row.type, row.status, row.attempts, row.error) for row in await newest(views)]
    assert found == [
        ("all", 14, "agent-complete", "open", 0, ""),
        ("calls", 6, "tool-call", "failed", 3, "it answered 503"),
        ("all", 4, "agent-start", "delivered", 2, ""),
    ]
    await views.close()


async def test_however_the_events_come_the_rows_are_the_same() -> None:
    whole = await taken_in(HISTORY)
    for batches in (
        [[event] for event in HISTORY],
        [HISTORY[:9], HISTORY[9:]],
        [HISTORY[:3], HISTORY[3:13], HISTORY[13:]],
    ):
        views = await taken_in(*batches)
        assert await rows(views) == await rows(whole)
        await views.close()
    await whole.run(VIEW.clear)
    assert await rows(whole) == []
    await whole.close()


async def test_an_open_one_has_what_its_sender_notes_and_a_closed_one_has_not() -> None:
    views = await taken_in(HISTORY)

    def note(connection: Any) -> None:
        for name, position in (("all", 14), ("all", 4)):
            VIEW.note(connection, "t", id_of(name, position), attempts=7, status_code=500, error="no")

    await views.run(note)
    assert [(row.position, row.attempts) for row in await newest(views, name="all")] == [(14, 7), (4, 2)]
    (still,) = await views.run(lambda connection: VIEW.open_of(connection, "t", "all", 9))
    assert (still.position, still.attempts, still.status_code, still.error) == (14, 7, 500, "no")
    await views.close()


async def test_what_is_about_nothing_is_forgotten_and_what_is_closed_is_not() -> None:
    views = await taken_in(HISTORY)

    def forget(connection: Any) -> None:
        for position in (14, 4):
            VIEW.forget(connection, "t", id_of("all", position))

    await views.run(forget)
    assert [row.position for row in await newest(views, name="all")] == [4]
    await views.close()


async def test_one_tenant_does_not_see_what_another_is_told() -> None:
    views = await taken_in(HISTORY)
    assert await views.run(lambda connection: VIEW.open_of(connection, "u", "all", 9)) == []
    found = await views.run(lambda connection: VIEW.newest(connection, "u", until=0, skip=0, limit=9, having={}))
    assert found == []
    await views.close()


def test_the_next_page_begins_behind_what_was_shown_of_one_event() -> None:
    def row(position: int) -> NotificationRow:
        return NotificationRow("t", "i", "n", "e", position, "x", "open", 0, 0, "", 0)

    assert last_of([row(9), row(9), row(5)], 3) == (0, 0)
    assert last_of([row(9), row(9), row(9)], 2) == (9, 2)
    assert last_of([row(9), row(9), row(5)], 2) == (5, 0)


async def test_what_a_receiver_said_of_an_erased_plan_is_told_no_more() -> None:
    views = database_of("ingress")
    failed = [
        NotificationFailed(
            notification_id=name, notification="all", execution_id=name, error=Sealed(data=b"no such ada")
        )
        for name in ("e", "other")
    ]
    events = log(*failed, SubjectErased(execution_ids=["e"]))
    events[-1].stream = "t.erasures"
    await views.run(lambda connection: VIEW.project(connection, events))
    rows = await views.run(
        lambda connection: connection.execute(select(notifications.c.id, notifications.c.error)).fetchall()
    )
    assert sorted(map(tuple, rows)) == [("e", "[erased]"), ("other", "no such ada")]
    await views.close()
