"""What the demo is shown on: anything that can be started, killed and started again."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final, Protocol

from reveille.kernel.errors import Misconfigured

SECRET: Final = "demo-secret"
# The one that ships waits and gathers; here each delivery is to be seen.
FLEET: Final = Path(__file__).with_name("demonstration.yaml")
# Besides its grace.
ENDING_SECONDS: Final = 15.0


class Shown(Protocol):
    """A platform with a GitHub secret of SECRET, open to this machine, that reads clones below the demo's folder.

    Its fleet is FLEET.
    """

    @property
    def what(self) -> str:
        """What it consists of, for people."""

    @property
    def crash(self) -> str:
        """What `kill` does, for people."""

    @property
    def url(self) -> str: ...

    def start(self) -> None:
        """Returns when it accepts webhooks, with all that it had. Raises Misconfigured."""

    def kill(self) -> None: ...

    def stop(self) -> None:
        """Leave nothing running."""


class OneProcess:
    """`reveille up`."""

    what = "five services, one process, no server beside it"
    crash = "a SIGKILL"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reveille.cli.main", "up", "--port", "0", "--data", str(self._folder / "data"),
             "--repos", str(self._folder), "--fleet", str(FLEET)],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "REVEILLE_GITHUB_SECRET": SECRET},
        )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if "http://" not in line:
            raise Misconfigured("the platform did not start; what it says stands above")
        self.url = line.split()[4]

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
