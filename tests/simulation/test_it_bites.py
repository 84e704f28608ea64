"""For each promise a platform that breaks it, and the checker that says so."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.agent_runner.application.assignment import Known
from reveille.agent_runner.application.links import Links
from reveille.agent_runner.domain import run
from reveille.analyzer.domain import gathering, watch
from reveille.budget.domain.accounts import Account
from reveille.budget.domain.draft import Draft
from reveille.contracts.agent_runner.v1.events_pb2 import RunStarted
from reveille.contracts.analyzer.v1.events_pb2 import TriggerGathered
from reveille.contracts.budget.v1.events_pb2 import LimitRaised
from reveille.contracts.common.v1.common_pb2 import EventRef, Money
from reveille.contracts.ingress.v1.events_pb2 import BlueprintStep
from reveille.contracts.planner.v1.events_pb2 import PlanUpdated
from reveille.ingress.application import appending, inputs, receiving
from reveille.ingress.application.inputs import Inputs
from reveille.ingress.application.projections import timeline
from reveille.kernel.clock import Clock
from reveille.kernel.event_bus import Consumer
from reveille.kernel.event_store import Append, Appended, EventStore
from reveille.kernel.events import About, Origin, Recorded, stream_name
from reveille.kernel.handling import Cause, Handling, Work, _Stream
from reveille.kernel.processing import Processing
from reveille.kernel.timers import Due, Timers
from reveille.kernel.views import Follower
from reveille.planner.application.taking_inputs import TakingInputs
from reveille.planner.domain import completing, execution, failing, starting, wave
from reveille.planner.domain.commands import Adopted
from reveille.planner.domain.draft import Draft as PlanDraft
from reveille.planner.domain.state import Execution
from tests.simulation.biting import caught


def test_an_answer_before_the_append_breaks_promise_1(monkeypatch: pytest.MonkeyPatch) -> None:

    async def later(store: EventStore, clock: Clock, batch: Sequence[Append]) -> list[Appended]:
        asyncio.ensure_future(appending.append(store, clock, batch)).add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )
        return [Appended(0, 0) for _ in batch]

    monkeypatch.setattr(receiving, "append", later)
    assert caught(1, "which the log has not")


def test_forgetting_what_was_answered_breaks_promise_2(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = Handling._decide

    def forgetful(self: Handling, stream: _Stream) -> Any:
        assert stream.base is not None
        stream.base = replace(stream.base, answered={})
        return decide(self, stream)

    monkeypatch.setattr(Handling, "_decide", forgetful)
    assert caught(2, "again")


def test_acknowledging_before_the_decision_breaks_promise_2(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = Processing.turn

    async def hasty(self: Processing, consumer: Consumer) -> None:
        class Hasty:
            async def receive(self, limit: int) -> Any:
                batch = await consumer.receive(limit)
                await consumer.ack({message.partition: message.offset for message in batch.messages})
                await consumer.behind(0)  # sends it
                return batch

            def __getattr__(self, name: str) -> Any:
                return getattr(consumer, name)

        await turn(self, Hasty())

    monkeypatch.setattr(Processing, "turn", hasty)
    assert caught(2, "was decided on for []", first=59)


def test_a_window_that_forgets_who_joined_it_breaks_promise_2(monkeypatch: pytest.MonkeyPatch) -> None:
    evolve = gathering.evolve

    def forgetful(state: gathering.Watch, event: Message, about: About) -> gathering.Watch:
        if isinstance(event, TriggerGathered) and event.group in state.groups:
            return replace(state, look_at=event.look_at.ToMicroseconds())
        return evolve(state, event, about)

    monkeypatch.setattr(watch, "decider", replace(watch.decider, evolve=forgetful))
    assert caught(2, "was decided on for []", first=7)


def test_an_approval_that_raises_no_limit_breaks_promise_3(monkeypatch: pytest.MonkeyPatch) -> None:
    add = Draft.add

    def without_raising(self: Draft, event: Message, about: About | None = None) -> None:
        if not isinstance(event, LimitRaised):
            add(self, event, about)

    monkeypatch.setattr(Draft, "add", without_raising)
    assert caught(3, "tokens are reserved of", first=21)


def test_a_ledger_that_overlooks_what_is_reserved_breaks_promise_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def fits(self: Account, tokens: int, limit: int) -> bool:
        return limit == 0 or self.used + tokens <= limit

    monkeypatch.setattr(Account, "fits", fits)
    assert caught(3, "tokens are reserved of", first=4)


def test_a_ledger_that_refuses_what_fits_breaks_promise_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def fits(self: Account, tokens: int, limit: int) -> bool:
        return limit == 0 or self.used + self.reserved + tokens < limit

    monkeypatch.setattr(Account, "fits", fits)
    assert caught(3, "tokens fit", first=2)


def test_a_stale_attempt_that_counts_breaks_promise_4(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = run.decide

    def endless(command: run.Command, state: run.Run) -> Any:
        return decide(command, replace(state, ended=False) if isinstance(command, run.Complete) else state)

    def anybody(command: object, state: Execution) -> bool:
        return state.steps[command.step].status == "ready"  # type: ignore[attr-defined]

    monkeypatch.setattr(run, "decider", replace(run.decider, decide=endless))
    monkeypatch.setattr(execution, "_is_current", anybody)
    assert caught(4, "ends, one is right", first=29)


def test_work_that_takes_over_its_releasers_trace_breaks_promise_5(monkeypatch: pytest.MonkeyPatch) -> None:
    add = Draft.add

    def without_about(self: Draft, event: Message, about: About | None = None) -> None:
        add(self, event)

    monkeypatch.setattr(Draft, "add", without_about)
    assert caught(5, "what it belongs to is about", first=7)


def test_a_timer_without_its_cause_breaks_promise_5(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Timers._work

    def without_cause(self: Timers, one: Due) -> Work:
        made = work(self, one)
        return Work(Cause(made.cause.about, Origin()), made.commands)

    monkeypatch.setattr(Timers, "_work", without_cause)
    assert caught(5, "has no cause in the log")


def test_a_view_that_takes_an_event_in_twice_breaks_promise_6(monkeypatch: pytest.MonkeyPatch) -> None:
    async def take_in(self: Follower, events: Sequence[Recorded]) -> None:
        def work(connection: Any) -> None:
            for view in self._views:
                if mine := [one for one in events if view.types is None or one.type in view.types]:
                    view.project(connection, mine)
                self._positions.save(connection, view.name, events[-1].position)

        await self._transactions.run(work)
        self._advance(events[-1].position)

    monkeypatch.setattr(Follower, "take_in", take_in)
    assert caught(6, "rebuilt has")


def test_a_decision_that_reads_a_clock_breaks_promise_8(monkeypatch: pytest.MonkeyPatch) -> None:
    backoff = failing._backoff_us
    monkeypatch.setattr(failing, "_backoff_us", lambda *given: backoff(*given) + time.monotonic_ns() % 1_000)
    assert caught(8, "now StepRetryScheduled")


def test_a_late_result_that_is_used_breaks_promise_4(monkeypatch: pytest.MonkeyPatch) -> None:
    def anybody(command: Any, state: Execution) -> bool:
        return command.step in state.steps

    monkeypatch.setattr(execution, "_is_current", anybody)
    assert caught(4, "which it has revoked", first=10)


def test_a_revocation_that_is_forgotten_breaks_promise_4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wave, "revoke", lambda draft, name: None)
    assert caught(4, "ready in attempt", first=5)


def test_a_request_that_is_applied_twice_breaks_promise_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "repeated", lambda plan, key, digest: None)
    assert caught(2, "stands 2 times", first=6)


def test_a_revision_that_nobody_checks_breaks_promise_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Inputs, "_check_seen", lambda self, plan, sent: None)
    assert caught(2, "and came upon")


def test_a_digest_that_overlooks_facts_leaves_wrong_results(monkeypatch: pytest.MonkeyPatch) -> None:
    digest_of = wave.digest_of

    def without_facts(basis: Mapping[str, str]) -> str:
        return digest_of({name: value for name, value in basis.items() if not name.startswith(wave.FACT)})

    monkeypatch.setattr(wave, "digest_of", without_facts)
    assert caught(0, "in the end", first=12)


def test_a_cancelled_plan_that_undoes_something_else_breaks_promise_4(monkeypatch: pytest.MonkeyPatch) -> None:
    undo = starting.undo

    def something_else(draft: PlanDraft, step: BlueprintStep, run: str, ref: EventRef) -> None:
        undo(draft, step, run, EventRef(stream=ref.stream, revision=ref.revision - 1))

    monkeypatch.setattr(starting, "undo", something_else)
    assert caught(4, "undoes", first=4)


def test_money_that_is_counted_twice_is_a_wrong_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    money_of = completing.money_of

    def doubled(told: Any) -> Money | None:
        money = money_of(told)
        return Money(min=2 * money.min, max=2 * money.max) if money is not None else None

    monkeypatch.setattr(completing, "money_of", doubled)
    assert caught(0, "costs", first=3)


def test_a_fork_that_takes_nothing_over_lacks_results(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(self: TakingInputs, execution_id: str, at: EventRef) -> tuple[Adopted, ...]:
        return ()

    monkeypatch.setattr(TakingInputs, "_adopted", nothing)
    assert caught(0, "has the results of []", first=4)


def test_a_timeline_that_counts_an_event_twice_breaks_promise_7(monkeypatch: pytest.MonkeyPatch) -> None:
    take = timeline.Plan.take

    def twice(self: timeline.Plan, msg: Message | None) -> None:
        take(self, msg)
        self.last += isinstance(msg, PlanUpdated)

    monkeypatch.setattr(timeline.Plan, "take", twice)
    assert caught(7, "has holes")


def test_a_signal_in_the_stream_of_another_tenant_breaks_promise_10(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "stream_name", lambda tenant, *of: stream_name("acme", *of))
    assert caught(10, "holds a word of beta")


def test_work_for_whoever_is_called_alike_breaks_promise_10(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(self: Links, event: Recorded) -> None:
        assert isinstance(event.msg, RunStarted)
        for link in self._links.values() if event.msg.work.remote else ():
            link.give(Known(started=event))

    monkeypatch.setattr(Links, "_started", started)
    assert caught(10, "a remote agent of")
