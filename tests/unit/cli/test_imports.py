"""What only a cluster needs need not be installed where there is none."""

import subprocess
import sys

CLIENTS = ("aiokafka", "asyncpg", "esdbclient", "redis")


def test_one_process_imports_no_client_of_a_cluster() -> None:
    program = (
        "import sys, reveille.cli.main, reveille.cli.up, reveille.cli.rebuilding, reveille.cli.demonstration\n"
        f"print([name for name in {CLIENTS} if name in sys.modules])"
    )
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"
