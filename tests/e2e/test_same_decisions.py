"""Promise 8: from recorded causes, in recorded order, the same is decided, on any store and bus."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from reveille.adapters.inline_store import InlineEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.budget.v1.events_pb2 import TokensSettled
from reveille.kernel.event_store import NO_STREAM, Append, Appended
from reveille.kernel.events import New, Recorded
from tests.e2e.acts import ACTS, FLEET, RACING, SIGNALS, feed_one_by_one, until_at_rest, until_decided
from tests.e2e.conftest import Make
from tests.e2e.decisions import decisions, differences
from tests.e2e.github import SECRET
from tests.e2e.kinds import KINDS
from tests.e2e.plan_acts import AT_ONCE
from tests.e2e.running import Platform
from tests.simulation.checker import redecided
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History

# The same for both, so that the digests of bodies can be compared.
KEY = "5e" * 32


def recorded(platform: Platform, feed: Callable[[Platform], None]) -> list[Recorded]:
    """What the platform's log holds after it has been fed and stopped."""
    platform.folder.joinpath("fleet.yaml").write_text(FLEET)
    platform.key_file.parent.mkdir(parents=True, exist_ok=True)
    platform.key_file.write_text(KEY)
    feed(platform.start())
    assert platform.stop() == 0
    return platform.recorded()


def platform_of(kind: str, folder: Path) -> Platform:
    return KINDS[kind](folder, fleet=folder / "fleet.yaml", settings={"REVEILLE_GITHUB_SECRET": SECRET})


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Recorded]]:
    """By kind, what the same acts have led to, one after the other."""

    def fed(kind: str, folder: Path) -> list[Recorded]:
        platform = platform_of(kind, folder)
        try:
            return recorded(platform, feed_one_by_one)
        finally:
            platform.close()

    # Most of the time they wait for each other.
    with ThreadPoolExecutor(len(KINDS)) as each:
        return dict(zip(KINDS, each.map(fed, KINDS, map(tmp_path_factory.mktemp, KINDS)), strict=True))


def test_both_modes_decide_the_same_event_by_event(logs: dict[str, list[Recorded]]) -> None:
    embedded, stack = decisions(logs["embedded"]), decisions(logs["stack"])
    assert list(differences(embedded, stack)) == []


def test_the_acts_lead_to_every_kind_of_decision(logs: dict[str, list[Recorded]]) -> None:
    names = Counter(event.type.rpartition(".")[2] for event in logs["embedded"])
    assert names["SignalReceived"] >= 30
    for name in ("DeliveryContradicted", "TriggerSuppressed", "StepRetryScheduled", "StepFailed", "TokensDenied"):
        assert names[name] > 0, name
    for name in ("ReservationDeferred", "ModelAnswered", "AgentThinking", "ExecutionFailed", "ExecutionCompleted"):
        assert names[name] > 0, name
    for name in ("TriggerGathered", "PatternArmed", "PatternProgressed", "PatternDetected"):
        assert names[name] > 0, name
    for name in ("ApprovalRequested", "ApprovalResolved", "BudgetExhausted", "AgentHibernated"):
        assert names[name] > 0, name
    for name in ("InputsAnalyzed", "InputClassified", "StepInvalidated", "StepRemoved", "StepSkipped", "StepAdopted"):
        assert names[name] > 0, name
    for name in ("MoneyPlanned", "BudgetUpdated", "PlanUpdated", "ExecutionForked", "ExecutionCancelled"):
        assert names[name] > 0, name


def test_an_event_with_other_data_in_another_place_or_too_many_is_seen(logs: dict[str, list[Recorded]]) -> None:
    log = logs["embedded"]
    at = _settlement(log)
    for wrong in (_with_more_used(log), [*log[:at], *log[at + 1 :]], [*log, log[at]]):
        assert len(list(differences(decisions(log), decisions(wrong)))) >= 1


@pytest.mark.parametrize("recorded_on", list(KINDS))
async def test_what_was_recorded_one_by_one_is_decided_again(logs: dict[str, list[Recorded]], recorded_on: str) -> None:
    assert await broken(logs[recorded_on]) == []


async def test_what_was_recorded_at_once_is_decided_again(make: Make, tmp_path: Path) -> None:
    """Whatever order replicas, partitions and retries have brought it into."""
    platform = make(tmp_path, fleet=tmp_path / "fleet.yaml", settings={"REVEILLE_GITHUB_SECRET": SECRET})
    log = recorded(platform, feed_at_once)
    assert sum(event.type.endswith(".SignalReceived") for event in log) == SIGNALS
    assert any(event.type.endswith(".WorkHandedOn") for event in log)
    assert await broken(log) == []


async def test_a_decision_that_does_not_follow_is_found(logs: dict[str, list[Recorded]]) -> None:
    assert len(await broken(_with_more_used(logs["stack"]))) >= 1


def feed_at_once(platform: Platform) -> None:
    acts = (*ACTS, *RACING)
    shuffled = random.sample(acts, len(acts))
    with ThreadPoolExecutor(8) as senders:
        plans = senders.map(lambda requests: [one.send(platform) for one in requests], AT_ONCE)
        for told in senders.map(lambda act: replace(act, status=0).send(platform), shuffled):
            if told is not None:
                until_decided(platform, told)
        assert len(list(plans)) == len(AT_ONCE)
    until_at_rest(platform)


def _settlement(log: Sequence[Recorded]) -> int:
    return next(number for number, event in enumerate(log) if isinstance(event.msg, TokensSettled))


def _with_more_used(log: Sequence[Recorded]) -> list[Recorded]:
    """One settlement settles a token more than was used."""
    at = _settlement(log)
    event = log[at]
    other = TokensSettled.FromString(event.data)
    other.used += 1
    wrong = Recorded(
        event.id, event.type, other.SerializeToString(), event.meta, other, event.position, event.stream, event.revision
    )
    return [*log[:at], wrong, *log[at + 1 :]]


async def broken(log: Sequence[Recorded]) -> list[Broken]:
    """What fresh code decides otherwise, on a log that holds the same streams."""
    store = InlineEventStore(EVENT_TYPES)
    revisions: dict[str, int] = {}
    for event in log:
        assert event.msg is not None
        new = New(event.id, event.type, event.data, event.meta, event.msg)
        (outcome,) = await store.append([Append(event.stream, revisions.get(event.stream, NO_STREAM), [new])])
        assert isinstance(outcome, Appended)
        revisions[event.stream] = outcome.revision
    try:
        return await redecided.check(History(log), store, key=bytes.fromhex(KEY))
    finally:
        await store.close()
