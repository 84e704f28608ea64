"""What the tests see of processes without asking those who started them."""

from pathlib import Path


def working_in(folder: Path) -> set[int]:
    """The processes that run in a folder or below it, by the system's word."""
    found = set()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                if (process / "cwd").readlink().is_relative_to(folder):
                    found.add(int(process.name))
            except OSError:
                pass  # It has ended, or it is another user's.
    return found
