"""A program as a process of its own, which outlives whoever started it until somebody ends it."""

import subprocess
import threading
import time
from pathlib import Path
from typing import Final, Generic, TypeVar

from deploy.native.identity import Identity, end, identify, kill, pause, resume
from deploy.native.places import Hold, make_folder
from deploy.native.ports import expect_free
from deploy.native.record import ENDING, forget, read_record, recording
from deploy.native.server import Program
from reveille.kernel.errors import Misconfigured

P = TypeVar("P", bound=Program)

# An idle machine needs three seconds for the slowest; one that other tests keep busy, ten times that and more.
PATIENCE: Final = 120.0
PAUSE: Final = 0.05
TAIL_LINES: Final = 12


class Process(Generic[P]):
    """A `Server`. Its record `<name>.process`, log `<name>.log` and whatever the program keeps are below `folder`.

    What an earlier process that died has left running there is ended by `start`; a folder whose process belongs to a
    live one is not touched.
    """

    def __init__(self, program: P, folder: Path) -> None:
        self.program = program
        self.log = folder / f"{program.name}.log"
        self._folder = folder
        self._record = folder / f"{program.name}{ENDING}"
        self._hold = Hold(folder / f"{program.name}.lock")
        self._identity: Identity | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._exit_code: int | None = None
        # Where in the log the present start begins.
        self._log_begins = 0
        # Between the start of the process and whoever calls the start off from another thread.
        self._lock = threading.Lock()
        self._called_off = False

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def address(self) -> str:
        return self.program.about["address"]

    @property
    def pid(self) -> int:
        """0 before the first start."""
        return self._identity.pid if self._identity else 0

    @property
    def exit_code(self) -> int | None:
        """Of its last end, as `subprocess` counts; None before the first."""
        return self._exit_code

    @property
    def running(self) -> bool:
        return self._identity is not None and self._identity.running

    def start(self) -> None:
        if self.running:
            return
        self._called_off = False
        make_folder(self._folder)
        if not self._hold.take():
            raise Misconfigured(
                f"{self.name} in {self._folder} belongs to another process, expected a folder of its own"
            )
        try:
            if leftover := read_record(self._record):
                leftover.end()
            self.program.prepare()
            for port in self.program.ports:
                expect_free(port, self.name)
            self._spawn()
            self._await()
        except BaseException:
            self.kill()
            forget(self._folder, self.name)
            self._hold.let_go()
            raise

    def stop(self) -> None:
        with self._lock:
            self._called_off = True
            if self._identity is not None:
                end(self._identity, first=self.program.stop_signal, grace=self.program.grace)
            self._reap()
            # Nothing but what runs, or died by itself, stays on record.
            if self._identity is not None:
                forget(self._folder, self.name)
            self._identity = None
        self._hold.let_go()

    def kill(self) -> None:
        with self._lock:
            self._called_off = True
            if self._identity is not None:
                kill(self._identity)
            self._reap()

    def pause(self) -> None:
        if self._identity is not None:
            pause(self._identity)

    def resume(self) -> None:
        if self._identity is not None:
            resume(self._identity)

    def leave(self) -> None:
        """Let it run on without this process; whoever reads its record can end it."""
        if self._child is not None and self._child.poll() is None:
            # Else Popen complains that nobody waits for it, which is just what is meant.
            self._child.returncode = 0
        self._child = None
        self._hold.let_go()

    def tail(self) -> str:
        """The last lines that it has written since it was started."""
        try:
            with self.log.open("rb") as log:
                log.seek(self._log_begins)
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:])

    def _spawn(self) -> None:
        command = recording(
            self._record,
            self.program.command(),
            stop_signal=self.program.stop_signal,
            grace=self.program.grace,
            about=self.program.about,
        )
        with self._lock, self.log.open("ab") as log:
            if self._called_off:
                raise Misconfigured(f"{self.name} was called off before it had started")
            self._log_begins = log.tell()
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.program.environment),
                cwd=self._folder,
                # A terminal that is closed, or ctrl-c in it, is not meant for it.
                start_new_session=True,
            )
            self._identity = identify(self._child.pid)

    def _await(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.program.answers():
            if self._called_off:
                raise Misconfigured(f"{self.name} was called off while it started")
            if not self.running:
                raise Misconfigured(f"{self.name} ended before it answered on {self.address}; {self._told()}")
            if time.monotonic() > deadline:
                raise Misconfigured(f"{self.name} did not answer on {self.address} in {PATIENCE:g} s; {self._told()}")
            time.sleep(PAUSE)

    def _told(self) -> str:
        tail = self.tail()
        return f"its log {self.log} ends with:\n{tail}" if tail else f"its log {self.log} is empty"

    def _reap(self) -> None:
        """Whoever starts a process must fetch its end, or it stays as a zombie."""
        if self._child is not None and self._identity is not None and not self._identity.running:
            self._exit_code = self._child.wait()
            self._child = None
