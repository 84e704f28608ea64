"""How a run ended: figures, and whatever did not hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reveille.kernel.events import Recorded
from tests.chaos import checking
from tests.chaos.executions import told_by
from tests.chaos.outside import Accepted, Effect
from tests.chaos.recorded import Published


@dataclass(slots=True, kw_only=True)
class Verdict:
    """problems: by kind, a line for each. superseded: effects of attempts that were cut off and tried again.

    repeated: records that are on their topics more than once, as they may be. deliveries, log: what it was judged by.
    """

    scenario: str
    faults: int = 0
    accepted: int = 0
    effects: int = 0
    superseded: int = 0
    parked: int = 0
    repeated: int = 0
    backlog_seconds: float = 0.0
    deliveries: Sequence[Accepted] = ()
    log: Sequence[Recorded] = ()
    problems: dict[str, list[str]] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        return not any(self.problems.values())

    def add(self, kind: str, lines: Iterable[str]) -> None:
        if found := list(lines):
            self.problems.setdefault(kind, []).extend(found)


def judge(
    verdict: Verdict,
    *,
    accepted: Sequence[Accepted],
    effects: Sequence[Effect],
    log: Sequence[Recorded],
    topics: Mapping[str, Sequence[Published]] | None = None,
    prefix: str = "",
    foreign: Collection[str] = (),
    may_park: int = 0,
) -> None:
    """topics: None where there are none. foreign: ids of records that somebody else wrote to inboxes.

    may_park: how many of them are dead letters.
    """
    told = told_by(log)
    completing = {event.msg.run_id for one in told.executions.values() for event in one.events["StepCompleted"]}  # type: ignore[union-attr]
    verdict.deliveries, verdict.log = accepted, log
    verdict.accepted = len(accepted)
    verdict.effects = len(effects)
    verdict.superseded = sum(effect.run not in completing for effect in effects)
    verdict.parked = len(told.parked)
    verdict.repeated = checking.repeated_in(topics or {})
    verdict.add("lost", checking.lost(told, accepted, effects))
    if topics is not None:
        verdict.add("lost", checking.unpublished(log, topics, prefix, foreign))
    verdict.add("doubled", checking.doubled(told, accepted, effects))
    verdict.add("out of order", checking.out_of_order(told, log))
    verdict.add("out of order", checking.disordered_topics(topics or {}, foreign))
    verdict.add("unsettled", checking.unsettled(told))
    verdict.add("failed", checking.failed(told))
    if len(told.parked) != may_park:
        verdict.add("parked", [f"{event.stream}: {event.msg}".replace("\n", " ") for event in told.parked])
