"""Processes under measurement: started, waited for until they announce their address, and always ended."""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from bench.deliveries import SECRET

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = sys.executable
REVEILLE: Final = str(Path(sys.executable).with_name("reveille"))
# A machine that other work keeps busy needs ten times as long as an idle one.
PATIENCE: Final = 60.0
# At rest: it used less than 5 % of a core for so long.
REST_SECONDS: Final = 0.4
REST_SHARE: Final = 0.05
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class BenchFailed(Exception):
    """A run whose figures would mean nothing; the message says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """began: when the process was started, in seconds of the monotonic clock. stderr: the file with what it said."""

    process: "subprocess.Popen[str]"
    port: int
    began: float
    stderr: Path

    @property
    def rss_mb(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1000
        raise BenchFailed(f"process {self.process.pid} has no VmRSS, expected a live process on Linux")

    def settle(self) -> None:
        """Return when it is at rest: what it still had to do after a run must not fall into the next one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            before = self._cpu_seconds()
            time.sleep(REST_SECONDS)
            if self._cpu_seconds() - before <= REST_SECONDS * REST_SHARE:
                return
        raise BenchFailed(f"port {self.port}: the server is still busy after {PATIENCE:g} s, expected it at rest")

    def check(self) -> None:
        if self.process.poll() is not None:
            raise BenchFailed(f"port {self.port}: the server ended: {self.stderr.read_text()[-2000:]}")

    def _cpu_seconds(self) -> float:
        self.check()
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


def environment(**given: str) -> dict[str, str]:
    """Nothing of what the caller's own environment may say to a platform."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), **given}


@contextmanager
def server(
    command: Sequence[str], stderr: Path, settings: Mapping[str, str] | None = None, *, may_fail: bool = False
) -> Iterator[Running]:
    """A process that prints its address when it is up. It is stopped by SIGTERM, and must then end with code 0.

    may_fail: its way of ending does not matter.
    """
    began = time.monotonic()
    with stderr.open("a") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment(**(settings or {})), cwd=ROOT
        )
    try:
        yield Running(process=process, port=_announced(process, stderr), began=began, stderr=stderr)
        process.terminate()
        code = process.wait(PATIENCE)
        if code and not may_fail:
            raise BenchFailed(f"{command[0]} ended with code {code}, expected 0: {stderr.read_text()[-2000:]}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def platform(
    folder: Path, fleet: str, *, profile: Path | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """`reveille up` on a data folder below `folder`. profile: the folder into which a profile is written at its end."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "fleet.yaml"
    file.write_text(fleet)
    command = [REVEILLE]
    if profile:
        command = [PYTHON, "-m", "bench.profiled", str(profile)]
    command += ["up", "--data", str(folder / "data"), "--port", "0", "--fleet", str(file)]
    with server(command, folder / "stderr", {"REVEILLE_GITHUB_SECRET": SECRET, **(settings or {})}) as running:
        yield running


@contextmanager
def bare(folder: Path, module: str = "bench.bare") -> Iterator[Running]:
    """module: of a server that does nothing else than the platform's least."""
    folder.mkdir(parents=True, exist_ok=True)
    with server([PYTHON, "-m", module], folder / "stderr", may_fail=True) as running:
        yield running


def _announced(process: "subprocess.Popen[str]", stderr: Path) -> int:
    assert process.stdout is not None
    line = _line(process.stdout)
    address = next((word for word in line.split() if word.startswith("http://")), "")
    if not address:
        process.wait(PATIENCE)
        raise BenchFailed(f"a server said {line!r}, expected its address: {stderr.read_text()[-2000:]}")
    return int(address.rpartition(":")[2])


def _line(stream: IO[str]) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(PATIENCE) else ""
