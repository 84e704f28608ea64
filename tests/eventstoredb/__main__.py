"""`python -m tests.eventstoredb --port N --folder F`: the protocol server as a process, until SIGTERM."""

import argparse
import asyncio
import signal
from pathlib import Path

from tests.eventstoredb.server import ProtocolServer


async def serve(port: int, folder: Path) -> None:
    server = ProtocolServer(folder, port)
    await server.start()
    print(f"listening at {server.uri}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await server.stop()


parser = argparse.ArgumentParser(prog="python -m tests.eventstoredb")
parser.add_argument("--port", type=int, default=0, help="0: a free one, which is printed")
parser.add_argument("--folder", type=Path, required=True)
arguments = parser.parse_args()
asyncio.run(serve(arguments.port, arguments.folder))
