"""The README's first command, as a new user sees it."""

import subprocess
import sys


def test_the_demo_shows_that_all_of_it_holds() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reveille.cli.main", "demo"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All of it held" in done.stdout
    assert "✗" not in done.stdout
    assert done.stderr == ""
