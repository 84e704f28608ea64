"""What a foreign producer may write to an inbox: records that can never be handled, and one that waits a while."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition
from google.protobuf.message import Message

from reveille.adapters.kafka_records import Headers, headers_of
from reveille.adapters.kafka_topics import PARTITIONS
from reveille.contracts.agent_runner.v1.events_pb2 import RunFailed, Work
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import MessageParked
from reveille.kernel.clock import SECOND, SystemClock
from reveille.kernel.event_bus import partition_of
from reveille.kernel.events import About, Meta, Recorded
from reveille.kernel.ids import UuidV7Ids, text
from reveille.kernel.parking import MAX_RECORD_BYTES
from reveille.kernel.processing import UPGRADE_SECONDS
from tests.chaos.executions import told_by
from tests.chaos.ongoing import STANDSTILL
from tests.chaos.recorded import Published, read_log, read_topics
from tests.chaos.running import Run
from tests.chaos.watching import head_of

# All in one partition of the planner's inbox: they and their neighbours are answered one behind the other.
PARTITION: Final = 5
SERVICE: Final = "planner"
OTHERS: Final = ("analyzer", "budget", "agent-runner")
# So many of the newest records are written again.
COPIES: Final = 6
# By it a record is where it belongs.
KEY: Final = next(key for key in map(str, count()) if partition_of(key, PARTITIONS) == PARTITION).encode()
# So long a record of a newer build waits here; the build that knows it does not come.
WAITING_SECONDS: Final = 12
FUTURE: Final = "reveille.planner.v1.FromTheFuture"
ABOUT: Final = About("foreign")
IDS: Final = UuidV7Ids()


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A record, and what the reason must say for which it is parked."""

    what: str
    value: bytes | None
    headers: Headers
    reason: str
    id: str = ""
    service: str = SERVICE
    partition: int = PARTITION


def write_to_an_inbox(run: Run) -> None:
    """Poison first, then a record that holds its partition for a while, then a restart that must not park it anew."""
    foreign = asyncio.run(_write_all(run))
    for one in run.services.replicas(SERVICE):
        run.kill_and_start(one)
    run.pause(1, 3)
    asyncio.run(_check_letters(run, foreign))


async def _write_all(run: Run) -> list[Foreign]:
    topic = _inbox_of(run, SERVICE)
    foreign, young = (
        [*_poison(), *_poison_of_others()],
        _future("one of a newer build", age_seconds=UPGRADE_SECONDS - WAITING_SECONDS),
    )
    misplaced: list[Foreign] = []
    async with AIOKafkaProducer(bootstrap_servers=run.servers.kafka.address) as producer:
        for service in (SERVICE, *OTHERS):
            misplaced += await _write_copies(run, producer, service)
        for one in foreign:
            to = _inbox_of(run, one.service)
            run.fault(f"to partition {PARTITION} of {to}: {one.what}")
            await _write(producer, to, one)
        everything = [*foreign, *misplaced, young]
        run.must_park = len(everything)
        run.foreign |= {one.id for one in everything}
        await _until_parked(run, len(everything) - 1)
        run.tell(f"{len(everything) - 1} records are parked")
        run.fault(f"to partition {PARTITION} of {topic}: {young.what}")
        offset = await _write(producer, topic, young)
    await _until_answered_up_to(run, topic, offset)
    since = await head_of(run.services.database_url)
    run.tell("it holds its partition")
    await _until_parked(run, len(everything))
    run.tell("it has waited long enough, and is parked")
    _check_held(run, await read_log(run.services.database_url), since)
    return everything


