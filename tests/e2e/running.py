"""A platform as its users start it: asked over HTTP, in whatever processes it runs, and always ended."""

import asyncio
import json
import os
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import httpx

from reveille.kernel.events import Recorded
from tests.e2e.logged import Logged

T = TypeVar("T")
Self = TypeVar("Self", bound="Platform")

COMMAND: Final = str(Path(sys.executable).with_name("reveille"))
SKILLS: Final = Path(__file__).parent / "skills"
FLEET: Final = Path(__file__).parent / "fleet.yaml"
# The machine may be busy with other tests: a deadline that is met in a second when it is not.
PATIENCE: Final = 60.0
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


def blocking(work: Coroutine[Any, Any, T]) -> T:
    """In a thread with a loop of its own: the caller's may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def environment(**given: str) -> dict[str, str]:
    """Nothing of what the tests' own environment may say to a platform or a model."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(SKILLS), "NO_COLOR": "1", "COLUMNS": "200", **given}


def reveille(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, env=environment(**given), check=False
    )


class Platform(ABC):
    """At most one platform at a time on what it keeps: it can be killed, and started again.

    fleet: None is the one that ships. settings: for all of its processes, over what tests set.
    """

    # What it says of itself.
    mode: ClassVar[str]
    # What HMACs are made with; made at the first start where it is not there.
    key_file: Path

    def __init__(self, folder: Path, *, fleet: Path | None = FLEET, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.effects_file = folder / "effects"
        self.fleet = fleet
        self.settings = dict(settings or {})
        self.url = ""
        self.http = httpx.Client(timeout=PATIENCE)

    @abstractmethod
    def start(self: Self) -> Self:
        """Returns when it accepts. Raises NotStarted."""

    @abstractmethod
    def kill(self) -> None:
        """All of it, as the power cut does it."""

    @abstractmethod
    def stop(self, seconds: float = PATIENCE) -> int:
        """As the supervisor does it. Returns the exit code, of several processes the first that is not 0."""

    @abstractmethod
    def interrupt(self, seconds: float = PATIENCE) -> int:
        """As ctrl-c does it."""

    @abstractmethod
    def begin_to_stop(self) -> None:
        """Tell whoever runs agents to stop, and let what is outside come in."""

    @abstractmethod
    def is_stopping(self) -> bool:
        """Whether whoever runs agents says that it takes nothing new."""

    @abstractmethod
    def close(self) -> None:
        """End it, and leave nothing of it."""

    @property
    @abstractmethod
    def errors(self) -> str:
        """All that it has said besides that it is up."""

    @abstractmethod
    def grpc_addresses(self) -> Mapping[str, str]:
        """By service, where it answers internal queries."""

    @abstractmethod
    def figures(self) -> list[str]:
        """What its processes tell Prometheus, each as a text."""

    @abstractmethod
    def log(self) -> list[Logged]:
        """Every event, in order."""

    @abstractmethod
    def recorded(self) -> list[Recorded]:
        """The same as the store gives it; the platform must have ended."""

    @abstractmethod
    def views(self) -> dict[str, list[Any]]:
        """All rows of all tables of views, by service and table."""

    @abstractmethod
    def change_views(self, service: str, *statements: str) -> None:
        """SQL in the database of a service's views."""

    @abstractmethod
    def lose_views(self) -> None:
        """As if they had never been."""

    @abstractmethod
    def rebuild_views(self) -> "subprocess.CompletedProcess[str]":
        """`reveille views rebuild`."""

    def restart(self: Self) -> Self:
        self.stop()
        return self.start()

    def skills_environment(self) -> dict[str, str]:
        return {"REVEILLE_TEST_EFFECTS": str(self.effects_file), **self.settings}

    def is_in_views(self) -> bool:
        """Whether all views have taken in the whole log, as it is now."""
        head = self.log()[-1].position
        views = self.views()
        return all(at == head for table in views if table.endswith(".positions") for _, at in views[table])

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
