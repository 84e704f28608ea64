"""The real EventStoreDB, where there is one: that of REVEILLE_TEST_EVENTSTOREDB, or one that Docker runs."""

import os
import shutil
import subprocess
from functools import cache

IMAGE = "eventstore/eventstore:24.10"
PORT = 2113


@cache
def eventstoredb_uri() -> str | None:
    """None where there is neither. A container is started once, and ends with this process."""
    uri = os.environ.get("REVEILLE_TEST_EVENTSTOREDB")
    if uri:
        return uri
    return _container() if _docker_answers() else None


def _docker_answers() -> bool:
    command = shutil.which("docker")
    if command is None:
        return False
    try:
        asked = subprocess.run([command, "info"], capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


def _container() -> str:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import wait_for_logs

    container = (
        DockerContainer(IMAGE)
        .with_env("EVENTSTORE_INSECURE", "true")
        .with_env("EVENTSTORE_RUN_PROJECTIONS", "All")
        .with_env("EVENTSTORE_START_STANDARD_PROJECTIONS", "true")
        .with_exposed_ports(PORT)
        .start()
    )
    wait_for_logs(container, "IS LEADER", timeout=120)
    return f"esdb://{container.get_container_host_ip()}:{container.get_exposed_port(PORT)}?tls=false"
