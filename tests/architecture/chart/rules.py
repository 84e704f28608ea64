"""What must hold for whatever the chart makes, besides its shape. Each rule tells what breaks it; nothing: it holds."""

import re
from collections.abc import Iterator
from typing import Final

from tests.architecture.chart.rendering import Object, component, of_kind, pod_templates

Objects = list[Object]

SERVICES: Final = ("agent-runner", "analyzer", "budget", "ingress", "planner")
WORKLOADS: Final = ("Deployment", "StatefulSet", "Rollout")
# Of what a process takes to end besides the grace of its runs.
EXIT_SECONDS: Final = 10


def containers(objects: Objects) -> Iterator[tuple[str, Object, Object]]:
    for where, pod in pod_templates(objects):
        assert not pod["spec"].get("initContainers"), f"{where}: nobody looks after its init containers"
        for container in pod["spec"]["containers"]:
            yield where, pod["spec"], container


def gives_pods_no_rights(objects: Objects) -> Iterator[str]:
    for where, pod in pod_templates(objects):
        spec = pod["spec"]
        security = spec.get("securityContext", {})
        if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
            yield f"{where} may run as root"
        if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{where} may make any system call"
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{where} has a token of the cluster"
        if spec.get("enableServiceLinks") is not False:
            yield f"{where} is told of services by variables, such as REVEILLE_PORT"
        if any(spec.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{where} has a part of its host"
        for volume in spec.get("volumes", []):
            if not volume.keys() <= {"name", "emptyDir", "secret", "projected", "configMap"}:
                yield f"{where} mounts {volume['name']} of its host or of a disk"


def gives_containers_no_rights(objects: Objects) -> Iterator[str]:
    for where, _, container in containers(objects):
        security = container.get("securityContext", {})
        if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
            yield f"{where} may gain rights"
        if security.get("readOnlyRootFilesystem") is not True:
            yield f"{where} may write to its image"
        if security.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{where} has capabilities"
        for mount in container.get("volumeMounts", []):
            if mount["mountPath"] != "/tmp" and not mount.get("readOnly"):
                yield f"{where} may write to {mount['mountPath']}"


def bounds_all(objects: Objects) -> Iterator[str]:
    for where, _, container in containers(objects):
        resources = container.get("resources", {})
        if not {"cpu", "memory"} <= resources.get("requests", {}).keys() or "memory" not in resources.get("limits", {}):
            yield f"{where} may take all of its node"


def pins_its_images(objects: Objects) -> Iterator[str]:
    for where, _, container in containers(objects):
        if not re.search(r"(:v?\d+\.\d+\.\d+[a-z0-9.-]*|@sha256:[0-9a-f]{64})$", container["image"]):
            yield f"{where} has the image {container['image']}, expected one with its version"


def runs_the_five_services(objects: Objects) -> Iterator[str]:
    found = {component(one): one for one in of_kind(objects, *WORKLOADS)}
    if sorted(found) != sorted(SERVICES):
        yield f"there are {sorted(found)}, expected {sorted(SERVICES)}"
    for name, one in found.items():
        [container] = one["spec"]["template"]["spec"]["containers"]
        if container["command"] != ["reveille", "serve", name]:
            yield f"{name} serves something else"
        # Whoever has an inbox keeps its name, and with it its place among the members of a group.
        if (one["kind"] == "StatefulSet") == (name == "ingress"):
            yield f"{name} is a {one['kind']}"


def names_members_by_their_pods(objects: Objects) -> Iterator[str]:
    for one in of_kind(objects, *WORKLOADS):
        told = {about["name"]: about for about in one["spec"]["template"]["spec"]["containers"][0]["env"]}
        field = told.get("REVEILLE_INSTANCE", {}).get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
        if field != "metadata.name":
            yield f"{component(one)}'s members are not called as their pods are"


def looks_after_its_services(objects: Objects) -> Iterator[str]:
    for one in of_kind(objects, *WORKLOADS):
        [container] = one["spec"]["template"]["spec"]["containers"]
        wanted = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
        for probe, path in wanted.items():
            if container.get(probe, {}).get("httpGet") != {"path": path, "port": "admin"}:
                yield f"{component(one)}'s {probe} does not ask {path} of the admin port"


def lets_them_end(objects: Objects) -> Iterator[str]:
    for one in of_kind(objects, *WORKLOADS):
        spec = one["spec"]["template"]["spec"]
        [container] = spec["containers"]
        grace = next(float(about["value"]) for about in container["env"] if about["name"] == "REVEILLE_GRACE")
        stop = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["", "0"])
        if stop[0] != "sleep":
            yield f"{component(one)} is stopped before others know"
        if spec.get("terminationGracePeriodSeconds", 0) < grace + float(stop[1]) + EXIT_SECONDS:
            yield f"{component(one)} is killed before its runs have had their grace"


