"""The image of the services; every rule is broken once, to see that it can fail."""

import re
from pathlib import Path

import pytest

from tests.architecture.compose.dockerfile import complaints

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text()


def test_the_dockerfile_keeps_every_rule() -> None:
    assert list(complaints(DOCKERFILE, IGNORED, ROOT)) == []


def test_the_image_says_the_version_of_what_is_in_it() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "packages/cli/pyproject.toml").read_text(), re.MULTILINE)
    assert version
    assert f"ARG VERSION={version[1]}\n" in DOCKERFILE
    assert f"-t reveille:v{version[1]} ." in DOCKERFILE


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("FROM python:3.11.14-slim-bookworm AS builder\n", "FROM python:3.11 AS builder\n", "python:3.11 has no full"),
        ("FROM python:3.11.14-slim-bookworm AS runtime\n", "FROM python:latest AS runtime\n", "python:latest has no"),
        ("FROM python:3.11.14-slim-bookworm AS runtime\n", "", "one stage builds and runs"),
        ("USER 10001:10001\n", "", "it runs as root"),
        ("USER 10001:10001\n", "USER root\n", "it runs as root"),
        ("USER 10001:10001\n", "USER 10001:10001\nUSER 0\n", "it runs as root"),
        ("USER 10001:10001\n", "RUN pip install nonsense\nUSER 10001:10001\n", "what runs has what builds"),
        ("org.opencontainers.image.version", "version", "it does not say what it is"),
        ("python -m pip uninstall --yes pip setuptools wheel", "true", "its base's pip stays"),
        ("--without-pip ", "", "what runs has a pip of its own"),
        ("HEALTHCHECK ", "LABEL check=", "it does not check its health"),
        ('CMD ["python", "-c"', 'CMD ["python", "-c",', "it does not check its health"),
        ('CMD ["reveille"', 'CMD ["sh"', "its command is not reveille's"),
        ('CMD ["reveille", "--help"]', "CMD reveille --help", "its command is not reveille's"),
        ('CMD ["reveille"', 'ENTRYPOINT ["sh"]\nCMD ["reveille"', "its command is not reveille's"),
        ("COPY packages packages", "COPY packges packages", "packges, which is not there"),
        ("COPY constraints.txt", "COPY Makefile", "Makefile, which .dockerignore leaves out"),
        ("COPY constraints.txt", "ADD constraints.txt", "expected COPY"),
        ("eventstoredb,redis]", "eventstoredb,reids]", "reveille_adapters has no extra reids"),
    ],
)
def test_a_spoilt_dockerfile_is_found_out(old: str, new: str, complaint: str) -> None:
    assert old in DOCKERFILE
    found = list(complaints(DOCKERFILE.replace(old, new), IGNORED, ROOT))
    assert [one for one in found if complaint in one], found


def test_what_dockerignore_leaves_out_cannot_be_copied() -> None:
    assert "COPY services, which .dockerignore leaves out" in list(complaints(DOCKERFILE, "*\n!packages\n", ROOT))
