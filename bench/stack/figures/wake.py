"""The time from sending a webhook to the agent's skill being entered, at a fixed rate."""

from collections.abc import Sequence
from statistics import median

from bench.figure import Figure, Target, percentile
from bench.fleet import fleet
from bench.running import bare
from bench.skills import WAKES
from bench.stack import raw_path
from bench.stack.cpu import spent
from bench.stack.log_table import written
from bench.stack.session import StackSession
from bench.waking import RATE, WARMING, answers, wakes


def measure(session: StackSession) -> list[Figure]:
    count, floor_count = session.pick(1_000, 200), session.pick(300, 100)
    folder = session.fresh()
    folder.mkdir()
    file = folder / "wakes"
    values: list[Sequence[float]] = []
    floors: list[Sequence[float]] = []
    answered: list[Sequence[float]] = []
    lates: list[float] = []
    cpus: list[dict[str, float]] = []
    with session.stack(fleet(skill="tell"), {WAKES: str(file)}) as platform, bare(session.fresh()) as floor:
        url, brokers = platform.services.database_url, session.servers.addresses.kafka
        wakes(platform.port, file, WARMING)
        answers(floor.port, WARMING)
        rows, _ = written(url, 0)
        path = rows[-raw_path.APPENDS :]
        raw_path.milliseconds(url, brokers, path, count=WARMING)
        for _ in session.rounds("wake", 3, 1):
            platform.settle()
            floors.append(raw_path.milliseconds(url, brokers, path, count=floor_count))
            answered.append(answers(floor.port, floor_count))
            before = platform.cpu()
            woken, late = wakes(platform.port, file, count)
            cpus.append({name: one / count * 1000 for name, one in spent(before, platform.cpu()).items()})
            values.append(woken)
            lates.append(late)
    used = {name: median(cpu[name] for cpu in cpus) for name in cpus[0]}
    return [
        Figure(
            name=f"wake-p{share * 100:.0f}",
            title=f"webhook sent → skill entered, p{share * 100:.0f} at {RATE:.0f}/s, {count:,} a round",
            unit="ms",
            values=[percentile(value, share) for value in values],
            floors=[percentile(value, share) for value in floors],
            floor_is=f"{raw_path.APPENDS} bare appends and {raw_path.PASSES} bare passes through Kafka one after the "
            "other, with nothing else at work",
            beside={
                "ms to a bare FastAPI endpoint and back, same rate": median(percentile(a, share) for a in answered),
                "ms that the latest request was sent late": max(lates),
            },
            cpu=used if share == 0.5 else {},
            target=Target(most=most),
        )
        for share, most in ((0.5, 15), (0.99, 60))
    ]
