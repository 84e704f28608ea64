"""A small disk, which can be full: a tmpfs, mounted for as long as it is used."""

import errno
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Final

from deploy.native.places import PASSABLE, make_folder
from reveille.kernel.errors import Misconfigured

FILLER: Final = "filler"
CHUNK: Final = bytes(64 * 1024)
# At the end, so that not even a line of a log fits.
CRUMB: Final = bytes(1)


class Disk:
    """Used with `with` it is there, and is gone afterwards with all that is on it. Needs root, who may mount."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self.folder = folder
        self._megabytes = megabytes

    def fill(self) -> None:
        """Whoever uses it meanwhile may take what others give back; so it is filled up again by who calls again."""
        file = os.open(self.folder / FILLER, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for piece in (CHUNK, CRUMB):
                while _fits(file, piece):
                    pass
        finally:
            os.close(file)

    def free(self) -> None:
        (self.folder / FILLER).unlink()

    def __enter__(self) -> "Disk":
        make_folder(self.folder)
        options = f"size={self._megabytes}m,mode={PASSABLE:o}"
        _run("mount", "-t", "tmpfs", "-o", options, "reveille-disk", str(self.folder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _run("umount", "--lazy", str(self.folder))


def may_mount(folder: Path) -> bool:
    try:
        with Disk(folder, megabytes=1):
            return True
    except Misconfigured:
        return False


def _fits(file: int, piece: bytes) -> bool:
    try:
        return os.write(file, piece) == len(piece)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Misconfigured(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it says no reason"])[-1]
        raise Misconfigured(f"a small disk cannot be mounted, expected root who may: {said}")
