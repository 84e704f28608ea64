"""What processes use of the machine, by name: each with all that it has started."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """pids: by name. A process that has ended counts with whoever has waited for it."""
    used, children = _table()
    seconds = {}
    for name, pid in pids.items():
        waiting, total = [pid], 0.0
        while waiting:
            one = waiting.pop()
            total += used.get(one, 0.0)
            waiting += children.get(one, [])
        seconds[name] = total
    return seconds


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {name: after[name] - before[name] for name in after}


def _table() -> tuple[dict[int, float], dict[int, list[int]]]:
    """The seconds of each process, those of its ended children among them, and whose parent it is."""
    used: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(entry.name)
        used[pid] = sum(map(int, fields[11:15])) / _TICKS
        children.setdefault(int(fields[1]), []).append(pid)
    return used, children
