"""What the chart tells its pods is enough: their commands, variables and secret files, as processes on real servers."""

import base64
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.native.process import Process
from deploy.native.service import Service
from deploy.native.together import each, together
from tests.architecture.chart.rendering import Object, component, of_kind, pod_templates, render
from tests.architecture.chart.rules import WORKLOADS
from tests.postgres import database
from tests.servers import kafka_address, postgres_url, redis_url

SECRETS = "/run/secrets/reveille"
# Where a process listens is this machine's to say; everything else is as in the pod.
PLACES = {"REVEILLE_BIND", "REVEILLE_HOST", "REVEILLE_GRPC_PORT", "REVEILLE_ADMIN_PORT", "REVEILLE_INSTANCE"} | {
    f"REVEILLE_{name}PORT" for name in ("", "AGENT_", "WEBHOOK_")
}
BOUND = 120.0


@pytest.fixture
async def rendered() -> AsyncIterator[tuple[Object, ...]]:
    async with database(postgres_url()) as url:
        yield render(
            "minimal",
            f"secrets.eventStore.value={url}",
            f"secrets.views.value={url}",
            f"secrets.redis.value={redis_url()}",
            f'kafka.brokers=["{kafka_address()}"]',
            f"kafka.topicPrefix=test-{uuid4().hex[:12]}",
            "kafka.partitions=2",
            "graceSeconds=3",
        )


class Pods:
    """One process for each service. Its volumes are folders below `folder`."""

    def __init__(self, objects: Sequence[Object], folder: Path) -> None:
        self._objects = objects
        self._folder = folder
        self._secrets = {one["metadata"]["name"]: one["data"] for one in of_kind(list(objects), "Secret")}
        self.addresses: dict[str, str] = {}

    def environment(self, where: str, pod: Object) -> dict[str, str]:
        files = self._files(where, pod)
        told = {one["name"]: one["value"] for one in pod["spec"]["containers"][0]["env"] if "value" in one}
        found = {name: value.replace(SECRETS, str(files)) for name, value in told.items() if name not in PLACES}
        return {name: self.addresses.get(value, value) for name, value in found.items()}

    def _files(self, where: str, pod: Object) -> Path:
        files = self._folder / where.replace("/", "-")
        files.mkdir(exist_ok=True)
        for volume in pod["spec"]["volumes"]:
            for source in volume.get("projected", {}).get("sources", []):
                for item in source["secret"]["items"]:
                    value = self._secrets[source["secret"]["name"]][item["key"]]
                    (files / item["path"]).write_bytes(base64.b64decode(value))
        return files

    def services(self) -> Iterator[Process[Service]]:
        """Ingress last, and the agent-runner after it is known where that will be."""
        workloads = {component(one): one for one in of_kind(list(self._objects), *WORKLOADS)}
        processes = {}
        for name, one in workloads.items():
            *command, kind = one["spec"]["template"]["spec"]["containers"][0]["command"]
            program = Service(kind, 1, {}, command=[_installed(command[0]), *command[1:]], inherited={})
            self.addresses[f"r-reveille-{name}-grpc:50051"] = program.grpc_address
            processes[name] = program
        for name, program in processes.items():
            template = workloads[name]["spec"]["template"]
            program.settings.update(self.environment(f"{workloads[name]['kind']}/{name}", template))
            yield Process(program, self._folder)

    def run_job(self, name: str) -> str:
        [one] = [one for one in of_kind(list(self._objects), "Job") if one["metadata"]["name"].endswith(f"-{name}")]
        pod = one["spec"]["template"]
        program, *arguments = pod["spec"]["containers"][0]["command"]
        environment = self.environment(f"Job/{name}", pod)
        return _ran([_installed(program), *arguments], environment)


def _installed(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


def _ran(command: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=BOUND, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_jobs_and_services_start_with_what_the_chart_tells_them_and_end_in_their_grace(
    rendered: tuple[Object, ...], tmp_path: Path
) -> None:
    pods = Pods(rendered, tmp_path)
    assert "views of agent-runner are at schema" in pods.run_job("migrate")
    assert "have 2 partitions each" in pods.run_job("topics")
    services = list(pods.services())
    assert len(services) == 5
    try:
        together(all_of=[one.start for one in services], otherwise=lambda: each([one.kill for one in services]))
        url = next(one.program.url for one in services if one.program.kind == "ingress")
        assert "401" in _ran(_test_of_helm(rendered, url), {})
    finally:
        each([one.stop for one in services])
    assert [one.exit_code for one in services] == [0] * 5


def _test_of_helm(objects: Sequence[Object], url: str) -> list[str]:
    """What `helm test` runs, against this machine."""
    [(_, pod)] = [one for one in pod_templates(list(objects)) if one[0].startswith("Pod/")]
    _, *arguments, _ = pod["spec"]["containers"][0]["command"]
    return [sys.executable, *arguments, url]
