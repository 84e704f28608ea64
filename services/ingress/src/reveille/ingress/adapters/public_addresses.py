"""Where a name leads, for whoever may be sent to public addresses alone.

The address that was looked at is the one that is connected to: a name that leads elsewhere a moment later leads nobody.
"""

import asyncio
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM
from typing import Final

Address = IPv4Address | IPv6Address
# Of these the last 32 bits are an address that somebody on the way translates to (RFC 6052).
TRANSLATED: Final = IPv6Network("64:ff9b::/96")


class NotPublic(Exception):
    """It leads to this machine, or to a network that not everybody can reach."""


async def public_addresses(host: str, port: int) -> Sequence[str]:
    """Raises NotPublic where any of them is not: who has both kinds has one to get in by. OSError: there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    addresses = list(dict.fromkeys(str(where[0]).partition("%")[0] for *_, where in found))
    if not all(is_public(ip_address(address)) for address in addresses):
        raise NotPublic(f"{host} is at a private address, where notifications of this tenant do not go")
    return addresses


def is_public(address: Address) -> bool:
    """What stands in an address of a tunnel is looked at too."""
    inside = _inside(address)
    if inside is not None:
        return is_public(inside)
    return address.is_global and not address.is_multicast


def _inside(address: Address) -> Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    ways: tuple[Callable[[], Address | None], ...] = (
        lambda: address.ipv4_mapped,
        lambda: address.sixtofour,
        lambda: address.teredo[1] if address.teredo else None,
    )
    return next((found for way in ways if (found := way()) is not None), None)
