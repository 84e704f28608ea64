"""Every replica behind an address, so that each can say how it is: a channel with several asks one at a time."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any

# A channel to HOST:PORT, whose certificate is for the name; "": for that host.
Open = Callable[[str, str], Any]


class Replicas:
    """Looked up each time: replicas come and go."""

    def __init__(self, addresses: str, open_one: Open) -> None:
        """addresses: as `open_channel` takes them."""
        self._addresses = [one.strip() for one in addresses.split(",")]
        self._open = open_one
        self._channels: dict[str, Any] = {}

    async def channels(self) -> Sequence[Any]:
        """Of those that are there now; of a name that nobody knows, the name's own, which says so when it is asked."""
        found = dict([one for each in self._addresses for one in await _looked_up(each)])
        gone = [self._channels.pop(address) for address in self._channels.keys() - found.keys()]
        for address, name in found.items():
            if address not in self._channels:
                self._channels[address] = self._open(address, name)
        there = list(self._channels.values())
        for channel in gone:
            await channel.close()
        return there

    async def close(self) -> None:
        while self._channels:
            await self._channels.popitem()[1].close()


async def _looked_up(address: str) -> list[tuple[str, str]]:
    """IP:PORT of each, and the name, where it was one."""
    host, _, port = address.rpartition(":")
    name = host.strip("[]")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError:
        return [(address, "")]
    ips = dict.fromkeys(str(one[4][0]) for one in found)
    return [(f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}", "" if ip == name else name) for ip in ips]
