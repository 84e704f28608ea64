"""What a process has used counts with whoever it works for."""

import os
import subprocess
import sys

from bench.stack.cpu import cpu_seconds, spent

# So much that a tick of the clock, a hundredth of a second, does not matter.
BURNT = 0.5
BURN = f"import time\nwhile time.process_time() < {BURNT}: pass"


def burn_in_child() -> None:
    subprocess.run([sys.executable, "-c", BURN], check=True)


def test_a_child_that_has_ended_counts_with_who_waited_for_it() -> None:
    pids = {"us": os.getpid()}
    before = cpu_seconds(pids)
    burn_in_child()
    assert spent(before, cpu_seconds(pids))["us"] >= BURNT - 0.02


def test_a_child_that_lives_counts_with_its_parent() -> None:
    pids = {"us": os.getpid()}
    before = cpu_seconds(pids)
    told = f"{BURN}\nprint('burnt', flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", told], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        pids["child"] = child.pid
        used = cpu_seconds(pids)
        child.communicate(b"\n")
    assert used["child"] >= BURNT - 0.02
    assert used["us"] - before["us"] >= used["child"] - 0.02


def test_a_process_that_is_not_there_has_used_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert cpu_seconds({"gone": ended.pid}) == {"gone": 0.0}
