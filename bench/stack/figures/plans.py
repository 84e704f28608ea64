"""Plans of five steps completed per second on the stack, and inputs per second until their plans have settled."""

from contextlib import closing

from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.planning import DIAMOND, IN_FLIGHT, complete_diamonds, plan_parties
from bench.stack import raw_postgres
from bench.stack.log_table import open_log_table, written
from bench.stack.session import StackSession

WARMING = 50


def measure(session: StackSession) -> list[Figure]:
    count = session.pick(1_000, 200)
    parties, inputs = session.pick(1_000, 20), 20
    plans, plans_floor, taken, taken_floor = [], [], [], []
    with session.stack(fleet() + DIAMOND) as platform:
        url = platform.services.database_url
        with closing(open_log_table(url)) as log:
            complete_diamonds(platform, log, WARMING)
            for _ in session.rounds("plans", 2, 1):
                platform.settle()
                log.look()
                after = log.position
                plans.append(count / complete_diamonds(platform, log, count))
                platform.settle()
                plans_floor.append(count / _append_seconds(url, after))
            # Behind the diamonds, none of whose runs may fail: of a party, what nobody wants any more is stopped.
            for number in session.rounds("inputs", 1, 1):
                platform.settle()
                log.look()
                after = log.position
                seconds = plan_parties(platform, log, run=f"round-{number}", parties=parties, inputs=inputs)
                taken.append(parties * inputs / seconds)
                platform.settle()
                taken_floor.append(parties * inputs / _append_seconds(url, after))
    return [
        Figure(
            name="plans",
            title=f"plans of five steps (a diamond) completed, {count:,} of them, {IN_FLIGHT} in flight",
            unit="plans/s",
            values=plans,
            floors=plans_floor,
            floor_is="raw append of the same events to PostgreSQL, as many a commit as the services did",
            target=Target(least=300),
        ),
        Figure(
            name="inputs",
            title=f"inputs to settled plans, {parties * inputs:,} one by one over {parties:,} parties",
            unit="inputs/s",
            values=taken,
            floors=taken_floor,
            floor_is="raw append of the same events to PostgreSQL, as many a commit as the services did",
        ),
    ]


def _append_seconds(url: str, after: int) -> float:
    rows, commits = written(url, after)
    return raw_postgres.append_seconds(url, rows, per_commit=max(1, round(len(rows) / commits)))
