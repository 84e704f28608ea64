"""The views of signals: found by what they are about, and made anew where an older build had kept less of them."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from alembic import command
from google.protobuf.message import Message
from sqlalchemy import Connection, text

from reveille.adapters.migrations import configuration, migrate_connection, versions_of
from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlPositions
from reveille.contracts.common.v1.common_pb2 import Sealed, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import SignalEnriched, SignalReceived, SubjectErased
from reveille.ingress.adapters.sql.enriching import SqlEnriching, open_before
from reveille.ingress.adapters.sql.signals import SqlSignals
from reveille.kernel.events import About, Meta, Recorded
from tests.unit.databases import database_of

POSITIONS = count(1)


def recorded(message: Message, *, key: str = "00" * 16, at: int = 10) -> Recorded:
    position = next(POSITIONS)
    id, name = position.to_bytes(16, "big"), message.DESCRIPTOR.full_name
    return Recorded(id, name, b"", Meta(at, About("c")), message, position, f"t.signal-{key}", 0)


def received(repository: str, *, kind: str = "push", means: str = "code.pushed", **more: Any) -> SignalReceived:
    content = Sealed(data=SignalContent(repository=repository).SerializeToString())
    return SignalReceived(signal=Signal(source="github", kind=kind, means=means, content=content, **more))


async def listed(views: InlineTransactions, **having: str) -> list[int]:
    rows = await views.run(lambda connection: SqlSignals().newest(connection, "t", before=0, limit=10, having=having))
    return [row.position for row in rows]


async def test_signals_are_found_by_any_of_what_they_are_about() -> None:
    views = database_of("ingress")
    events = [recorded(received("acme/app")), recorded(received("acme/app", means="other")), recorded(received(""))]
    await views.run(lambda connection: SqlSignals().project(connection, events))
    first, second, third = (event.position for event in events)
    assert await listed(views) == [third, second, first]
    assert await listed(views, repository="acme/app") == [second, first]
    assert await listed(views, repository="acme/app", means="code.pushed", kind="push", source="github") == [first]
    assert await listed(views, means="other") == [second]
    await views.close()


async def test_what_is_kept_of_an_erased_persons_signals_is_as_a_rebuild_finds_it() -> None:
    views, view = database_of("ingress"), SqlSignals()
    his, anothers = recorded(received("ada/diary")), recorded(received("ada/diary"))
    his.keys, anothers.keys = ("rk-1",), ("rk-2",)
    await views.run(lambda connection: view.project(connection, [his, anothers]))
    erased = recorded(SubjectErased(key_ids=["rk-1"]))
    await views.run(lambda connection: view.project(connection, [erased]))
    assert await listed(views, repository="ada/diary") == [anothers.position]
    assert await listed(views) == [anothers.position, his.position]
    await views.close()


async def test_the_index_of_repositories_is_used() -> None:
    views = database_of("ingress")
    plan = await views.run(
        lambda connection: connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT * FROM signals WHERE tenant = 't' AND repository = 'a/b' "
                "AND repository <> '' ORDER BY position DESC LIMIT 5"
            )
        ).fetchall()
    )
    assert "signals_of_repository" in str(plan)
    await views.close()


async def test_a_signal_waits_until_its_provider_has_answered_wherever_a_batch_ends() -> None:
    events = [
        recorded(received("a/b", enriching=True), key="01" * 16, at=10),
        recorded(received("a/b"), key="02" * 16),
        recorded(received("a/b", enriching=True), key="03" * 16, at=20),
        recorded(SignalEnriched(), key="01" * 16),
    ]
    for cut in range(len(events) + 1):
        views = database_of("ingress")
        for batch in (events[:cut], events[cut:]):
            await take(views, batch)
        assert await waiting(views) == [f"t.signal-{'03' * 16}"]
        assert await waiting(views, before=20) == []
        await views.run(SqlEnriching().clear)
        assert await waiting(views) == []
        await views.close()


async def take(views: InlineTransactions, batch: Sequence[Recorded]) -> None:
    await views.run(lambda connection: SqlEnriching().project(connection, batch))


async def waiting(views: InlineTransactions, before: int = 100) -> list[str]:
    return await views.run(lambda connection: open_before(connection, before, 10))


async def test_an_older_database_is_brought_up_to_date_and_its_signals_are_taken_in_again() -> None:
    views = InlineTransactions()

    def as_it_was(connection: Connection) -> None:
        command.upgrade(configuration(connection, versions_of("ingress")), "0001")
        connection.execute(text("INSERT INTO signals VALUES (7, 't', x'01', x'02', 'github', 'push')"))
        for view in ("signals", "trail"):
            SqlPositions().save(connection, view, 7)

    await views.run(as_it_was)
    await views.run(lambda connection: migrate_connection(connection, "ingress"))
    assert await listed(views) == []
    positions = [
        await views.run(lambda connection, name=name: SqlPositions().load(connection, name))  # type: ignore[misc]
        for name in ("signals", "trail", "enriching")
    ]
    assert positions == [0, 7, 0]
    await views.close()