async def _write_copies(run: Run, producer: AIOKafkaProducer, service: str) -> list[Foreign]:
    """Records that were there, once more: the newest first, each in its partition, where nobody may feel it.

    And each in the next partition, where it is parked: who answers its key is another one.
    """
    topic = _inbox_of(run, service)
    run.fault(f"to {topic}: its newest records in reverse, in their partitions and in others")
    there = (await read_topics(run.servers.kafka.address, [topic]))[topic]
    misplaced = []
    for one in reversed(there[-COPIES:]):
        headers: Headers = [(name, value.encode()) for name, value in one.headers.items()]
        astray = (one.partition + 1) % PARTITIONS
        for partition in (one.partition, astray):
            await producer.send_and_wait(topic, one.value, one.key, partition, headers=headers)
        reason = f"is in partition {astray}, its key belongs to {one.partition}"
        what = "a record that went astray"
        misplaced.append(
            Foreign(what=what, value=one.value, headers=headers, reason=reason, service=service, partition=astray)
        )
    return misplaced


def _poison() -> list[Foreign]:
    nobody = TriggerFired(trigger_id="t-1", agent="nobody", signal_ids=["s"], fleet_revision=-1)
    nobody_of_acme = TriggerFired(trigger_id="t-2", agent="nobody", signal_ids=["s"]).SerializeToString()
    strange = RunFailed(work=Work(run_id="r-1", execution_id="nowhere", step="wake", attempt=1, agent="nobody"))
    event = _event(nobody)
    return [
        Foreign(what="bytes that are nothing", value=b"\xff\x00\xfe", headers=[], reason="no header ce_type"),
        Foreign(what="no value and no header", value=None, headers=[], reason="no header ce_type"),
        Foreign(
            what="a header without a value",
            value=b"1",
            headers=[*headers_of(event)[:-1], ("ce_time", None)],
            reason="a header of the record is not what it should be",
            id=text(event.id),
        ),
        _foreign("a value that is not its type", _event(nobody, data=b"\xff\xff\xff"), "is no reveille.analyzer"),
        _foreign("a megabyte that is not its type", _event(nobody, data=b"\xff" * 900_000), "is no reveille.analyzer"),
        _foreign(
            "another tenant's",
            _event(nobody, data=nobody_of_acme, stream="acme.watch-nobody"),
            "acme.fleet has no fleet at revision 0",
        ),
        _foreign("a position that no log has", _event(nobody, data=b"2", position=2**63), "is said to be of"),
        _foreign("a character that no database keeps", _event(nobody, data=b"3", about=About("\x00")), "character 0"),
        _foreign("somebody else's type", _event(nobody, data=b"4", type="acme.v1.Thing"), "acme.v1.Thing"),
        _foreign("the same at the same position", _event(nobody, data=b"5", type="acme.v1.Thing"), "acme.v1.Thing"),
        _foreign("a trigger for an agent that is not there", event, "wakes nobody"),
        _foreign("the end of a run that is none", _event(strange), "never started"),
        _future("an old one of a newer build", age_seconds=UPGRADE_SECONDS + 60),
    ]


def _poison_of_others() -> list[Foreign]:
    found = []
    for service in OTHERS:
        strange = _event(TriggerFired(trigger_id=service), type="acme.v1.Thing", position=2)
        found += [
            Foreign(what="bytes that are nothing", value=b"\xff", headers=[], reason="no header", service=service),
            replace(_foreign("somebody else's type", strange, "acme.v1.Thing"), service=service),
        ]
    return found


def _inbox_of(run: Run, service: str) -> str:
    return f"{run.prefix}.{service}.inbox.v1"


def _future(what: str, *, age_seconds: int) -> Foreign:
    time = SystemClock().now() - age_seconds * SECOND
    return _foreign(what, _event(TriggerFired(trigger_id=what), type=FUTURE, time=time), FUTURE)


def _foreign(what: str, event: Recorded, reason: str) -> Foreign:
    headers = [(name, value if name != "ce_source" else b"acme") for name, value in headers_of(event)]
    return Foreign(what=what, value=event.data, headers=[*headers, ("their", b"own")], reason=reason, id=text(event.id))


