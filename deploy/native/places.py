"""Which folders are used, and by whom: PostgreSQL refuses to run as root, and its own user must reach its files."""

import fcntl
import hashlib
import os
import pwd
import secrets
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from reveille.kernel.errors import Misconfigured

PROJECT: Final = Path(__file__).resolve().parent.parent.parent
POSTGRES_USER: Final = "postgres"
# Where everybody may reach what is in a folder whose name they know.
SHARED: Final = Path("/var/tmp")
TEMPORARY: Final = Path("/tmp")
# Others may pass through it on their way to what is theirs, and not look around.
PASSABLE: Final = 0o711


@dataclass(frozen=True, slots=True)
class User:
    """Somebody else, as whom root starts a program."""

    name: str
    uid: int
    gid: int

    @property
    def prefix(self) -> list[str]:
        """`setpriv` becomes the program: the pid stays."""
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--init-groups", "--"]

    def reaches(self, folder: Path) -> bool:
        """Asked of the system: permissions are more than their bits."""
        found = subprocess.run([*self.prefix, "test", "-x", str(folder)], capture_output=True, check=False)
        return found.returncode == 0


def postgres_user() -> User | None:
    """As whom PostgreSQL must be started; None is whoever runs this."""
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(POSTGRES_USER)
    except KeyError:
        raise Misconfigured(
            f"PostgreSQL does not run as root, expected a user {POSTGRES_USER} (Debian's package makes it)"
        ) from None
    return User(found.pw_name, found.pw_uid, found.pw_gid)


def make_folder(folder: Path) -> Path:
    """With those above it. What is made is passable whatever the umask says."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            one.chmod(PASSABLE)
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be made, expected a place to write to: {error.strerror}") from error
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise Misconfigured(f"{folder} is no folder to write to, expected one")
    return folder


def default_folder() -> Path:
    """`.stack/data` below the project; in /var/tmp where root's project is closed to PostgreSQL's user."""
    folder = PROJECT / ".stack" / "data"
    user = _user_or_none()
    if user is None or user.reaches(PROJECT):
        return folder
    return SHARED / f"reveille-stack-{hashlib.sha256(os.fsencode(PROJECT)).hexdigest()[:12]}"


def temporary_folder(prefix: str) -> Path:
    """Made anew, where PostgreSQL's user reaches it."""
    user = _user_or_none()
    usual = Path(tempfile.gettempdir())
    parent = usual if user is None or user.reaches(usual) else TEMPORARY
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    folder.chmod(PASSABLE)
    return folder


def keep_secret(file: Path) -> Path:
    """A file with 32 random bytes in hexadecimal, for its owner alone; made once."""
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file
    with os.fdopen(handle, "w") as text:
        text.write(f"{secrets.token_hex(32)}\n")
    return file


class Hold:
    """A folder, or a part of it, that one process at a time may use; the system lets go of it when that one ends."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether it is held now."""
        if self._handle is not None:
            return True
        handle = os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def let_go(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@cache
def _user_or_none() -> User | None:
    """Whoever needs no PostgreSQL needs no user for it."""
    try:
        return postgres_user()
    except Misconfigured:
        return None
