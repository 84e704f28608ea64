"""A Redis of a test's own, which may be killed, stopped and started again at the same port."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class OwnRedis:
    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.port = port or free_port()
        self._command = ("redis-server", "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", *options)
        self._process: asyncio.subprocess.Process | None = None

    def url(self, who: str = "") -> str:
        return f"redis://{who}127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        command = (*self._command, "--port", str(self.port))
        self._process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        async with asyncio.timeout(30):
            while not await answers(self.port):
                assert self._process.returncode is None, "redis-server has ended"
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def own_redis(folder: Path, *options: str) -> AsyncIterator[OwnRedis]:
    server = OwnRedis(folder, *options)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@asynccontextmanager
async def forwarding(port: int, to: int) -> AsyncIterator[None]:
    """Whoever connects to one port talks to the other."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(_pipe(reader, other_writer), _pipe(other_reader, writer), return_exceptions=True)

    async with await asyncio.start_server(forward, "127.0.0.1", port):
        yield


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    finally:
        writer.close()


async def answers(port: int) -> bool:
    """With anything: a server that wants a password or TLS is up as well."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return bool(await reader.read(1))
    except OSError:
        return False
    finally:
        writer.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
