"""What Jenkins' Notification plugin tells of a build: one notification for each phase.

https://github.com/jenkinsci/notification-plugin: an endpoint may be told of all phases, or of FINALIZED alone (its
choice `failed`). So FINALIZED means how a pipeline ended, and COMPLETED means nothing of its own: else one build would
fail twice. Only FINALIZED is certain of the status, too: what runs after a build may still change it.
"""

from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.payload import MAX_TEXT, at, known_paths, number, object_of, plain, repository_of, text
from reveille.ingress.domain.refusals import invalid_field

SOURCE: Final = "jenkins"
PHASES: Final = {
    "QUEUED": "build.queued",
    "STARTED": "build.started",
    "COMPLETED": "build.completed",
    "FINALIZED": "build.finalized",
    # What a step of a pipeline sends by hand.
    "NONE": "build.notified",
}
# Tests failed in an UNSTABLE build: elsewhere that fails the pipeline.
_ENDED: Final = {"SUCCESS": "pipeline.succeeded", "FAILURE": "pipeline.failed", "UNSTABLE": "pipeline.failed"}


def normalise(document: object, key: str) -> Delivery:
    """key: the Idempotency-Key, which the build's own address, number and phase go before."""
    body = object_of(document)
    build, scm = at(body, "build"), at(body, "build", "scm")
    if not isinstance(build, dict):
        raise invalid_field("build", "it is missing, expected an object as the Notification plugin sends it")
    phase = text(build, "phase")
    if phase not in PHASES:
        told = "missing" if build.get("phase") is None else f"{plain(build['phase'])[:40]!r}"
        raise invalid_field("build.phase", f"it is {told}, expected one of {', '.join(PHASES)}")
    job, url = text(body, "name"), text(build, "full_url") or text(build, "url")
    status = text(build, "status")
    content = SignalContent(
        actor=_culprit(at(scm, "culprits")),
        repository=repository_of(text(scm, "url")) or job,
        ref=text(scm, "branch").removeprefix("origin/"),
        after=text(scm, "commit", limit=64),
        number=number(build, "number"),
        title=f"{text(body, 'display_name') or job} #{number(build, 'number')}",
        summary=text(build, "notes", limit=MAX_TEXT) or text(build, "log", limit=MAX_TEXT),
        conclusion=status.lower() if phase in ("COMPLETED", "FINALIZED") else "",
        url=url,
    )
    if job:
        content.labels["job"] = job
    # Of a pipeline's builds Jenkins always lists none, whatever changed.
    changes = at(scm, "changes")
    if isinstance(changes, list) and changes and (paths := known_paths(changes)) is not None:
        content.paths[:] = paths
        content.paths_known = True
    return Delivery(
        source=SOURCE,
        kind=PHASES[phase],
        means=_means(phase, status),
        key=_key(url, content.number, phase) or key,
        content=content,
    )


def _means(phase: str, status: str) -> str:
    if phase == "STARTED":
        return "pipeline.started"
    return _ENDED.get(status, "other") if phase == "FINALIZED" else "other"


def _key(url: str, number: int, phase: str) -> str:
    """A step may tell by hand as often as it likes: that has no key."""
    return f"{url}\x1f{number}\x1f{phase}" if url and phase != "NONE" else ""


def _culprit(culprits: object) -> str:
    """Where several people's commits are in a build, nobody is its actor."""
    if isinstance(culprits, list) and len(culprits) == 1:
        return plain(culprits[0])
    return ""
