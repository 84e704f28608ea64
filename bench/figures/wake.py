"""The time from sending a webhook to the agent's skill being entered, at a fixed rate."""

from collections.abc import Sequence

from bench.figure import Figure, Target, percentile
from bench.fleet import fleet
from bench.running import bare
from bench.session import Session
from bench.skills import WAKES
from bench.waking import RATE, WARMING, answers, wakes


def measure(session: Session) -> list[Figure]:
    count, floor_count = session.pick(1_000, 200), session.pick(300, 100)
    folder = session.fresh()
    folder.mkdir()
    file = folder / "wakes"
    values: list[Sequence[float]] = []
    floors: list[Sequence[float]] = []
    lates: list[float] = []
    settings = {WAKES: str(file)}
    with session.platform(folder, fleet(skill="tell"), settings) as platform, bare(session.fresh()) as floor:
        wakes(platform.port, file, WARMING)
        answers(floor.port, WARMING)
        for _ in session.rounds("wake", 3, 1):
            floors.append(answers(floor.port, floor_count))
            woken, late = wakes(platform.port, file, count)
            values.append(woken)
            lates.append(late)
    return [
        Figure(
            name=f"wake-p{share * 100:.0f}",
            title=f"webhook sent → skill entered, p{share * 100:.0f} at {RATE:.0f}/s, {count:,} a round",
            unit="ms",
            values=[percentile(value, share) for value in values],
            floors=[percentile(value, share) for value in floors],
            floor_is="round trip to a bare FastAPI endpoint, same rate",
            target=Target(most=most),
            beside={"ms that the latest request was sent late": max(lates)},
        )
        for share, most in ((0.5, 3), (0.99, 8))
    ]
