"""One seed from its first event to the verdict."""

import asyncio
import gc
import hashlib
import logging
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from reveille.kernel.events import Recorded
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.checking import check
from tests.simulation.checker.seldom import seldom
from tests.simulation.virtual import Deadlock, VirtualLoop
from tests.simulation.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`digest`: of the whole log; the same seed gives the same. `seen`: how much of what is seldom there was in it."""

    seed: int
    digest: str
    broken: Sequence[Broken]
    counts: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [f"seed {self.seed} breaks a promise; it happens again with: {command(self.seed)}"]
        return "\n".join([*lines, *(f"  {one}" for one in self.broken[:20])])


def command(seed: int) -> str:
    return f"python scripts/simulate.py --seed {seed}"


def quiet() -> None:
    """For processes that do nothing else: thousands of warnings say what was done to the services on purpose."""
    logging.getLogger("reveille").setLevel(logging.CRITICAL)


def run_seed(seed: int) -> Outcome:
    # A sixth of the time: all that a run makes lives to its end.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _run_seed(seed)
    finally:
        if collecting:
            gc.enable()
        gc.collect()


def _run_seed(seed: int) -> Outcome:
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    world = World(seed, loop)
    log: list[Recorded] = []
    try:
        broken = _run(loop, world)
        log = loop.run_until_complete(world.store.read_all(0, 1_000_000))
    finally:
        _close(loop, world)
    counts = Counter({**world.faults.counts, "events": len(log), "runs": 1})
    watched = list(world.watched())
    seen = seldom(log) + Counter({"watched": len(watched), "live events": sum(len(one.got) for one in watched)})
    return Outcome(seed=seed, digest=_digest(log), broken=broken, counts=counts, seen=seen)


def _run(loop: VirtualLoop, world: World) -> list[Broken]:
    try:
        loop.run_until_complete(world.run())
    except Deadlock as error:
        return [Broken(promise=0, what=f"it stands still: {error}")]
    except BaseExceptionGroup as error:
        return [Broken(promise=0, what="".join(traceback.format_exception(error)))]
    return loop.run_until_complete(check(world))


def _close(loop: VirtualLoop, world: World) -> None:
    """Whatever is left of dead processes ends now; their ports answer nothing any more."""
    world.finish()
    while tasks := list(loop.tasks):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=1.0))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(world.close())
    asyncio.set_event_loop(None)
    loop.close()


def _digest(log: Sequence[Recorded]) -> str:
    hashed = hashlib.sha256()
    for event in log:
        # Not the stored bytes: in what order a map is written down differs from process to process.
        data = event.msg.SerializeToString(deterministic=True) if event.msg else event.data
        hashed.update(repr((event.position, event.stream, event.id, event.type, event.meta)).encode() + data)
    return hashed.hexdigest()