def keeps_some_of_each(objects: Objects) -> Iterator[str]:
    kept = {component(one): one["spec"] for one in of_kind(objects, "PodDisruptionBudget")}
    for one in of_kind(objects, *WORKLOADS):
        name, labels = component(one), one["spec"]["template"]["metadata"]["labels"]
        if not _selects(kept.get(name, {}).get("selector", {}), labels):
            yield f"all of {name} may be evicted at once"
        spread = one["spec"]["template"]["spec"].get("topologySpreadConstraints", [])
        keys = {about["topologyKey"] for about in spread if _selects(about["labelSelector"], labels)}
        if keys != {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}:
            yield f"all of {name} may be on one node"


def finds_what_it_names(objects: Objects) -> Iterator[str]:
    """Accounts, headless services and whatever the chart itself has made."""
    accounts = {one["metadata"]["name"] for one in of_kind(objects, "ServiceAccount")}
    services = {one["metadata"]["name"]: one["spec"] for one in of_kind(objects, "Service")}
    for one in of_kind(objects, *WORKLOADS):
        spec, labels = one["spec"]["template"]["spec"], one["spec"]["template"]["metadata"]["labels"]
        if spec["serviceAccountName"] not in accounts:
            yield f"{component(one)} has the account {spec['serviceAccountName']}, which is none"
        if not _selects(one["spec"]["selector"], labels):
            yield f"{component(one)} does not select its own pods"
        if one["kind"] == "StatefulSet" and one["spec"]["serviceName"] not in services:
            yield f"{component(one)} has the service {one['spec']['serviceName']}, which is none"
        for about in spec["containers"][0]["env"]:
            host, colon, port = about.get("value", "").partition(":")
            if colon and port == "50051" and not (host in services and services[host].get("clusterIP") == "None"):
                yield f"{component(one)} is told {about['name']}={about['value']}, which stands for nobody"


def puts_secrets_in_files(objects: Objects) -> Iterator[str]:
    for where, _, container in containers(objects):
        for about in container.get("env", []):
            if re.search(r"(PASSWORD|SECRETS?|TOKEN|_KEYS?)$", about["name"]) and not about.get("value", "").startswith(
                ("/", "plaintext")
            ):
                yield f"{where} is told a secret by {about['name']}"
            if re.search(r"://[^/@]*:[^/@]+@", about.get("value", "")) or "secretKeyRef" in about.get("valueFrom", {}):
                yield f"{where} is told a secret by {about['name']}"
        if container.get("envFrom"):
            yield f"{where} is told whole secrets by variables"
    for where, pod in pod_templates(objects):
        paths = {item["path"] for item in _items(pod["spec"])}
        told = [about.get("value", "") for about in pod["spec"]["containers"][0].get("env", [])]
        read = {one.rpartition("/")[2] for one in told if one.startswith("/run/secrets/reveille/")}
        if paths != read:
            yield f"{where} has the secrets {sorted(paths)} and reads {sorted(read)}"


def mounts_what_it_reads(objects: Objects) -> Iterator[str]:
    for where, spec, container in containers(objects):
        mounts = {mount["name"]: mount["mountPath"] for mount in container.get("volumeMounts", [])}
        volumes = {volume["name"] for volume in spec.get("volumes", [])}
        if mounts.keys() != volumes:
            yield f"{where} mounts {sorted(mounts)} and has {sorted(volumes)}"
        for about in container.get("env", []):
            value = about.get("value", "")
            if value.startswith("/") and not any(value.startswith(f"{path}/") for path in mounts.values()):
                yield f"{where} is told {about['name']}={value}, where nothing is mounted"


def labels_all(objects: Objects) -> Iterator[str]:
    wanted = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "version", "component", "managed-by")}
    for one in objects:
        if not wanted <= one["metadata"].get("labels", {}).keys():
            yield f"{one['kind']}/{one['metadata']['name']} lacks labels"


def _items(spec: Object) -> Iterator[Object]:
    for volume in spec.get("volumes", []):
        for source in volume.get("projected", {}).get("sources", []):
            yield from source["secret"]["items"]


def _selects(selector: Object, labels: Object) -> bool:
    wanted = selector.get("matchLabels", {})
    return bool(wanted) and wanted.items() <= labels.items()


RULES: Final = (
    gives_pods_no_rights,
    gives_containers_no_rights,
    bounds_all,
    pins_its_images,
    runs_the_five_services,
    names_members_by_their_pods,
    looks_after_its_services,
    lets_them_end,
    keeps_some_of_each,
    finds_what_it_names,
    puts_secrets_in_files,
    mounts_what_it_reads,
    labels_all,
)
