"""The programs that servers are made of: where they are on this machine, or what to install."""

import os
import re
import shutil
from pathlib import Path
from typing import Final

from reveille.kernel.errors import Misconfigured

# Kafka 4 runs on no older one.
JAVA_AT_LEAST: Final = 17
INSTALL: Final = {
    "java": "openjdk-17-jre-headless",
    "mvn": "maven",
    "initdb": "postgresql",
    "postgres": "postgresql",
    "redis-server": "redis-server",
    "prometheus": "prometheus",
}


def find(name: str) -> str:
    """The path of a program. Raises Misconfigured with what to install."""
    found = _find(name)
    if not found:
        raise Misconfigured(missing_line([name]))
    return found


def missing(*names: str) -> list[str]:
    return [name for name in names if not _find(name)]


def missing_line(names: list[str]) -> str:
    packages = list(dict.fromkeys(INSTALL[name] for name in names))
    said = [f"java (at least {JAVA_AT_LEAST})" if name == "java" else name for name in names]
    return f"{', '.join(said)} not found, expected on PATH: apt-get install {' '.join(packages)}"


def _find(name: str) -> str:
    match name:
        case "java":
            return next((one for one in _javas() if _java_version(one) >= JAVA_AT_LEAST), "")
        case "initdb" | "postgres":
            return shutil.which(name) or _of_newest_postgresql(name)
        case _:
            return shutil.which(name) or ""


def _javas() -> list[str]:
    home = os.environ.get("JAVA_HOME", "")
    told = [f"{home}/bin/java"] if home and Path(home, "bin", "java").exists() else []
    on_path = shutil.which("java")
    installed = sorted(str(one) for one in Path("/usr/lib/jvm").glob("*/bin/java"))
    return [*told, *([on_path] if on_path else []), *installed]


def _java_version(java: str) -> int:
    """As its installation says beside it: asking the program takes a tenth of a second. 0 where nothing says it."""
    release = Path(java).resolve().parent.parent / "release"
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.MULTILINE)
    except OSError:
        # Some distributions leave the file out; then the program itself says, when it starts, what it misses.
        return JAVA_AT_LEAST
    return int(found[1]) if found else 0


def _of_newest_postgresql(name: str) -> str:
    """Debian keeps the programs of its servers off PATH, in a folder for each version."""
    found = [one for one in Path("/usr/lib/postgresql").glob(f"*/bin/{name}") if one.parent.parent.name.isdecimal()]
    return str(max(found, key=lambda one: int(one.parent.parent.name), default=""))
