"""From starting the process to the first webhook that it accepts, on an empty and on a well-filled data folder."""

import shutil
from contextlib import AbstractContextManager

from bench.completing import fill
from bench.driving import ACCEPTED, TAKEN, first_answer
from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.log_file import open_log_file
from bench.running import Running, bare
from bench.session import Session


def measure(session: Session) -> list[Figure]:
    past, past_events = session.fresh(), session.pick(20_000, 5_000)
    session.say(f"start: making {past_events:,} past events")
    with session.platform(past, fleet()) as platform:
        fill(platform, open_log_file(past), past_events)
    empty, filled, floors = [], [], []
    for _ in session.rounds("start", 4, 1):
        floors.append(_seconds(bare(session.fresh()), TAKEN))
        empty.append(_seconds(session.platform(session.fresh(), fleet()), ACCEPTED))
        folder = session.fresh()
        shutil.copytree(past, folder)
        filled.append(_seconds(session.platform(folder, fleet()), ACCEPTED))
    return [
        Figure(
            name=name,
            title=f"start to first accepted webhook, {on}",
            unit="s",
            values=values,
            floors=floors,
            floor_is="bare FastAPI, start to first answer",
            target=Target(most=1.2),
        )
        for name, on, values in (
            ("start-empty", "fresh data folder", empty),
            ("start-filled", f"{past_events:,} past events", filled),
        )
    ]


def _seconds(starting: AbstractContextManager[Running], expected: str) -> float:
    with starting as running:
        return first_answer(running.port, expected) - running.began
