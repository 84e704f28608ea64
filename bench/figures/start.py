"""From starting the process to the first webhook that it accepts, on an empty and on a well-filled data folder."""

import shutil
from contextlib import AbstractContextManager

from bench.completing import fill
from bench.driving import ACCEPTED, TAKEN, first_answer
from bench.figure import Figure, Target
from bench.fleet import fleet
from bench.running import Running, bare
from bench.session import Session

PAST_EVENTS = 20_000


def measure(session: Session) -> list[Figure]:
    past = session.fresh()
    session.say(f"start: making {PAST_EVENTS:,} past events")
    with session.platform(past, fleet()) as platform:
        fill(platform, past, PAST_EVENTS)
    empty, filled, floors = [], [], []
    for _ in session.rounds("start", 4, 2):
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
            ("start-filled", f"{PAST_EVENTS:,} past events", filled),
        )
    ]


def _seconds(starting: AbstractContextManager[Running], expected: str) -> float:
    with starting as running:
        return first_answer(running.port, expected) - running.began
