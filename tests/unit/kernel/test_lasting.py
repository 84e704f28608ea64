"""What passes ends no part of a service; what does not, ends the service."""

import asyncio

import pytest

from reveille.adapters.embedded_bus import EmbeddedBus
from reveille.adapters.sql import InlineTransactions
from reveille.adapters.sql_tables import SqlPositions
from reveille.kernel.errors import Transient
from reveille.kernel.service import Ports, Service
from tests.unit.log import Log
from tests.unit.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio


def service(log: Log) -> Service:
    clock = ManualClock()
    bus = EmbeddedBus({}, store=log.store, positions=log.store, clock=clock)
    ports = Ports(
        store=log.store,
        bus=bus,
        transactions=InlineTransactions(),
        positions=SqlPositions(),
        clock=clock,
        ids=log.ids,
        replica="here",
    )
    return Service("one", ports)


async def test_a_part_that_meets_what_passes_begins_again(log: Log) -> None:
    one, begun, lasted = service(log), [], asyncio.Event()

    async def part() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise Transient("the log is away", retry_after=0.1)
        lasted.set()
        await asyncio.Event().wait()

    one.parts.append(part)
    running = asyncio.create_task(one.run())
    await asyncio.wait_for(lasted.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(begun) == 3


async def test_a_part_that_a_library_cancels_begins_again(log: Log) -> None:
    """A task group takes a child that ends as cancelled for one that has ended: the service would go on without it."""
    one, begun, lasted = service(log), [], asyncio.Event()

    async def part() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise asyncio.CancelledError
        lasted.set()
        await asyncio.Event().wait()

    one.parts.append(part)
    running = asyncio.create_task(one.run())
    await asyncio.wait_for(lasted.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (len(begun), running.cancelled()) == (3, True)


async def test_a_part_that_meets_anything_else_ends_the_service(log: Log) -> None:
    one = service(log)

    async def part() -> None:
        raise ArithmeticError("a bug")

    one.parts.append(part)
    with pytest.raises(ExceptionGroup) as ended:
        await one.run()
    assert isinstance(ended.value.exceptions[0], ArithmeticError)
