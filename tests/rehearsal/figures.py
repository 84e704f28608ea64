"""What a rehearsal came to: by phase what a sender felt of it, and in all what became of what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rich.table import Table

from reveille.contracts.agent_runner.v1.events_pb2 import Failure
from reveille.kernel.events import Recorded
from tests.chaos.outside import Accepted
from tests.chaos.verdict import Verdict
from tests.rehearsal.guests import Party


@dataclass(slots=True, kw_only=True)
class Phase:
    """began, ended: in seconds since 1970. stops: how long each process took to end."""

    name: str
    began: float
    ended: float = 0.0
    stops: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """Of the webhooks that were first sent in a phase. again: sent more than once. p99, gap: in seconds.

    gap: the longest time in which nothing was accepted.
    """

    accepted: int
    again: int
    p50: float
    p99: float
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """interrupted: cut off before they had ended, and tried again."""

    started: int
    doubled: int
    interrupted: int


def felt_in(phase: Phase, accepted: Sequence[Accepted]) -> Felt:
    mine = [one for one in accepted if phase.began <= one.began < phase.ended]
    took = sorted(one.accepted - one.began for one in mine)
    at = sorted(one.accepted for one in accepted if phase.began <= one.accepted < phase.ended)
    return Felt(
        accepted=len(mine),
        again=sum(one.tries > 1 for one in mine),
        p50=_percentile(took, 0.5),
        p99=_percentile(took, 0.99),
        gap=max((after - before for before, after in pairwise([phase.began, *at, phase.ended])), default=0.0),
    )


def runs_in(log: Sequence[Recorded]) -> Runs:
    started: dict[str, int] = {}
    interrupted = 0
    for event in log:
        msg: Any = event.msg
        match event.type.rpartition(".")[2]:
            case "RunStarted":
                started[msg.work.run_id] = started.get(msg.work.run_id, 0) + 1
            case "RunFailed" if msg.reason == Failure.FAILURE_INTERRUPTED:
                interrupted += 1
    return Runs(started=len(started), doubled=sum(count > 1 for count in started.values()), interrupted=interrupted)


def table_of_phases(phases: Sequence[Phase], accepted: Sequence[Accepted]) -> Table:
    table = Table(title="what a sender of webhooks felt", caption="gap: the longest time in which none was accepted")
    for column in ("phase", "seconds", "accepted", "sent again", "p50", "p99", "gap", "slowest end"):
        table.add_column(column, justify="left" if column == "phase" else "right")
    for phase in phases:
        felt = felt_in(phase, accepted)
        table.add_row(
            phase.name,
            f"{phase.ended - phase.began:.0f}",
            str(felt.accepted),
            str(felt.again),
            *(f"{1000 * seconds:.0f} ms" for seconds in (felt.p50, felt.p99, felt.gap)),
            f"{max(phase.stops):.1f} s" if phase.stops else "",
        )
    return table


def table_of_totals(verdict: Verdict, accepted: Sequence[Accepted], parties: Sequence[Party], runs: Runs) -> Table:
    """Sent and accepted are distinct requests; however often each was sent, it counts once."""
    table = Table("", "webhooks", "acts on parties", "sockets", "runs", title="what became of it")
    connections = sum(party.connections for party in parties)
    table.add_row(
        "sent",
        str(max((one.number for one in accepted), default=0)),
        str(sum(len(party.tries) for party in parties)),
        f"{len(parties)}, connected {connections} times",
        f"{runs.started} started",
    )
    heard, history = sum(party.heard for party in parties), sum(party.history for party in parties)
    table.add_row(
        "accepted",
        str(len(accepted)),
        str(sum(party.accepted for party in parties)),
        f"{heard} of {history} events heard",
        f"{runs.interrupted} interrupted",
    )
    lost = len(verdict.problems.get("lost", []))
    table.add_row(
        "lost", str(lost), str(sum(not one.settled for one in parties)), str(history - heard), f"{runs.doubled} doubled"
    )
    return table


def _percentile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0
