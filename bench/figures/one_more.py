"""What one more rule, one more sleeping agent and one more past event cost: the same work with few and with many."""

import shutil
from pathlib import Path

from bench.completing import complete, fill
from bench.figure import RATIO, Figure, Target
from bench.fleet import fleet
from bench.session import Session

RULES = (10, 10_000)
SLEEPERS = (3, 3_000)
# The design says "none"; two halves of one round differ by so much where nothing differs.
NONE = Target(of=RATIO, least=0.95)


def measure(session: Session) -> list[Figure]:
    count, past_events = session.pick(2_000, 1_000), session.pick(100_000, 20_000)
    past = session.fresh()
    session.say(f"one more: making {past_events:,} past events")
    with session.platform(past, fleet()) as platform:
        fill(platform, past, past_events)
    pairs = {
        "rule": (f"{RULES[1]:,} rules that cannot match", f"{RULES[0]} such rules", fleet(rules=RULES[1]), None),
        "agent": (f"{SLEEPERS[1]:,} sleeping agents", f"{SLEEPERS[0]} of them", fleet(sleepers=SLEEPERS[1]), None),
        "event": (f"{past_events:,} past events", "an empty log", fleet(), past),
    }
    many: dict[str, list[float]] = {name: [] for name in pairs}
    few: dict[str, list[float]] = {name: [] for name in pairs}
    for _ in session.rounds("one more", 3, 1):
        for name, (_, _, many_fleet, many_past) in pairs.items():
            few[name].append(_rate(session, fleet(), None, count))
            many[name].append(_rate(session, many_fleet, many_past, count))
    return [
        Figure(
            name=f"one-more-{name}",
            title=f"{count:,} triggers to durable completion with {with_many}",
            unit="triggers/s",
            values=many[name],
            floors=few[name],
            floor_is=f"the same with {with_few}",
            target=NONE,
        )
        for name, (with_many, with_few, _, _) in pairs.items()
    ]


def _rate(session: Session, fleet_file: str, past: Path | None, count: int) -> float:
    folder = session.fresh()
    if past is not None:
        shutil.copytree(past, folder)
    with session.platform(folder, fleet_file) as platform:
        return complete(platform, folder, count).rate
