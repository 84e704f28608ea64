"""What stands in an encrypted log, and what its readers meet."""

import sqlite3
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, closing
from pathlib import Path

import pytest
from google.protobuf.message import Message

from reveille.adapters.data_keys import KeyRing
from reveille.adapters.encryption import FileKeys
from reveille.adapters.inline_store import InlineEventStore
from reveille.adapters.key_rows import KeyRow, Subject
from reveille.adapters.sealing_store import SealingStore
from reveille.adapters.sealing_subjects import execution
from reveille.adapters.sqlite_data_keys import SqliteDataKeys
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.agent_runner.v1.events_pb2 import AgentThinking, RunCompleted, RunStarted, Work
from reveille.contracts.common.v1.common_pb2 import EventRef, MessageParked, Signal, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import InputAdded, InputContent, SignalReceived, SubjectErased
from reveille.contracts.planner.v1.events_pb2 import StepCompleted
from reveille.kernel.errors import Poison, Unknown
from reveille.kernel.event_store import NO_STREAM, Append, Appended, Conflict
from reveille.kernel.events import About, Meta, New, Recorded, new_event
from reveille.kernel.handling import Cause, Handling
from reveille.kernel.handling import Work as Task
from reveille.kernel.ids import UuidV7Ids
from reveille.kernel.parking import Drop, decider
from reveille.kernel.sealing import open_sealed, seal
from tests.sealing import MASTER, SUBJECTS

IDS = UuidV7Ids()
WORDS = b"planted words"
INPUTS = "acme.inputs-p1"


class House:
    """A log and its keys; `sealed` and `other` are two processes on both."""

    def __init__(self, log: InlineEventStore, rows: SqliteDataKeys) -> None:
        self.log, self.rows = log, rows
        self.sealed, self.other = self.process(), self.process()

    def process(self) -> SealingStore:
        return SealingStore(self.log, KeyRing(self.rows, FileKeys.of(MASTER)), SUBJECTS, EVENT_TYPES)

    async def erase(self, *subjects: Subject) -> None:
        await self.rows.erase(subjects)
        await append(self.other, "acme.erasures", SubjectErased())

    async def keys(self, stream: str) -> set[str]:
        """Whose keys its events are encrypted with."""
        ids = {id for event in await read(self.sealed, stream) for id in event.keys}
        return {row.subject for row in await self.rows.by_ids(ids)}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        log, rows = InlineEventStore(EVENT_TYPES), SqliteDataKeys.open(tmp_path / "keys.db")
        stack.push_async_callback(log.close)
        stack.push_async_callback(rows.close)
        yield House(log, rows)


def new(msg: Message) -> New:
    return new_event(IDS.new(), msg, Meta(7, About("c")))


def input_of(name: str, text: bytes = WORDS) -> InputAdded:
    content = InputContent(text=text.decode(), added_by=name)
    return InputAdded(execution_id="p1", input_id="i1", content=seal(content.SerializeToString()))


async def append(store: SealingStore | InlineEventStore, stream: str, *messages: Message) -> list[New]:
    news = [new(msg) for msg in messages]
    head = await store.read_backwards(stream, 1)
    (outcome,) = await store.append([Append(stream, head[0].revision if head else NO_STREAM, news)])
    assert isinstance(outcome, Appended), outcome
    return news


async def read(store: SealingStore | InlineEventStore, stream: str) -> list[Recorded]:
    return (await store.read_streams({stream: NO_STREAM}))[stream]


def texts(events: Sequence[Recorded]) -> list[str]:
    return [
        InputContent.FromString(open_sealed(event.msg.content)).text
        for event in events
        if isinstance(event.msg, InputAdded)
    ]


async def test_the_log_holds_no_words_and_every_reader_meets_them(house: House) -> None:
    await append(house.sealed, INPUTS, input_of("bruno"))
    (kept,) = await read(house.log, INPUTS)
    assert WORDS not in kept.data
    assert b"bruno" not in kept.data
    for store in (house.sealed, house.other):
        assert texts(await read(store, INPUTS)) == [WORDS.decode()]
        assert texts(await store.read_all(0, 10)) == [WORDS.decode()]
        assert texts(await store.read_backwards(INPUTS, 1)) == [WORDS.decode()]
        assert texts([await store.read_one(INPUTS, 0)]) == [WORDS.decode()]
        assert texts(await store.read_at([kept.position])) == [WORDS.decode()]


async def test_what_was_decided_on_is_not_altered(house: House) -> None:
    msg = input_of("bruno")
    (event,) = await append(house.sealed, INPUTS, msg)
    assert event.msg == input_of("bruno")
    assert event.data == msg.SerializeToString()


async def test_what_was_recorded_before_stays_readable_beside_what_is_encrypted(house: House) -> None:
    await append(house.log, INPUTS, input_of("bruno", b"plain"))
    await append(house.sealed, INPUTS, input_of("bruno"))
    found = await read(house.sealed, INPUTS)
    assert texts(found) == ["plain", WORDS.decode()]
    assert [bool(event.keys) for event in found] == [False, True]


