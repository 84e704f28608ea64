"""Clients that do not read: how one is made, and how a test hears that the platform has given it up."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager


class GivenUp(logging.Handler):
    """Hears when something ends because its client is too slow."""

    def __init__(self) -> None:
        super().__init__()
        self.happened = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "too slow" in record.getMessage():
            self.happened.set()


@contextmanager
def heard_of(logger: logging.Logger) -> Iterator[GivenUp]:
    handler, before = GivenUp(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)


async def unread(host: str, port: int) -> socket.socket:
    """The system takes little for whoever does not read it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, (host, port))
    return made
