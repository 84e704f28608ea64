"""What one more rule, one more sleeping agent and one more past event cost: the same work with few and with many."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.completing import WARMING, Completed, complete, fill
from bench.figure import RATIO, Figure, Target
from bench.fleet import fleet
from bench.log_file import open_log_file
from bench.session import Session

FEW_RULES, RULES = 10, 10_000
FEW_SLEEPERS, SLEEPERS = 3, 3_000
FEW = fleet(rules=FEW_RULES, sleepers=FEW_SLEEPERS)
# The design says "none"; two halves of one round differ by so much where nothing differs.
NONE = Target(of=RATIO, least=0.95)


@dataclass(frozen=True, slots=True)
class Case:
    """past: the data folder that it begins with; None: none."""

    with_many: str
    with_few: str
    fleet: str
    past: Path | None = None


def measure(session: Session) -> list[Figure]:
    count, past_events = session.pick(2_000, 500), session.pick(100_000, 10_000)
    past = session.fresh()
    session.say(f"one more: making {past_events:,} past events")
    with session.platform(past, FEW) as platform:
        fill(platform, open_log_file(past), past_events)
    cases = {
        "rule": Case(f"{RULES:,} rules that cannot match", f"{FEW_RULES} such rules", fleet(rules=RULES)),
        "agent": Case(f"{SLEEPERS:,} sleeping agents", f"{FEW_SLEEPERS} of them", fleet(sleepers=SLEEPERS)),
        "event": Case(f"{past_events:,} past events", "an empty log", FEW, past),
    }
    few: list[Completed] = []
    many: dict[str, list[Completed]] = {name: [] for name in cases}
    for _ in session.rounds("one more", 3, 1):
        few.append(_complete(session, FEW, None, count))
        for name, case in cases.items():
            many[name].append(_complete(session, case.fleet, case.past, count))
    return [
        Figure(
            name=f"one-more-{name}",
            title=f"webhooks to durable completion, {count:,} at full speed, with {case.with_many}",
            unit="triggers/s",
            values=[one.rate for one in many[name]],
            floors=[one.rate for one in few],
            floor_is=f"the same with {case.with_few}",
            target=NONE,
            beside={
                f"s for the first {WARMING} after a start": median(one.cold for one in many[name]),
                f"s for the first {WARMING} with {case.with_few}": median(one.cold for one in few),
            },
        )
        for name, case in cases.items()
    ]


def _complete(session: Session, fleet_file: str, past: Path | None, count: int) -> Completed:
    folder = session.fresh()
    if past is not None:
        shutil.copytree(past, folder)
    with session.platform(folder, fleet_file) as platform:
        return complete(platform, open_log_file(folder), count)
