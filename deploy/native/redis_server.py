"""Redis, which keeps nothing: what it carries is lost with it, and nobody minds."""

import os
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.native.ports import HOST, free_ports
from deploy.native.process import Process
from deploy.native.programs import find

PROBE_SECONDS: Final = 5.0


def redis(folder: Path, *, options: Sequence[str] = ()) -> Process["RedisProgram"]:
    """Its address is a URL. options: after those that it has here."""
    return Process(RedisProgram(options), folder)


class RedisProgram:
    name: Final = "redis"
    stop_signal: Final = signal.SIGTERM
    grace: Final = 10.0

    def __init__(self, options: Sequence[str] = ()) -> None:
        self._port = free_ports()
        self._options = options

    @property
    def ports(self) -> Sequence[int]:
        return (self._port,)

    @property
    def about(self) -> Mapping[str, str]:
        return {"address": f"redis://{HOST}:{self._port}/0"}

    @property
    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}

    def prepare(self) -> None:
        """It needs nothing."""

    def command(self) -> Sequence[str]:
        kept = ["--save", "", "--appendonly", "no"]
        return [find("redis-server"), "--bind", HOST, "--port", str(self._port), *kept, *self._options]

    def answers(self) -> bool:
        return answers(HOST, self._port)


def answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), PROBE_SECONDS) as connection:
            connection.sendall(b"PING\r\n")
            with connection.makefile("rb") as stream:
                return stream.readline() == b"+PONG\r\n"
    except OSError:
        return False
