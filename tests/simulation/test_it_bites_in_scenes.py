"""Hierarchies and live feeds that are wrong, and the checker that says so."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import BlueprintStep, Department
from reveille.contracts.planner.v1.events_pb2 import DepartmentStarted, ExecutionStarted
from reveille.ingress.application.departments_compiling import compiled
from reveille.ingress.application.live_feed import Feed
from reveille.ingress.domain.live import fold
from reveille.ingress.domain.live.moments import Moment
from reveille.kernel.events import Recorded
from reveille.planner.application.taking_inputs import TakingInputs
from reveille.planner.domain import answering, gates, judging
from reveille.planner.domain.commands import Adopted
from reveille.planner.domain.draft import Draft
from tests.simulation import scenes
from tests.simulation.biting import caught


def test_a_measure_that_nobody_minds_lets_bad_work_through(monkeypatch: pytest.MonkeyPatch) -> None:
    status = judging._status

    def by_its_word(said: str, *, passed: bool, is_last: bool) -> str:
        return status(said, passed=True, is_last=is_last)

    monkeypatch.setattr(judging, "_status", by_its_word)
    assert caught(0, "approves")


def test_rounds_without_an_end_are_a_round_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    status = judging._status

    def never_last(said: str, *, passed: bool, is_last: bool) -> str:
        return status(said, passed=passed, is_last=False)

    def longer(orchestrator: str, departments: list[Department], *, revisions: int) -> list[BlueprintStep]:
        return compiled(orchestrator, departments, revisions=revisions + 1)

    monkeypatch.setattr(judging, "_status", never_last)
    monkeypatch.setattr(scenes, "compiled", longer)
    assert caught(0, "begins round")


def test_a_last_round_that_wants_more_is_no_last_round(monkeypatch: pytest.MonkeyPatch) -> None:
    status = judging._status

    def never_last(said: str, *, passed: bool, is_last: bool) -> str:
        return status(said, passed=passed, is_last=False)

    monkeypatch.setattr(judging, "_status", never_last)
    assert caught(0, "which is the last")


def test_a_department_that_nobody_asks_for_is_not_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    def whatever(draft: Draft, found: Mapping[str, Any]) -> dict[str, Any]:
        return {name: {"department": name, "relevance": score} for name, score in found["relevance"].items()}

    monkeypatch.setattr(answering, "_relevant", whatever)
    assert caught(0, "whose relevance is", first=6)


def test_a_department_starts_once_with_each_briefing(monkeypatch: pytest.MonkeyPatch) -> None:
    add = Draft.add

    def twice(self: Draft, event: Message) -> None:
        add(self, event)
        if isinstance(event, DepartmentStarted):
            add(self, event)

    monkeypatch.setattr(Draft, "add", twice)
    assert caught(0, "twice with the same briefing")


def test_a_fork_without_reviews_does_not_know_what_its_work_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    adopted_of = TakingInputs._adopted

    async def without_reviews(self: TakingInputs, *given: Any) -> tuple[Adopted, ...]:
        return tuple(replace(one, judged=()) for one in await adopted_of(self, *given))

    monkeypatch.setattr(TakingInputs, "_adopted", without_reviews)
    assert caught(0, "has the reviews", first=22)


def test_a_gate_that_lets_through_completes_what_nobody_has_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "opens", lambda draft, outcomes: True)
    assert caught(0, "nobody has let it through")


def test_a_question_about_what_is_no_more_is_not_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "drop", lambda draft: None)
    assert caught(0, "is still asked", first=86)


def test_a_feed_that_reads_before_it_listens_breaks_promise_7(monkeypatch: pytest.MonkeyPatch) -> None:
    async def open_late(self: Feed) -> None:
        async with self._opening:
            if self._pending is not None:
                await self.history.read(self._reached())
                await asyncio.sleep(0.2)  # something happens meanwhile
                for stream in (self.history.stream, *map(self.history.run_stream, self.history.fold.open_runs)):
                    self._listen(stream)
                self._pending = None

    monkeypatch.setattr(Feed, "open", open_late)
    assert caught(7, "who watched")


def test_a_feed_that_does_not_hear_of_new_runs_breaks_promise_7(monkeypatch: pytest.MonkeyPatch) -> None:
    listen = Feed._listen

    def to_the_plan(self: Feed, stream: str) -> None:
        if ".run-" not in stream:
            listen(self, stream)

    monkeypatch.setattr(Feed, "_listen", to_the_plan)
    assert caught(7, "who watched", first=3)


def test_a_fold_that_tells_a_start_twice_breaks_promise_7(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(self: fold.Fold, event: Recorded, started: ExecutionStarted) -> Moment:
        fold.Fold._started(self, event, started)
        return fold.Fold._started(self, event, started)

    monkeypatch.setattr(fold, "_TAKEN", {**fold._TAKEN, ExecutionStarted: twice})
    assert caught(7, "has the live events")
