"""The view of approvals is the same, wherever one transaction ends and the next begins."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest
from google.protobuf.message import Message

from reveille.adapters.migrations import migrate_connection
from reveille.adapters.sql import InlineTransactions
from reveille.contracts.planner.v1.events_pb2 import ApprovalRequested, ApprovalResolved
from reveille.kernel.events import About, Meta, Recorded
from reveille.planner.adapters.sql.approvals import Approvals, execution_of, page

pytestmark = pytest.mark.asyncio
HISTORY: Sequence[tuple[str, Message]] = [
    ("t.execution-1", ApprovalRequested(approval_id="a")),
    ("t.execution-2", ApprovalRequested(approval_id="b")),
    ("u.execution-1", ApprovalRequested(approval_id="a")),
    ("t.execution-1", ApprovalResolved(approval_id="a", how="decided", approved=True)),
    ("t.execution-1", ApprovalRequested(approval_id="c")),
    ("t.execution-2", ApprovalResolved(approval_id="b", how="moot")),
]
EVENTS: Sequence[Recorded] = [
    Recorded(bytes(16), msg.DESCRIPTOR.full_name, b"", Meta(0, About("c")), msg, position, stream, 0)
    for position, (stream, msg) in enumerate(HISTORY, 1)
]


@pytest.fixture
async def transactions() -> AsyncIterator[InlineTransactions]:
    opened = InlineTransactions()
    await opened.run(lambda connection: migrate_connection(connection, "planner"))
    yield opened
    await opened.close()


async def shown(
    transactions: InlineTransactions, *, tenant: str = "t", limit: int = 10, before: int = 0, **other: str
) -> list[tuple[str, str, int]]:
    given = {"status": "", "execution_id": "", **other}
    return await transactions.run(
        lambda connection: page(
            connection,
            tenant,
            limit=limit,
            before=before,
            status=given["status"],
            execution_id=given["execution_id"],
        )
    )


@pytest.mark.parametrize("cut", range(len(EVENTS) + 1))
async def test_a_history_in_two_transactions_is_that_in_one(transactions: InlineTransactions, cut: int) -> None:
    view = Approvals()
    for batch in (EVENTS[:cut], EVENTS[cut:]):
        await transactions.run(partial(view.project, events=batch))
    assert await shown(transactions) == [("c", "1", 5), ("b", "2", 2), ("a", "1", 1)]
    assert await shown(transactions, status="open") == [("c", "1", 5)]
    assert await shown(transactions, status="approved") == [("a", "1", 1)]
    assert await shown(transactions, status="moot") == [("b", "2", 2)]


async def test_approvals_are_paged_and_narrowed(transactions: InlineTransactions) -> None:
    await transactions.run(partial(Approvals().project, events=EVENTS))
    assert await shown(transactions, limit=2) == [("c", "1", 5), ("b", "2", 2)]
    assert await shown(transactions, before=2) == [("a", "1", 1)]
    assert await shown(transactions, execution_id="2") == [("b", "2", 2)]


async def test_a_tenant_has_approvals_of_its_own(transactions: InlineTransactions) -> None:
    await transactions.run(partial(Approvals().project, events=EVENTS))
    assert await shown(transactions, tenant="u", status="open") == [("a", "1", 3)]


async def test_an_approval_leads_to_the_execution_that_asks(transactions: InlineTransactions) -> None:
    await transactions.run(partial(Approvals().project, events=EVENTS))
    assert await transactions.run(lambda connection: execution_of(connection, "t", "b")) == "2"
    assert await transactions.run(lambda connection: execution_of(connection, "t", "z")) is None


async def test_a_cleared_view_is_empty(transactions: InlineTransactions) -> None:
    await transactions.run(partial(Approvals().project, events=EVENTS))
    await transactions.run(Approvals().clear)
    assert await shown(transactions) == []
