"""The services of a cluster ask each other by mutual TLS, as their settings say."""

import shutil
from pathlib import Path

import pytest

from deploy.native.places import temporary_folder
from reveille.adapters.settings import read_settings
from reveille.cli.settings import ServeSettings
from reveille.kernel.errors import Misconfigured
from tests.certificates import Authority
from tests.e2e.running import PATIENCE, until
from tests.e2e.stack import Stack


def test_a_journey_goes_over_services_that_know_each_other_by_their_certificates() -> None:
    """Some have two replicas, named by their addresses: so the name that all are called by is told them."""
    folder = temporary_folder("reveille-test-")
    ours = Authority(folder)
    shown = ours.issue("services", ("reveille.internal",))
    settings = {
        "REVEILLE_GRPC_CERT": str(shown.cert),
        "REVEILLE_GRPC_KEY": str(shown.key),
        "REVEILLE_GRPC_CA": str(ours.cert),
        "REVEILLE_GRPC_NAME": "reveille.internal",
    }
    platform = Stack(folder, settings=settings)
    try:
        platform.start()
        execution = platform.run("worker")
        assert execution["status"] == "completed"
        asked = until(lambda: platform.get("/status")["services"], "all services are asked", PATIENCE)
        assert set(asked.values()) == {"serving"}
    finally:
        platform.close()
        shutil.rmtree(folder)


def test_a_part_of_the_settings_is_refused_by_name(tmp_path: Path) -> None:
    needed = {"REVEILLE_EVENT_STORE": "postgresql://a/b", "REVEILLE_VIEWS": "postgresql://a/b"}
    told = {**needed, "REVEILLE_BUS": "kafka://a:1", "REVEILLE_GRPC_CERT": str(tmp_path / "cert")}
    with pytest.raises(Misconfigured, match="REVEILLE_GRPC_KEY is not set, expected all of REVEILLE_GRPC_CERT"):
        _ = read_settings(ServeSettings, told).grpc_pem
