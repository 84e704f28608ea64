"""The view of dead letters: one row for each, as it stands, made anew as it was."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import select

from reveille.adapters.sql import InlineTransactions
from reveille.contracts.common.v1.common_pb2 import DeadLetterDropped, DeadLetterRetried, EventRef, MessageParked
from reveille.ingress.adapters.sql.deadletters import SqlDeadLetters
from reveille.ingress.adapters.sql.tables import deadletters
from reveille.kernel.events import About, Meta, Recorded
from tests.unit.databases import database_of

STREAM = "t.deadletter-planner-0"
VIEW = SqlDeadLetters()


def stream(*messages: Message) -> list[Recorded]:
    """As the log has them, from its first event on."""
    positions = count(1)
    return [
        Recorded(
            position.to_bytes(16, "big"),
            message.DESCRIPTOR.full_name,
            b"",
            Meta(10, About("c")),
            message,
            position,
            STREAM,
            position - 1,
        )
        for message, position in zip(messages, positions, strict=False)
    ]


PARKED = MessageParked(service="planner", event_type="x.y.Z")
HISTORY = stream(
    PARKED,
    PARKED,
    DeadLetterRetried(service="planner", parked=EventRef(stream=STREAM, revision=0)),
    PARKED,
    DeadLetterDropped(service="planner", parked=EventRef(stream=STREAM, revision=3)),
)


async def taken_in(*batches: Sequence[Recorded]) -> list[Any]:
    views = database_of("ingress")
    for batch in batches:
        await views.run(lambda connection, batch=batch: VIEW.project(connection, batch))  # type: ignore[misc]
    return await rows(views)


async def rows(views: InlineTransactions) -> list[Any]:
    found = await views.run(
        lambda connection: [tuple(row) for row in connection.execute(select(deadletters)).fetchall()]
    )
    await views.close()
    return sorted(found)


async def test_each_dead_letter_has_a_row_that_says_how_it_stands() -> None:
    found = await taken_in(HISTORY)
    assert [(row[1], row[4], row[5], row[6], row[7], row[8]) for row in found] == [
        (0, "planner", "x.y.Z", "retried", 1, 3),
        (1, "planner", "x.y.Z", "parked", 2, 0),
        (3, "planner", "x.y.Z", "dropped", 4, 5),
    ]


async def test_however_the_events_come_the_rows_are_the_same() -> None:
    whole = await taken_in(HISTORY)
    assert await taken_in(*([event] for event in HISTORY)) == whole
    assert await taken_in(HISTORY[:4], HISTORY[4:]) == whole


async def test_one_tenant_does_not_see_the_letters_of_another() -> None:
    views = database_of("ingress")
    await views.run(lambda connection: VIEW.project(connection, HISTORY))
    id = HISTORY[1].id
    mine, theirs = await views.run(lambda connection: (VIEW.find(connection, "t", id), VIEW.find(connection, "u", id)))
    assert (mine is not None and mine.ref == EventRef(stream=STREAM, revision=1), theirs) == (True, None)
    listed = await views.run(lambda connection: VIEW.newest(connection, "u", before=0, limit=9, having={}))
    assert listed == []
    await views.run(VIEW.clear)
    assert await rows(views) == []
