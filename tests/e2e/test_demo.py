"""The README's first command, and its other journey, as a new user sees them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import kafka_address, postgres_url, redis_url

SCRIPT = Path(__file__).parents[2] / "scripts" / "demonstrate_stack.py"


@pytest.mark.parametrize("journey", ["waking", "party", "scene"])
def test_the_demo_shows_that_all_of_it_holds(kind: str, journey: str) -> None:
    command = ["-m", "reveille.cli.main", "demo", journey]
    if kind == "stack":
        servers = ["--postgres", postgres_url(), "--kafka", kafka_address(), "--redis", redis_url()]
        command = [str(SCRIPT), journey, *servers]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All of it held" in done.stdout
    assert "✗" not in done.stdout
    assert done.stderr == ""
