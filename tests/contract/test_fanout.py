"""The contract of Fanout, on every adapter. `fanout` keeps three messages for a subscriber that does not read."""

import asyncio
from collections.abc import AsyncIterator

from reveille.kernel.fanout import Fanout


async def _read(messages: AsyncIterator[bytes], count: int) -> list[bytes]:
    async with asyncio.timeout(5):
        return [await anext(messages) for _ in range(count)]


async def test_messages_arrive_in_order(fanout: Fanout) -> None:
    async with fanout.subscribe("execution-1") as messages:
        for message in (b"1", b"2", b"3"):
            await fanout.publish("execution-1", message)
        assert await _read(messages, 3) == [b"1", b"2", b"3"]


async def test_every_subscriber_gets_every_message(fanout: Fanout) -> None:
    async with fanout.subscribe("execution-1") as one, fanout.subscribe("execution-1") as other:
        await fanout.publish("execution-1", b"1")
        assert await _read(one, 1) == await _read(other, 1) == [b"1"]


async def test_a_waiting_subscriber_is_woken(fanout: Fanout) -> None:
    async with fanout.subscribe("execution-1") as messages:
        waiting = asyncio.ensure_future(_read(messages, 1))
        await asyncio.sleep(0)
        await fanout.publish("execution-1", b"1")
        assert await waiting == [b"1"]


async def test_channels_do_not_mix(fanout: Fanout) -> None:
    async with fanout.subscribe("execution-1") as messages:
        await fanout.publish("execution-2", b"other")
        await fanout.publish("execution-1", b"mine")
        assert await _read(messages, 1) == [b"mine"]


async def test_what_was_published_before_is_not_kept(fanout: Fanout) -> None:
    await fanout.publish("execution-1", b"before")
    async with fanout.subscribe("execution-1") as messages:
        await fanout.publish("execution-1", b"after")
        assert await _read(messages, 1) == [b"after"]


async def test_a_slow_subscriber_loses_the_oldest_and_holds_up_nobody(fanout: Fanout) -> None:
    async with fanout.subscribe("execution-1") as messages:
        for number in range(10):
            await fanout.publish("execution-1", b"%d" % number)
        assert await _read(messages, 3) == [b"7", b"8", b"9"]


async def test_who_left_gets_nothing_more_and_others_go_on(fanout: Fanout) -> None:
    async with fanout.subscribe("execution-1") as stays:
        async with fanout.subscribe("execution-1") as leaves:
            await fanout.publish("execution-1", b"1")
            assert await _read(leaves, 1) == [b"1"]
        await fanout.publish("execution-1", b"2")
        assert await _read(stays, 2) == [b"1", b"2"]


async def test_publishing_to_nobody_is_no_error(fanout: Fanout) -> None:
    await fanout.publish("execution-1", b"1")
    async with fanout.subscribe("execution-1") as messages:
        await fanout.publish("execution-1", b"2")
        assert await _read(messages, 1) == [b"2"]
