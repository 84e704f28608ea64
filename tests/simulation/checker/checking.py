"""Whether a finished run kept the promises of DESIGN.md, section 7."""

import traceback

from tests.simulation.checker import (
    accepted,
    attempts,
    causes,
    effects,
    forks,
    ledger,
    live,
    once,
    plans,
    rebuilt,
    redecided,
    requests,
    scenes,
    streams,
    tenants,
    timelines,
)
from tests.simulation.checker.broken import Broken
from tests.simulation.checker.history import History
from tests.simulation.world import World


async def check(world: World) -> list[Broken]:
    history = History(await world.store.read_all(0, 1_000_000))
    broken = [
        *_ended(world),
        *streams.check(history),
        *accepted.check(history, world.outside),
        *once.check(history, world.outside.taken),
        *ledger.check(history, world.wall.now()),
        *effects.check(history),
        *causes.check(history),
        *attempts.check(history),
        *attempts.never_completed(history),
        *plans.check(history),
        *scenes.check(history),
        *requests.check(history, world.planners.asked),
        *tenants.check(history, world),
    ]
    # With holes in the log the rest could not even be read.
    if not broken:
        broken += await live.check(history, world)
        broken += await rebuilt.check(world)
        rows = await timelines.timelines_of(world)
        broken += [*timelines.check(history, rows), *forks.check(history, world.planners.asked, rows)]
        broken += await redecided.check(history, world.store)
    return broken


def _ended(world: World) -> list[Broken]:
    broken = [Broken(promise=0, what="".join(traceback.format_exception(error))) for error in world.exits]
    broken += [Broken(promise=0, what=f"ingress answered with {error!r}") for error in world.outside.errors]
    if world.still_moving:
        broken.append(Broken(promise=0, what="it never comes to rest"))
    return broken
