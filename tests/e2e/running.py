"""A platform as its users start it: `reveille up` in a process of its own, asked over HTTP, and always ended."""

import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

T = TypeVar("T")

COMMAND: Final = str(Path(sys.executable).with_name("reveille"))
SKILLS: Final = Path(__file__).parent / "skills"
FLEET: Final = Path(__file__).parent / "fleet.yaml"
# The machine may be busy with other tests: a deadline that is met in a second when it is not.
PATIENCE: Final = 30.0
ENDED: Final = ("completed", "failed", "cancelled")


class NotStarted(Exception):
    """It ended before it said that it is up."""


def until(found: Callable[[], T | None], what: str, seconds: float = PATIENCE) -> T:
    """What `found` gives as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.02)
    raise AssertionError(f"after {seconds:g} s still not: {what}")


# Below the ports that the system gives to whoever asks for any: what is free here stays free until it is used.
_candidates = itertools.count(20_000 + os.getpid() % 8_000)


def free_port() -> int:
    for port in _candidates:
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("no port is free")


def environment(**given: str) -> dict[str, str]:
    """Nothing of what the tests' own environment may say to a platform or a model."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(SKILLS), "NO_COLOR": "1", "COLUMNS": "200", **given}


def reveille(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, env=environment(**given), check=False
    )


class Platform:
    """One data folder, and at most one process on it at a time."""

    def __init__(
        self,
        folder: Path,
        *,
        fleet: Path | None = FLEET,
        options: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.data = folder / "data"
        self.effects_file = folder / "effects"
        self.errors_file = folder / "stderr"
        self.fleet = fleet
        self.options = list(options)
        self.settings = dict(settings or {})
        self.process: subprocess.Popen[str] | None = None
        self.url = ""
        self.http = httpx.Client(timeout=PATIENCE)

    def start(self) -> "Platform":
        fleet = ["--fleet", str(self.fleet)] if self.fleet else []
        with self.errors_file.open("a") as errors:
            self.process = subprocess.Popen(
                [COMMAND, "up", "--data", str(self.data), "--port", "0", *fleet, *self.options],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment(REVEILLE_TEST_EFFECTS=str(self.effects_file), **self.settings),
            )
        self.url = self._announced(self.process)
        self.http.base_url = self.url
        return self

    def _announced(self, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        readable, _, _ = select.select([process.stdout], [], [], PATIENCE)
        words = process.stdout.readline().split() if readable else []
        url = next((word for word in words if word.startswith("http://")), "")
        if not url:
            raise NotStarted(f"it said {' '.join(words)!r} and {self.errors!r}")
        return url

    @property
    def errors(self) -> str:
        return self.errors_file.read_text()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """As the power cut does it."""
        self._end(signal.SIGKILL)

    def stop(self, seconds: float = PATIENCE) -> int:
        """As the supervisor does it. Returns the exit code."""
        return self._end(signal.SIGTERM, seconds)

    def restart(self) -> "Platform":
        self.stop()
        return self.start()

    def close(self) -> None:
        self.http.close()
        if self.process is not None:
            self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals, seconds: float = PATIENCE) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        finally:
            self.process.stdout.close()

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def trigger(self, agent: str, payload: Mapping[str, Any] | None = None, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"/webhook/trigger/{agent}", json={"payload": payload or {}, **body})
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def executions(self, receipt: Mapping[str, Any], *, agent: str = "") -> list[dict[str, Any]]:
        """What a signal has led to so far. receipt: what was answered when it was sent."""
        found = self.get("/api/v1/executions", signal_id=receipt["signal_id"], agent=agent)
        items: list[dict[str, Any]] = found["items"]
        return items

    def ended(self, receipt: Mapping[str, Any], *, agent: str = "") -> dict[str, Any]:
        """The execution that a signal led to, once it has ended."""

        def look() -> dict[str, Any] | None:
            found = self.executions(receipt, agent=agent)
            return found[0] if found and found[0]["status"] in ENDED else None

        return until(look, f"the execution of signal {receipt['signal_id']} ended")

    def explain(self, receipt: Mapping[str, Any], agent: str) -> dict[str, Any]:
        """Why the agent woke on a signal, or why not, once it is decided."""
        told: dict[str, Any] = self.get(
            "/api/v1/explain", signal=receipt["signal_id"], agent=agent, wait_for=receipt["position"]
        )
        return told

    def run(self, agent: str, payload: Mapping[str, Any] | None = None, **body: Any) -> dict[str, Any]:
        """Wake the agent and wait until it is done."""
        return self.ended(self.trigger(agent, payload, **body))

    def effects(self, what: str = "", name: str = "") -> list[dict[str, Any]]:
        """What skills have done so far, in order."""
        if not self.effects_file.exists():
            return []
        lines = [json.loads(line) for line in self.effects_file.read_text().splitlines()]
        return [line for line in lines if what in ("", line["what"]) and name in ("", line["name"])]
