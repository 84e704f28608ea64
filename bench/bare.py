"""The floor of every HTTP figure: a bare FastAPI endpoint that parses and answers, served as `reveille up` serves."""

import asyncio
import socket
from typing import Any, Final

import uvicorn
import uvloop
from fastapi import FastAPI, Request

from bench import collecting, deliveries

BACKLOG: Final = 2048

app = FastAPI(title="Bare", redoc_url=None)


@app.post(deliveries.PATH)
async def take(request: Request) -> dict[str, Any]:
    document = await request.json()
    return {"signal_id": document["action"], "duplicate": False, "position": document["pull_request"]["number"]}


def serve(app: Any, announced: str, **options: Any) -> None:
    """Until it is stopped. options: further ones of uvicorn."""
    # uvicorn sends itself the signal that stopped it once more, when it has shut down.
    try:
        uvloop.run(_serve(app, announced, **options))
    except asyncio.CancelledError:
        pass


async def _serve(app: Any, announced: str, **options: Any) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
        backlog=BACKLOG,
        server_header=False,
        **options,
    )
    collecting.tame()
    print(f"{announced} on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    serve(app, "bare is up")