async def test_a_text_is_under_the_key_of_who_wrote_it_else_of_its_plan_else_of_its_tenant(house: House) -> None:
    bruno = SUBJECTS.person("acme", "bruno").name
    await append(house.sealed, INPUTS, input_of("bruno"))
    assert await house.keys(INPUTS) == {bruno}
    signal = Signal(content=seal(SignalContent(actor="bruno", title="t").SerializeToString()))
    await append(house.sealed, "acme.signal-1", SignalReceived(signal=signal))
    assert await house.keys("acme.signal-1") == {bruno}
    await append(house.sealed, "acme.execution-p1", StepCompleted(execution_id="p1", result=seal(b"{}")))
    assert await house.keys("acme.execution-p1") == {"execution:p1"}
    await append(house.sealed, "acme.deadletter-planner-0", MessageParked(record=seal(b"record")))
    assert await house.keys("acme.deadletter-planner-0") == {"tenant"}


async def test_a_run_is_its_plans_also_where_another_process_goes_on_with_it(house: House) -> None:
    run = "acme.run-r1"
    await append(house.sealed, run, RunStarted(work=Work(run_id="r1", execution_id="p1")))
    await append(house.sealed, run, AgentThinking(run_id="r1", text=seal(WORDS)))
    await append(house.other, run, AgentThinking(run_id="r1", text=seal(WORDS)))
    assert await house.keys(run) == {"execution:p1"}


async def test_two_tenants_share_no_key(house: House) -> None:
    for tenant in ("acme", "other"):
        await append(house.sealed, f"{tenant}.inputs-p1", input_of("bruno"))
    (mine,), (theirs,) = await read(house.sealed, INPUTS), await read(house.sealed, "other.inputs-p1")
    assert set(mine.keys).isdisjoint(theirs.keys)


async def test_what_is_erased_reads_so_in_every_process_and_the_log_goes_on(house: House) -> None:
    await append(house.sealed, INPUTS, input_of("bruno"), input_of("ada", b"of another"))
    forgotten: list[bool] = []
    house.sealed.forgets.append(lambda: forgotten.append(True))
    assert texts(await read(house.sealed, INPUTS)) == [WORDS.decode(), "of another"]
    await house.erase(SUBJECTS.person("acme", "bruno"))
    await house.sealed.read_all(0, 100)
    assert forgotten == [True]
    for store in (house.sealed, house.other, house.process()):
        assert texts(await read(store, INPUTS)) == ["[erased]", "of another"]
    await append(house.sealed, INPUTS, input_of("bruno", b"again"))
    assert texts(await read(house.other, INPUTS)) == ["[erased]", "of another", "again"]


async def test_what_a_run_still_writes_of_an_erased_plan_is_erased_as_it_is_written(house: House) -> None:
    run = "acme.run-r1"
    await append(house.sealed, run, RunStarted(work=Work(run_id="r1", execution_id="p1")))
    await append(house.sealed, run, AgentThinking(run_id="r1", text=seal(b"before")))
    await house.erase(execution("acme", "p1"))
    await house.sealed.read_all(0, 100)
    await append(house.sealed, run, RunCompleted(work=Work(execution_id="p1"), result=seal(b'{"late": "words"}')))
    for store in (house.sealed, house.other):
        done = (await read(store, run))[-1].msg
        assert isinstance(done, RunCompleted)
        assert open_sealed(done.result) == b'{"summary": "[erased]"}'
    assert b"late" not in (await read(house.log, run))[-1].data


async def test_an_append_of_unknown_outcome_goes_again_with_the_same_bytes(house: House) -> None:
    sent: list[bytes] = []
    inner = house.log.append

    async def losing(batch: Sequence[Append]) -> list[Appended | Conflict]:
        sent.append(batch[0].events[0].data)
        outcomes = await inner(batch)
        if len(sent) == 1:
            raise Unknown("no answer came")
        return outcomes

    house.log.append = losing  # type: ignore[method-assign]
    event = new(input_of("bruno"))
    with pytest.raises(Unknown):
        await house.sealed.append([Append(INPUTS, NO_STREAM, [event])])
    (outcome,) = await house.sealed.append([Append(INPUTS, NO_STREAM, [event])])
    assert isinstance(outcome, Appended)
    assert outcome.repeated
    assert sent[0] == sent[1]


async def test_the_same_words_are_never_the_same_bytes(house: House) -> None:
    await append(house.sealed, INPUTS, input_of("bruno"), input_of("bruno"))
    first, second = await read(house.log, INPUTS)
    assert first.data != second.data


async def test_a_snapshot_is_encrypted_and_erased_with_its_plan(house: House) -> None:
    stream = "acme.analysis-p1"
    await house.sealed.save_snapshot(stream, b'{"state": "planted words"}')
    assert WORDS not in (await house.log.snapshot(stream) or b"")
    assert await house.other.snapshot(stream) == b'{"state": "planted words"}'
    assert await house.other.snapshot("acme.analysis-p2") is None
    await house.erase(execution("acme", "p1"))
    assert await house.other.snapshot(stream) is None


