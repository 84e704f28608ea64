"""What a folder says about a process that was started in it: enough to find it, to reach it and to end it."""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.native.identity import Identity, end, parse

ENDING: Final = ".process"
# The shell writes the record and becomes the program, with its pid and its start time: there is no moment, not even if
# whoever starts it dies just then, in which it runs and is not on record.
RECORDING: Final = (
    """IFS= read -r stat </proc/$$/stat && printf '%s\\n%s\\n' "$stat" "$2" >"$1" && shift 2 && exec "$@" """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """about: where it can be reached, by name; `address` always. grace: seconds between stop_signal and SIGKILL."""

    name: str
    identity: Identity
    log: Path
    stop_signal: signal.Signals
    grace: float
    about: Mapping[str, str]

    @property
    def running(self) -> bool:
        return self.identity.running

    @property
    def address(self) -> str:
        return self.about["address"]

    def end(self) -> bool:
        """Returns whether it ended by itself in its grace."""
        return end(self.identity, first=self.stop_signal, grace=self.grace)


def recording(
    file: Path, command: Sequence[str], *, stop_signal: signal.Signals, grace: float, about: Mapping[str, str]
) -> list[str]:
    """The command that records itself in `file` and then is `command`."""
    text = json.dumps({"stop_signal": int(stop_signal), "grace": grace, "about": dict(about)})
    return ["/bin/sh", "-c", RECORDING, "sh", str(file), text, *command]


def read_record(file: Path) -> Record | None:
    """None where there is none, or one that was cut off as it was written: then the program had not begun."""
    try:
        stat, text = file.read_text().splitlines()
        said: dict[str, Any] = json.loads(text)
        return Record(
            name=file.name.removesuffix(ENDING),
            identity=parse(stat),
            log=file.with_suffix(".log"),
            stop_signal=signal.Signals(said["stop_signal"]),
            grace=float(said["grace"]),
            about=said["about"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def records(folder: Path) -> list[Record]:
    """Of all that was started in the folder and not ended in order, by name; what has died is still in it."""
    found = [read_record(file) for file in sorted(folder.glob(f"*{ENDING}"))]
    return [one for one in found if one is not None]


def forget(folder: Path, name: str) -> None:
    (folder / f"{name}{ENDING}").unlink(missing_ok=True)
