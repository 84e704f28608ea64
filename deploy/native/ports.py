"""Ports of 127.0.0.1 for what is started here."""

import secrets
import socket
from functools import cache
from pathlib import Path
from typing import Final

from reveille.kernel.errors import Misconfigured

HOST: Final = "127.0.0.1"
ATTEMPTS: Final = 1000
_LOWEST: Final = 12_000
_given: set[int] = set()


def free_ports(count: int = 1) -> int:
    """The first of so many free ports in a row, each given away only once by this process.

    They lie below those that the system hands to clients: else, while a server is down, a client that connects to its
    port again and again sooner or later gets just this port for itself, connects to itself, and the server cannot
    start again.
    """
    for _ in range(ATTEMPTS):
        # Not `random`, which tests seed: two processes would go for the same ports at the same time.
        first = _LOWEST + secrets.randbelow(_highest() - count - _LOWEST + 1)
        ports = range(first, first + count)
        if _given.isdisjoint(ports) and all(is_free(port) for port in ports):
            _given.update(ports)
            return first
    raise Misconfigured(f"no {count} ports in a row are free on {HOST} from {_LOWEST} to {_highest()}")


def is_free(port: int) -> bool:
    try:
        with socket.create_server((HOST, port)):
            return True
    except OSError:
        return False


def expect_free(port: int, name: str) -> None:
    """Raises Misconfigured: what listens there already would be taken for the server that could not."""
    if not is_free(port):
        raise Misconfigured(f"port {port} of {HOST} is in use, expected it free for {name}")


@cache
def _highest() -> int:
    try:
        lowest_of_clients = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        lowest_of_clients = 32_768
    # Where clients get nearly all ports there is nothing below them.
    return lowest_of_clients if lowest_of_clients > _LOWEST + 2000 else 32_768
