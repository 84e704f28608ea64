"""The judge bites: a run that is right is found right, and each thing that can be wrong with one is found."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import pytest
from google.protobuf.message import Message

from reveille.adapters.kafka_records import headers_of
from reveille.adapters.kafka_topics import PARTITIONS
from reveille.cli.catalogue import ROUTES, SERVICES
from reveille.contracts.agent_runner.v1 import events_pb2 as runner
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.budget.v1.events_pb2 import Reservation, TokensReleased, TokensReserved
from reveille.contracts.common.v1.common_pb2 import MessageParked, Signal
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.contracts.planner.v1 import events_pb2 as planner
from reveille.kernel.event_bus import partition_of
from reveille.kernel.events import About, Meta, Origin, Recorded, service_of
from tests.chaos.checking import PARKED
from tests.chaos.outside import Accepted, Effect
from tests.chaos.recorded import Published, topics_of
from tests.chaos.verdict import Verdict, judge

PREFIX: Final = "p"
ACCEPTED: Final = Accepted(number=1, delivery="d-1", signal="s-1", tries=1)
EFFECT: Final = Effect(number=1, signal="s-1", execution="e-1", run="r-1", attempt=1)
WORK: Final = runner.Work(run_id="r-1", execution_id="e-1", step="wake", attempt=1, agent="a")
WATCH, EXECUTION, LEDGER, AGENT, RUN = "t.watch-a", "t.execution-e-1", "t.ledger", "t.agent-a", "t.run-r-1"
Log = list[Recorded]


def told() -> list[tuple[str, Message, int]]:
    """Stream, event and the position of its cause."""
    return [
        ("t.signal-1", SignalReceived(signal=Signal(id="s-1")), 0),
        (WATCH, TriggerFired(trigger_id="t-1", agent="a", signal_ids=["s-1"]), 1),
        (EXECUTION, planner.ExecutionStarted(execution_id="e-1", signal_ids=["s-1"]), 2),
        (EXECUTION, planner.StepPlanned(execution_id="e-1", step="wake"), 2),
        (EXECUTION, planner.StepReady(execution_id="e-1", step="wake", run_id="r-1", attempt=1), 2),
        (LEDGER, TokensReserved(reservation=Reservation(run_id="r-1", execution_id="e-1", agent="a")), 5),
        (AGENT, runner.AgentWoken(work=WORK), 6),
        (RUN, runner.RunStarted(work=WORK), 7),
        (RUN, runner.RunCompleted(work=WORK), 0),
        (LEDGER, TokensReleased(run_id="r-1"), 9),
        (EXECUTION, planner.StepCompleted(execution_id="e-1", step="wake", run_id="r-1"), 9),
        (EXECUTION, planner.ExecutionCompleted(execution_id="e-1"), 9),
        (AGENT, runner.AgentSlept(agent="a", run_id="r-1"), 9),
    ]


def logged(events: Sequence[tuple[str, Message, int]]) -> Log:
    log: Log = []
    revisions: dict[str, int] = defaultdict(int)
    for position, (stream, message, cause) in enumerate(events, 1):
        origin = Origin()
        if cause:
            told = log[cause - 1]
            origin = Origin(told.id, service_of(told.type), 0, cause)
        type_name = message.DESCRIPTOR.full_name
        meta = Meta(0, About("s-1"), origin)
        data = message.SerializeToString()
        log.append(Recorded(position.to_bytes(16), type_name, data, meta, message, position, stream, revisions[stream]))
        revisions[stream] += 1
    return log


def topics_for(log: Log) -> dict[str, list[Published]]:
    topics: dict[str, list[Published]] = {topic: [] for topic in topics_of(PREFIX)}

    def publish(topic: str, key: str, event: Recorded) -> None:
        headers = {name: (value or b"").decode() for name, value in headers_of(event)}
        at = partition_of(key, PARTITIONS)
        published = Published(
            partition=at, offset=len(topics[topic]), key=key.encode(), value=event.data, headers=headers
        )
        topics[topic].append(published)

    for event in log:
        if event.type != PARKED:
            publish(f"{PREFIX}.{service_of(event.type)}.events.v1", event.stream, event)
            for to, key_of in ROUTES.get(event.type, {}).items():
                if (key := key_of(event)) is not None:
                    publish(f"{PREFIX}.{to}.inbox.v1", key, event)
    return topics


def verdict_on(
    log: Log,
    *,
    accepted: Sequence[Accepted] = (ACCEPTED,),
    effects: Sequence[Effect] = (EFFECT,),
    topics: dict[str, list[Published]] | None = None,
) -> Verdict:
    verdict = Verdict(scenario="a test")
    on_topics = topics_for(log) if topics is None else topics
    judge(verdict, accepted=accepted, effects=effects, log=log, topics=on_topics, prefix=PREFIX)
    return verdict


def test_a_run_that_is_right_is_found_right() -> None:
    verdict = verdict_on(logged(told()))
    assert (verdict.problems, verdict.held, verdict.superseded, verdict.repeated) == ({}, True, 0, 0)


@pytest.mark.parametrize("missing", range(13))
def test_whatever_is_missing_from_the_log_is_missed(missing: int) -> None:
    log = logged(told())
    del log[missing]
    assert not verdict_on(log).held


@pytest.mark.parametrize("name", [message.DESCRIPTOR.name for _, message, _ in told()])
def test_whatever_is_there_twice_is_found(name: str) -> None:
    events = told()
    again = next(event for event in events if event[1].DESCRIPTOR.name == name)
    problems = verdict_on(logged([*events, again])).problems
    assert name in ("AgentSlept",) or problems["doubled"]


def test_what_was_never_completed_is_lost() -> None:
    events = [event for event in told() if "Completed" not in event[1].DESCRIPTOR.name and event[2] != 9]
    problems = verdict_on(logged(events)).problems
    assert "is not completed" in problems["lost"][0]
    assert len(problems["unsettled"]) == 3


def test_a_delivery_that_the_log_does_not_hold_is_lost() -> None:
    other = Accepted(number=2, delivery="d-2", signal="s-2", tries=1)
    assert "which the log does not hold" in verdict_on(logged(told()), accepted=[ACCEPTED, other]).problems["lost"][0]


def test_work_that_nobody_has_done_is_lost() -> None:
    assert "has done nothing" in verdict_on(logged(told()), effects=[]).problems["lost"][0]


def test_work_that_was_done_twice_by_one_attempt_is_doubled() -> None:
    assert "2 times" in verdict_on(logged(told()), effects=[EFFECT, EFFECT]).problems["doubled"][0]


def test_work_of_an_attempt_that_was_cut_off_is_listed_apart() -> None:
    verdict = verdict_on(logged(told()), effects=[EFFECT, replace(EFFECT, run="r-0")])
    assert (verdict.held, verdict.superseded, verdict.effects) == (True, 1, 2)


def test_a_signal_that_nobody_was_told_of_is_found() -> None:
    assert "nobody was told" in verdict_on(logged(told()), accepted=[]).problems["doubled"][0]


def test_an_execution_that_went_backwards_is_found() -> None:
    events = told()
    events[7], events[8] = events[8], events[7]
    assert "execution e-1 went" in verdict_on(logged(events)).problems["out of order"][0]


def test_a_stream_that_answers_an_older_message_later_is_found() -> None:
    log = logged([*told(), (LEDGER, TokensReleased(run_id="r-9"), 5)])
    log[-1].meta.origin = Origin(log[4].id, "planner", 0, 5)
    log[5].meta.origin = Origin(log[11].id, "planner", 0, 12)
    assert any("after 12" in line for line in verdict_on(log).problems["out of order"])


def test_a_cause_that_is_not_where_it_is_said_to_be_is_found() -> None:
    log = logged(told())
    log[1].meta.origin = Origin(bytes(16), "ingress", 0, 1)
    assert "names a cause" in verdict_on(log).problems["out of order"][0]


def test_a_step_that_failed_and_a_letter_that_nobody_expected_are_found() -> None:
    failed = planner.StepFailed(execution_id="e-1", step="wake", reason="error")
    letter = MessageParked(service="planner", error="never")
    events = [*told(), (EXECUTION, failed, 0), ("t.deadletter-planner-1", letter, 0)]
    assert set(verdict_on(logged(events)).problems) == {"failed", "parked"}


@pytest.mark.parametrize("service", list(SERVICES))
def test_an_event_that_is_not_on_its_public_topic_is_lost(service: str) -> None:
    log = logged(told())
    topics = topics_for(log)
    del topics[f"{PREFIX}.{service}.events.v1"][0]
    assert "lacks 1 of" in verdict_on(log, topics=topics).problems["lost"][0]


def spoiled(spoil: Callable[[list[Published]], list[Published]]) -> Verdict:
    log = logged(told())
    topics = topics_for(log)
    topic = f"{PREFIX}.planner.events.v1"
    topics[topic] = spoil(topics[topic])
    return verdict_on(log, topics=topics)


def test_a_record_that_is_there_twice_is_counted_and_no_harm() -> None:
    verdict = spoiled(lambda records: [*records[:2], *records])
    assert (verdict.held, verdict.repeated) == (True, 2)


def test_records_that_are_out_of_order_are_found() -> None:
    assert spoiled(lambda records: [records[1], records[0], *records[2:]]).problems["out of order"]


def test_a_record_in_another_partition_is_found() -> None:
    def moved(records: list[Published]) -> list[Published]:
        return [replace(records[0], partition=(records[0].partition + 1) % PARTITIONS), *records[1:]]

    assert spoiled(moved).problems["lost"]


def test_a_record_that_the_log_does_not_hold_is_found() -> None:
    def foreign(records: list[Published]) -> list[Published]:
        headers = {**records[0].headers, "ce_id": "somebody's", "ce_position": "99", "ce_streamrevision": "99"}
        return [*records, replace(records[0], headers=headers)]

    assert "that the log does not" in spoiled(foreign).problems["lost"][0]
