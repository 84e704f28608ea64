"""The view of executions is the same, wherever one transaction ends and the next begins."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from google.protobuf.message import Message
from sqlalchemy import select

from reveille.adapters.migrations import migrate_connection
from reveille.adapters.sql import InlineTransactions
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCompleted,
    ExecutionStarted,
    StepPlanned,
    StepReady,
    StepReleased,
    StepRetryScheduled,
    StepWaiting,
)
from reveille.kernel.events import About, Meta, Recorded
from reveille.planner.adapters.sql.executions import Executions, executions

pytestmark = pytest.mark.asyncio
HISTORY: Sequence[tuple[str, Message]] = [
    ("t.execution-1", ExecutionStarted(execution_id="1", signal_ids=["s-1"])),
    ("t.execution-1", StepPlanned(agent="worker")),
    ("t.execution-1", StepReady()),
    ("t.execution-2", ExecutionStarted(execution_id="2", signal_ids=["s-2"])),
    ("t.execution-2", StepPlanned(agent="reviewer")),
    ("t.execution-2", StepReady()),
    ("t.execution-1", StepRetryScheduled()),
    ("t.execution-3", ExecutionStarted(execution_id="3", signal_ids=["s-3"])),
    ("t.execution-3", StepPlanned(agent="spender")),
    ("t.execution-3", StepReady()),
    ("t.execution-3", StepWaiting()),
    ("t.execution-4", ExecutionStarted(execution_id="4", signal_ids=["s-4"])),
    ("t.execution-4", StepPlanned(agent="spender")),
    ("t.execution-4", StepWaiting()),
    ("t.execution-4", StepReleased()),
    ("t.execution-2", ExecutionCompleted()),
]


def recorded(position: int, stream: str, msg: Message) -> Recorded:
    type_name = msg.DESCRIPTOR.full_name
    return Recorded(bytes(16), type_name, b"", Meta(0, About("c")), msg, position, stream, 0)


async def rows(*batches: Sequence[Recorded]) -> list[Any]:
    transactions, view = InlineTransactions(), Executions()
    try:
        await transactions.run(lambda connection: migrate_connection(connection, "planner"))
        for batch in batches:
            await transactions.run(partial(view.project, events=batch))
        found = await transactions.run(
            lambda connection: connection.execute(select(executions).order_by(executions.c.id)).all()
        )
        return [tuple(row) for row in found]
    finally:
        await transactions.close()


@pytest.mark.parametrize("cut", range(1, len(HISTORY)))
async def test_a_history_in_two_transactions_is_that_in_one(cut: int) -> None:
    events = [recorded(number, stream, msg) for number, (stream, msg) in enumerate(HISTORY, 1)]
    whole = await rows(events)
    assert [(row[3], row[4]) for row in whole] == [
        ("waiting", "worker"),
        ("completed", "reviewer"),
        ("waiting", "spender"),
        ("running", "spender"),
    ]
    assert await rows(events[:cut], events[cut:]) == whole
