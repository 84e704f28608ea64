"""What Helm makes of the chart, without a cluster."""

import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.native import helm_program

ROOT: Final = Path(__file__).resolve().parents[3]
CHART: Final = ROOT / "helm/reveille"
VALUE_SETS: Final = sorted(path.stem for path in (CHART / "ci").glob("*.yaml"))
# Helm takes a cluster's version for what it was built with, which is old.
KUBERNETES: Final = "1.33"
RELEASE: Final = "r"
BOUND: Final = 120.0

Object = dict[str, Any]


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(helm_program.fetch())
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=BOUND, check=False)


def lint(value_set: str) -> str:
    """ "" where nothing is wrong."""
    done = helm("lint", str(CHART), "--strict", "--quiet", f"--kube-version={KUBERNETES}.0", *_values(value_set))
    return f"{done.stdout}{done.stderr}" if done.returncode else ""


@cache
def render(value_set: str, *more: str) -> tuple[Object, ...]:
    """more: what is set besides, each `name=value`."""
    done = _template(value_set, _sets(more))
    assert done.returncode == 0, done.stderr
    return tuple(one for one in yaml.safe_load_all(done.stdout) if one)


def refusal(value_set: str, *more: str) -> str:
    """What Helm says to values that it does not take; "" where it takes them."""
    done = _template(value_set, _sets(more))
    return done.stderr if done.returncode else ""


def notes(value_set: str) -> str:
    """What `helm install` would tell, which asks a cluster before it tells it; here it is rendered as a file is."""
    with tempfile.TemporaryDirectory() as folder:
        chart = Path(shutil.copytree(CHART, f"{folder}/reveille"))
        told = (chart / "templates/NOTES.txt").read_text().replace("\n", "\n  ")
        (chart / "templates/told.yaml").write_text(f'kind: Told\nnotes: |\n  {{{{ "" }}}}{told}')
        done = _template(value_set, ("--show-only=templates/told.yaml",), chart)
    assert done.returncode == 0, done.stderr
    text: str = yaml.safe_load(done.stdout)["notes"]
    return text


def render_copy(folder: Path, files: dict[str, str], *more: str) -> tuple[Object, ...] | str:
    """What it makes, or says, with other files beside its templates than the alert rules that it comes with."""
    chart = Path(shutil.copytree(CHART, folder / "reveille", ignore=shutil.ignore_patterns("alerts")))
    for name, text in files.items():
        (chart / name).parent.mkdir(exist_ok=True)
        (chart / name).write_text(text)
    done = _template("minimal", _sets(more), chart)
    return done.stderr if done.returncode else tuple(one for one in yaml.safe_load_all(done.stdout) if one)


def _template(value_set: str, more: tuple[str, ...], chart: Path = CHART) -> subprocess.CompletedProcess[str]:
    version = f"--kube-version={KUBERNETES}.0"
    return helm("template", RELEASE, str(chart), "--namespace=agents", version, *_values(value_set), *more)


def _sets(more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"--set-json={one}" if re.search(r"=[\[{]", one) else f"--set={one}" for one in more)


def _values(value_set: str) -> list[str]:
    return [f"--values={CHART / 'ci' / value_set}.yaml"] if value_set else []


def of_kind(objects: tuple[Object, ...] | list[Object], *kinds: str) -> list[Object]:
    return [one for one in objects if one["kind"] in kinds]


def pod_templates(objects: tuple[Object, ...] | list[Object]) -> list[tuple[str, Object]]:
    """`Kind/name` and the pod that it makes, or is."""
    found = []
    for one in objects:
        where = f"{one['kind']}/{one['metadata']['name']}"
        if one["kind"] == "Pod":
            found.append((where, one))
        elif "template" in one.get("spec", {}):
            found.append((where, one["spec"]["template"]))
    return found


def component(one: Object) -> str:
    name: str = one["metadata"]["labels"]["app.kubernetes.io/component"]
    return name
