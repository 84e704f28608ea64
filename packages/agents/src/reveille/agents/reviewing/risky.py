"""Files whose change can do more harm than its size says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from reveille.agents.reviewing.diff import Diff, FileDiff
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.languages import is_prose, is_test


@dataclass(frozen=True, slots=True)
class _Risk:
    pattern: re.Pattern[str]
    severity: str
    why: str


# The first that fits speaks for the file.
_RISKS: Final = tuple(
    _Risk(re.compile(pattern), severity, why)
    for pattern, severity, why in (
        (
            r"(^|/)\.env(\.(?!example|sample|template|dist)[\w-]+)?$",
            "high",
            "an environment file belongs to a machine and often holds secrets, expected it in .gitignore",
        ),
        (
            r"(^|/)(\.github/(workflows|actions)/.+|\.gitlab-ci\.yml|Jenkinsfile|\.circleci/.+|azure-pipelines\.ya?ml)$",
            "medium",
            "the pipeline runs with the repository's rights and secrets",
        ),
        (
            r"(^|/)(migrations|alembic/versions|db/migrate|versions)/[^/]+\.(py|sql|rb|js|ts)$",
            "medium",
            "a migration changes stored data: it needs a way back and must suit the running version",
        ),
        (
            r"(^|/)(helm|charts|k8s|kubernetes|deploy|deployment|terraform|ansible)/.+|\.tf$",
            "medium",
            "it changes what is deployed",
        ),
        (
            r"(?i)(^|/)(Dockerfile[^/]*|[^/]+\.Dockerfile|(docker-)?compose[^/]*\.ya?ml)$",
            "low",
            "it changes the image or what runs beside it",
        ),
        (
            r"(?i)(^|/)((auth|authn|authz|authentication|authorization|oauth\w*|login|sessions?|permissions?|crypto|"
            r"security|jwt|acl|rbac|passwords?)/.+|([\w-]*[_-])?(auth|authn|authz|authentication|authorization|oauth2?|"
            r"login|sessions?|permissions?|crypto|passwords?|jwt|rbac)([_-][\w-]*|(?-i:[A-Z])\w*)?"
            r"\.(py|js|ts|tsx|go|rs|java|kt|rb|php|cs))$",
            "medium",
            "it decides who may do what: a second pair of eyes should look at it",
        ),
    )
)
# A lockfile and the manifests of which one changes with it.
_LOCKS: Final = {
    "package-lock.json": ("package.json",),
    "yarn.lock": ("package.json",),
    "pnpm-lock.yaml": ("package.json",),
    "poetry.lock": ("pyproject.toml",),
    "uv.lock": ("pyproject.toml",),
    "Pipfile.lock": ("Pipfile",),
    "Cargo.lock": ("Cargo.toml",),
    "go.sum": ("go.mod",),
    "Gemfile.lock": ("Gemfile",),
    "composer.lock": ("composer.json",),
}


def risky_files(file: FileDiff) -> Iterator[Finding]:
    if file.status == "deleted" or is_test(file.path) or is_prose(file.path):
        return
    risk = next((risk for risk in _RISKS if risk.pattern.search(file.path)), None)
    if risk:
        yield _finding("risky-file", risk.severity, file, risk.why)
    if file.old_mode.endswith("644") and file.new_mode.endswith("755"):
        yield _finding("executable", "low", file, "the file became executable")


def lock_without_manifest(diff: Diff) -> Iterator[Finding]:
    changed = {PurePosixPath(file.path).name for file in diff.files}
    for file in diff.files:
        manifests = _LOCKS.get(PurePosixPath(file.path).name, ())
        if manifests and file.status != "deleted" and changed.isdisjoint(manifests):
            why = (
                f"the lockfile changed without {' or '.join(manifests)}: say why, or somebody changed what is installed"
            )
            yield _finding("lock-without-manifest", "medium", file, why)


def _finding(rule: str, severity: str, file: FileDiff, message: str) -> Finding:
    return Finding(rule=rule, severity=severity, path=file.path, line=file.first_line, message=message)