def _event(msg: Message, *, about: About = ABOUT, **changes: Any) -> Recorded:
    values: dict[str, Any] = {
        "type": msg.DESCRIPTOR.full_name,
        "data": msg.SerializeToString(),
        "position": 1,
        "stream": "default.foreign-1",
    }
    values |= changes
    meta = Meta(values.pop("time", SystemClock().now()), about)
    return Recorded(id=IDS.new(), meta=meta, msg=msg, revision=0, **values)


async def _write(producer: AIOKafkaProducer, topic: str, one: Foreign) -> int:
    sent = await producer.send_and_wait(topic, one.value, KEY, PARTITION, headers=list(one.headers))
    return int(sent.offset)


async def _until_parked(run: Run, count: int) -> None:
    async def parked() -> bool:
        log = await read_log(run.services.database_url)
        return len(told_by(log).parked) >= count

    await _until(run, parked, f"{count} records are parked")


async def _until_answered_up_to(run: Run, topic: str, offset: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=run.servers.kafka.address)
    await admin.start()

    async def answered() -> bool:
        committed = await admin.list_consumer_group_offsets(f"{run.prefix}.{SERVICE}")
        at = committed.get(TopicPartition(topic, PARTITION))
        return at is not None and at.offset >= offset

    try:
        await _until(run, answered, f"partition {PARTITION} of {topic} is answered up to {offset}")
    finally:
        await admin.close()


async def _until(run: Run, holds: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(STANDSTILL):
            while not await holds():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.3)
    except TimeoutError:
        run.expect(False, f"after {STANDSTILL:g} s still not: {what}")


def _check_held(run: Run, log: Sequence[Recorded], since: int) -> None:
    """From when it was the first of its partition until it was parked."""
    letters = [event for event in told_by(log).parked if event.position > since]
    parked = next((one for one in letters if isinstance(one.msg, MessageParked) and one.msg.event_type == FUTURE), None)
    run.expect(parked is not None, "the record of a newer build was not parked after it had held its partition")
    until = parked.position if parked else len(log)
    answers = [event for event in log[since : until - 1] if event.type.startswith("reveille.planner.")]
    behind = [event for event in answers if event.meta.origin.sender and event.meta.origin.partition == PARTITION]
    run.expect(not behind, f"{len(behind)} messages behind the record of a newer build were answered before it")
    run.expect(len(answers) > len(behind), "the other partitions have stood still meanwhile")


async def _check_letters(run: Run, foreign: Sequence[Foreign]) -> None:
    for service in (SERVICE, *OTHERS):
        topic = f"{run.prefix}.{service}.deadletter.v1"
        found = (await read_topics(run.servers.kafka.address, [topic]))[topic]
        letters = {letter.headers["reveille_letter"]: letter for letter in found}
        _check_letters_of(run, topic, letters.values(), [one for one in foreign if one.service == service])


def _check_letters_of(run: Run, topic: str, letters: Collection[Published], foreign: Sequence[Foreign]) -> None:
    run.expect(len(letters) == len(foreign), f"{topic} holds {len(letters)} letters, expected {len(foreign)}")
    for one in foreign:
        found = [letter for letter in letters if _is_of(letter, one)]
        run.expect(len(found) == 1, f"{one.what}: {topic} holds {len(found)} letters with its value and its headers")
        for letter in found:
            told = letter.headers
            run.expect(one.reason in told["reveille_error"], f"{one.what} is parked for: {told['reveille_error']}")
            run.expect(told["reveille_service"] == one.service, f"{one.what} is parked by {told['reveille_service']}")
            run.expect(told["reveille_partition"] == str(one.partition), f"{one.what}: {told['reveille_partition']}")
            run.expect(told["reveille_attempts"] == "1", f"{one.what}: {told['reveille_attempts']} attempts")


def _is_of(letter: Published, one: Foreign) -> bool:
    original = {name: (value or b"").decode(errors="replace") for name, value in one.headers}
    kept = {name: value for name, value in letter.headers.items() if not name.startswith("reveille_")}
    # Of a very large one as much is kept as fits.
    return letter.value == (one.value or b"")[:MAX_RECORD_BYTES] and kept == original
