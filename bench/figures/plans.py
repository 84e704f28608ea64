"""Plans of five steps completed per second, and inputs of parties per second until their plans have settled."""

from collections.abc import Callable
from contextlib import closing
from functools import partial

from bench.completing import Working
from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.log import Log
from bench.log_file import open_log_file
from bench.planning import DIAMOND, IN_FLIGHT, complete_diamonds, plan_parties
from bench.raw_store import append_seconds
from bench.session import Session

PER_COMMIT = 500
# What a platform does for the first time only is no part of a rate.
WARMING = 100


def measure(session: Session) -> list[Figure]:
    return [_diamonds(session), _inputs(session)]


def _diamonds(session: Session) -> Figure:
    count = session.pick(2_000, 500)
    values, floors, events = [], [], 0.0
    for _ in session.rounds("plans", 3, 1):
        folder = session.fresh()
        with session.platform(folder, fleet() + DIAMOND) as platform, closing(open_log_file(folder)) as log:
            complete_diamonds(platform, log, WARMING)
            sizes, seconds = measured(platform, log, partial(complete_diamonds, platform, log, count))
        values.append(count / seconds)
        floors.append(count / append_seconds(session.fresh(), sizes, per_commit=PER_COMMIT))
        events = len(sizes) / count
    return Figure(
        name="plans",
        title=f"plans of five steps (a diamond) completed, {count:,} of them, {IN_FLIGHT} in flight",
        unit="plans/s",
        values=values,
        floors=floors,
        floor_is=f"raw append of the same {events:.1f} events a plan, {PER_COMMIT} events a commit",
        target=Target(least=650),
    )


def _inputs(session: Session) -> Figure:
    parties, inputs = session.pick(1_000, 100), 20
    values, floors, events = [], [], 0.0
    for number in session.rounds("inputs", 2, 1):
        folder = session.fresh()
        with session.platform(folder, fleet()) as platform, closing(open_log_file(folder)) as log:
            plan_parties(platform, log, run="warm", parties=10, inputs=5)
            work = partial(plan_parties, platform, log, run=f"round-{number}", parties=parties, inputs=inputs)
            sizes, seconds = measured(platform, log, work)
        values.append(parties * inputs / seconds)
        floors.append(parties * inputs / append_seconds(session.fresh(), sizes, per_commit=PER_COMMIT))
        events = len(sizes) / (parties * inputs)
    return Figure(
        name="inputs",
        title=f"inputs to settled plans, {parties * inputs:,} one by one over {parties:,} parties",
        unit="inputs/s",
        values=values,
        floors=floors,
        floor_is=f"raw append of the same {events:.1f} events an input, {PER_COMMIT} events a commit",
    )


def measured(working: Working, log: Log, work: Callable[[], float]) -> tuple[list[int], float]:
    """The sizes of the events that it led to, and the seconds that it says it took."""
    working.settle()
    log.look()
    after = log.position
    seconds = work()
    return log.sizes(after), seconds