async def test_a_snapshot_from_before_is_taken_and_one_that_was_moved_is_not(house: House) -> None:
    await house.log.save_snapshot("acme.analysis-p1", b'{"state": 1}')
    assert await house.sealed.snapshot("acme.analysis-p1") == b'{"state": 1}'
    await house.sealed.save_snapshot("acme.analysis-p1", b'{"state": 2}')
    await house.log.save_snapshot("acme.analysis-p2", await house.log.snapshot("acme.analysis-p1") or b"")
    assert await house.sealed.snapshot("acme.analysis-p2") is None


class TestTampering:
    """On a file, as somebody changes it who has the log and not the keys."""

    @pytest.fixture
    async def file(self, tmp_path: Path) -> Path:
        """With three texts, in two streams."""
        async with _opened(tmp_path) as store:
            await append(store, INPUTS, input_of("bruno"), input_of("bruno", b"second"))
            await append(store, "acme.inputs-p2", input_of("bruno", b"third"))
        return tmp_path / "log.db"

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ("data = CAST(substr(data, 1, length(data) - 1) || x'00' AS BLOB)", "at acme.inputs-p1@0 cannot be opened"),
            ("id = x'00112233445566778899aabbccddeeff'", "00112233-4455-6677-8899-aabbccddeeff at acme.inputs-p1@0"),
            ("stream = 2, revision = 7", "at acme.inputs-p2@7 cannot be opened"),
            ("data = (SELECT data FROM events WHERE position = 2)", "at acme.inputs-p1@0 cannot be opened"),
            ("data = CAST(replace(data, x'726b', x'726c') AS BLOB)", "which the table of keys has not"),
        ],
        ids=["a byte", "its id", "its stream", "another's bytes", "its key's id"],
    )
    async def test_a_changed_event_has_no_message_and_says_where_it_stands(
        self, file: Path, change: str, told: str
    ) -> None:
        with closing(sqlite3.connect(file)) as log, log:
            log.execute(f"UPDATE events SET {change} WHERE position = 1")
        async with _opened(file.parent) as store:
            changed, *others = await store.read_all(0, 10)
            assert changed.msg is None
            assert told in changed.unreadable
            assert "content of reveille.ingress.v1.InputAdded" in changed.unreadable
            assert texts(others) == ["second", "third"]

    async def test_work_on_a_changed_stream_is_poison_and_other_streams_go_on(self, tmp_path: Path) -> None:
        streams = ["acme.deadletter-planner-0", "acme.deadletter-planner-1"]
        async with _opened(tmp_path) as store:
            for stream in streams:
                await append(store, stream, MessageParked(record=seal(b"record")))
        with closing(sqlite3.connect(tmp_path / "log.db")) as log, log:
            log.execute("UPDATE events SET id = x'00112233445566778899aabbccddeeff' WHERE position = 1")
        async with _opened(tmp_path) as store:
            handling = Handling([decider], store=store, ids=IDS, replica="here")
            drop = Drop(now=1, service="planner", parked=EventRef(), reason="nobody wants it")
            works = [Task(Cause(About("c")), [(stream, drop)]) for stream in streams]
            await handling.execute(works)
        assert isinstance(works[0].error, Poison)
        assert "record of reveille.common.v1.MessageParked" in str(works[0].error)
        assert works[1].error is None
        assert works[1].position > 0


class _opened:
    """A log and its keys in files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> SealingStore:
        log = SqliteEventStore.open(self._folder / "log.db", EVENT_TYPES)
        rows = SqliteDataKeys.open(self._folder / "keys.db")
        self._stack.push_async_callback(log.close)
        self._stack.push_async_callback(rows.close)
        return SealingStore(log, KeyRing(rows, FileKeys.of(MASTER)), SUBJECTS, EVENT_TYPES)

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()


async def test_what_is_erased_while_its_key_is_fetched_is_not_kept_open(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await append(house.sealed, INPUTS, input_of("bruno"))
    reader, by_ids = house.process(), house.rows.by_ids

    async def meanwhile(ids: Collection[str]) -> list[KeyRow]:
        monkeypatch.undo()
        found = await by_ids(ids)
        await house.erase(SUBJECTS.person("acme", "bruno"))
        await reader.read_all(0, 10)  # and so it hears of it
        return found

    monkeypatch.setattr(house.rows, "by_ids", meanwhile)
    assert texts(await read(reader, INPUTS)) == ["[erased]"]
    assert texts(await read(reader, INPUTS)) == ["[erased]"]


async def test_what_is_written_while_its_key_is_erased_is_erased_for_its_writer_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = house.rows.add

    async def meanwhile(rows: Sequence[KeyRow]) -> int:
        monkeypatch.undo()
        made = await add(rows)
        await house.erase(SUBJECTS.person("acme", "bruno"))
        await house.sealed.read_all(0, 10)
        return made

    monkeypatch.setattr(house.rows, "add", meanwhile)
    await append(house.sealed, INPUTS, input_of("bruno"))
    assert texts(await read(house.sealed, INPUTS)) == ["[erased]"] == texts(await read(house.other, INPUTS))
