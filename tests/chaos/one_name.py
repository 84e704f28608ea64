"""Two processes with one name: one of them gives up and says why, the other goes on."""

import subprocess
from typing import Final

from tests.chaos.running import Run
from tests.chaos.starting import ANY_PORTS

NAME: Final = "planner-1"
SAYS: Final = "expected a REVEILLE_INSTANCE of its own"
# Each bears it for a while, at most a dozen heartbeats, so that not both give up; and the machine may be busy.
PATIENCE: Final = 120.0


def twins(run: Run) -> None:
    run.services.start()
    first = run.services[NAME]
    run.fault(f"a second process is started as {NAME}")
    second = subprocess.Popen(
        first.program.command(),
        env={**first.program.environment, **ANY_PORTS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        one_ended = run.until(lambda: not first.running or second.poll() is not None, "one of them ends", PATIENCE)
        first_goes_on, second_goes_on = first.running, second.poll() is None
        run.expect(first_goes_on or second_goes_on, "both have ended, expected one to go on")
    finally:
        second.terminate()
        _, said = second.communicate()
        run.services.stop()
    if one_ended:
        run.tell(f"the {'second' if first_goes_on else 'first'} has given up")
        code = second.returncode if first_goes_on else first.exit_code
        run.expect(code == 2, f"it has ended with exit code {code}, expected 2")
        lines = (said if first_goes_on else first.tail()).strip().splitlines()
        run.expect(bool(lines) and SAYS in lines[-1], f"its last line is {lines[-1:]}, expected in it: {SAYS}")
        run.expect(not any("Traceback" in line for line in lines), f"it says more than a person needs: {lines}")
