"""A remote agent as somebody writes it who has no more than the page of the protocol and a WebSocket."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.e2e.running import PATIENCE, Platform


class RemoteAgent:
    """`trigger`, `recorded` and so on wait for a message of that type; pings are answered meanwhile, unless `mute`."""

    def __init__(
        self, platform: Platform, agent: str, *, capacity: int | str = 1, key: str = "", mute: bool = False, **more: str
    ) -> None:
        address = platform.url.replace("http", "ws", 1) + f"/ws/agents/{agent}?capacity={capacity}"
        address += "".join(f"&{name}={value}" for name, value in more.items())
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        opening = connect(address, additional_headers=headers, open_timeout=PATIENCE, compression=None, proxy=None)
        self._stack = ExitStack()
        self.socket: ClientConnection = self._stack.enter_context(opening)
        self._mute = mute
        self.welcome = self.next("welcome")

    def __enter__(self) -> "RemoteAgent":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    def say(self, type_name: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type_name, **fields}))

    def next(self, type_name: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next message, which must be of this type. Raises ConnectionClosed."""
        while True:
            said: dict[str, Any] = json.loads(self.socket.recv(seconds))
            if said["type"] == "ping" and type_name != "ping":
                if not self._mute:
                    self.say("pong")
                continue
            assert said["type"] == type_name, said
            return said

    def complete(self, trigger: Mapping[str, Any], *, tokens: int = 0, **result: Any) -> None:
        """Acknowledge, report the result and wait until it is recorded."""
        self.say("ack", runId=trigger["runId"], attempt=trigger["attempt"])
        self.say("task_complete", runId=trigger["runId"], attempt=trigger["attempt"], tokensUsed=tokens, result=result)
        assert self.next("recorded")["runId"] == trigger["runId"]

    def closed(self, seconds: float = PATIENCE) -> tuple[int, str]:
        """How the platform closes the connection, whatever it says before."""
        try:
            while True:
                self.socket.recv(seconds)
        except ConnectionClosed as error:
            if error.rcvd is None:
                raise
            return error.rcvd.code, error.rcvd.reason
