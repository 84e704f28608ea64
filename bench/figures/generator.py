"""How fast the load generator is by itself, so that nobody takes its limit for the product's."""

from bench.deliveries import UNMATCHED
from bench.driving import TAKEN, drive
from bench.figure import Figure, Target
from bench.load import Orders
from bench.running import PYTHON, server
from bench.session import Session


def measure(session: Session) -> list[Figure]:
    count = session.pick(40_000, 20_000)
    folder = session.fresh()
    folder.mkdir()
    values = []
    with server([PYTHON, "-m", "bench.trivial"], folder / "stderr", may_fail=True) as trivial:
        for _ in session.rounds("generator", 3, 1):
            outcome = drive(Orders(port=trivial.port, count=count, action=UNMATCHED), TAKEN)
            values.append(count / outcome.seconds)
    return [
        Figure(
            name="generator",
            title="load generator alone, against a server that reads nothing",
            unit="requests/s",
            values=values,
            target=Target(least=15_000),
        )
    ]
