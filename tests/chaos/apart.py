"""A scenario of one process for whoever is not root: in namespaces of his own, where he may mount a small disk.

`python -m tests.chaos.apart NAME FOLDER SEED SECONDS` is what runs there; what did not hold is its last line, in JSON.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from deploy.native.places import PROJECT
from tests.chaos.alone import AloneScenario, run_alone
from tests.chaos.scenarios import ALL
from tests.chaos.story import Story
from tests.chaos.verdict import Verdict

APART: Final = ("unshare", "--user", "--map-root-user", "--mount")


def may_be_apart() -> bool:
    try:
        return subprocess.run([*APART, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run_apart(name: str, folder: Path, *, seed: int, seconds: float) -> Verdict:
    command = [*APART, sys.executable, "-m", "tests.chaos.apart", name, str(folder), str(seed), str(seconds)]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    *story, last = done.stdout.splitlines() or [""]
    print("\n".join(story))
    assert done.returncode == 0, last
    return Verdict(scenario=name, problems=json.loads(last))


def main() -> None:
    name, folder, seed, seconds = sys.argv[1:]
    scenario = ALL[name]
    assert isinstance(scenario, AloneScenario)
    story = Story(Console(width=160))
    verdict = run_alone(scenario, Path(folder), seed=int(seed), seconds=float(seconds), story=story)
    print(json.dumps(verdict.problems))


if __name__ == "__main__":
    main()
