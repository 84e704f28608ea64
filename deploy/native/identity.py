"""A process known by its pid and its start time together, so that a stranger with the same pid is never touched."""

import os
import select
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# What SIGKILL ends is gone as soon as the kernel lets go of it: seconds only where a disk hangs.
KILL_BOUND: Final = 30.0


@dataclass(frozen=True, slots=True)
class Identity:
    """began: field 22 of /proc/<pid>/stat, in clock ticks since boot; `exec` changes neither it nor the pid."""

    pid: int
    began: int

    @property
    def running(self) -> bool:
        """A process that has ended and that nobody has waited for is not running."""
        status = _read(self.pid)
        return status is not None and status.began == self.began and status.state not in "ZX"

    def send(self, number: signal.Signals) -> None:
        """Nothing happens when it has ended."""
        with _opened(self) as handle:
            if handle is not None:
                try:
                    signal.pidfd_send_signal(handle, number)
                except ProcessLookupError:
                    pass  # It has ended since.

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds."""
        with _opened(self) as handle:
            if handle is None:
                return True
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            return bool(poll.poll(seconds * 1000))


def identify(pid: int) -> Identity | None:
    status = _read(pid)
    return Identity(pid, status.began) if status else None


def parse(stat: str) -> Identity:
    """From the text of /proc/<pid>/stat. Raises ValueError."""
    return Identity(int(stat.partition(" ")[0]), _parse(stat).began)


def end(one: Identity, *, first: signal.Signals, grace: float) -> bool:
    """Ask it to end, and after its grace kill it and all below it. Returns whether it ended by itself."""
    resume(one)
    children = _below(one.pid)
    one.send(first)
    if not one.wait(grace):
        kill(one)
        return False
    for child in children:
        child.send(signal.SIGKILL)
    return True


def kill(one: Identity) -> None:
    """It and everything below it at once, as a power cut would; returns when they have ended."""
    everything = pause(one)
    for each in everything:
        each.send(signal.SIGKILL)
    for each in everything:
        each.wait(KILL_BOUND)


def pause(one: Identity) -> list[Identity]:
    """Stop it and everything below it. Returns them, it first."""
    one.send(signal.SIGSTOP)
    paused = [one]
    # Until nothing new is found: what is not stopped yet may start others.
    while fresh := [each for each in _below(one.pid) if each not in paused]:
        for each in fresh:
            each.send(signal.SIGSTOP)
        paused += fresh
    return paused


def resume(one: Identity) -> None:
    for each in [*_below(one.pid), one]:
        each.send(signal.SIGCONT)


@dataclass(frozen=True, slots=True)
class _Status:
    state: str
    parent: int
    began: int


class _opened:
    """A handle on exactly this process, or None when it has ended: what is asked of the handle cannot reach another."""

    def __init__(self, one: Identity) -> None:
        self._one = one
        self._handle: int | None = None

    def __enter__(self) -> int | None:
        try:
            self._handle = os.pidfd_open(self._one.pid)
        except ProcessLookupError:
            return None
        # After it is open: if the process is the right one now, the handle is of the right one.
        return self._handle if self._one.running else None

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)


def _below(pid: int) -> list[Identity]:
    children: dict[int, list[Identity]] = {}
    for child, status in _all():
        children.setdefault(status.parent, []).append(Identity(child, status.began))
    found: list[Identity] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += [one.pid for one in below]
    return found


def _all() -> Iterator[tuple[int, _Status]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (status := _read(int(entry.name))):
            yield int(entry.name), status


def _read(pid: int) -> _Status | None:
    try:
        return _parse(Path(f"/proc/{pid}/stat").read_text(errors="replace"))
    except (OSError, ValueError):
        return None


def _parse(stat: str) -> _Status:
    # The second field is the program's name in parentheses, which may hold anything.
    fields = stat.rpartition(")")[2].split()
    if len(fields) < 20:
        raise ValueError(f"a process's stat has {len(fields)} fields after its name, expected at least 20")
    return _Status(fields[0], int(fields[1]), int(fields[19]))
