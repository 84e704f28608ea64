"""What is known outside of the platform: what it has accepted, by the sender's ledger, and what its agents did."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from deploy.native.places import PROJECT

# What it has begun to send is accepted long before; a platform that never comes back must not hold a test for ever.
FINISHING_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """tries: how often it was sent until it was answered with 2xx. began, accepted: when, in seconds since 1970."""

    number: int
    delivery: str
    signal: str
    tries: int
    began: float = 0.0
    accepted: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    number: int
    signal: str
    execution: str
    run: str
    attempt: int


class Outside:
    """A sender with its ledger, and the file of effects. Used with `with`, the sender is ended with it."""

    def __init__(self, folder: Path, *, rate: float) -> None:
        self.effects_file = folder / "effects"
        self._ledger = folder / "ledger"
        self._errors = folder / "sender.log"
        self.rate = rate
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, *urls: str) -> None:
        command = [sys.executable, "-m", "tests.chaos.sending", "--ledger", str(self._ledger)]
        command += [part for url in urls for part in ("--url", url)]
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [*command, "--rate", str(self.rate)], cwd=PROJECT, stdin=subprocess.DEVNULL, stderr=errors
            )

    def finish(self) -> None:
        """Send nothing new; returns when everything is accepted. Raises AssertionError where that never was."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(FINISHING_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"after {FINISHING_SECONDS:g} s the platform has not accepted all that was sent: {self.accepted_count}"
            ) from None
        assert code == 0, f"the sender gave up: {self._errors.read_text().strip()}"

    @property
    def accepted(self) -> list[Accepted]:
        return [Accepted(**line) for line in _lines(self._ledger)]

    @property
    def accepted_count(self) -> int:
        return self._ledger.read_bytes().count(b"\n") if self._ledger.exists() else 0

    @property
    def effects(self) -> list[Effect]:
        return [Effect(**line) for line in _lines(self.effects_file)]

    def __enter__(self) -> "Outside":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
