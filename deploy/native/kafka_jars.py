"""Kafka's jars, which Maven copies into a folder once."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.native.places import PROJECT, make_folder
from deploy.native.programs import find
from reveille.kernel.errors import Misconfigured

POM: Final = Path(__file__).with_name("pom.xml")
VERSION: Final = "4.1.0"
JARS: Final = PROJECT / ".stack" / f"kafka-{VERSION}"
# Maven's own time-outs come first; this is for one that hangs.
FETCH_BOUND: Final = 900.0

Say = Callable[[str], None]


def are_there(jars: Path = JARS) -> bool:
    return jars.is_dir()


def fetch(jars: Path = JARS, *, say: Say) -> Path:
    """The folder that holds them; it is there with all of them or not at all. Raises Misconfigured."""
    if are_there(jars):
        return jars
    maven = find("mvn")
    make_folder(jars.parent)
    say(f"fetching Kafka {VERSION} with Maven, once")
    with tempfile.TemporaryDirectory(prefix=f"{jars.name}.", dir=jars.parent) as folder:
        copied = Path(folder) / "jars"
        _copy(maven, copied)
        copied.chmod(0o755)
        try:
            copied.rename(jars)
        except OSError:
            # Somebody else was quicker, and what they have is the same.
            if not are_there(jars):
                raise
    return jars


def _copy(maven: str, folder: Path) -> None:
    arguments = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    command = [maven, "-q", "-B", "-f", str(POM), *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=FETCH_BOUND, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Misconfigured(f"Maven did not fetch Kafka {VERSION} in {FETCH_BOUND:g} s") from error
    if done.returncode or not any(folder.glob(f"kafka_*-{VERSION}.jar")):
        shutil.rmtree(folder, ignore_errors=True)
        said = [line for line in f"{done.stdout}{done.stderr}".splitlines() if "ERROR" in line]
        raise Misconfigured(f"Maven could not fetch Kafka {VERSION}: {said[0] if said else 'it says no reason'}")
