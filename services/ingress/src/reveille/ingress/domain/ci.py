"""The door for any other CI: a small JSON document that a pipeline can send with one line of its script."""

from typing import Final

from reveille.ingress.domain.delivery import Delivery, delivery_key, kind_of, means_of
from reveille.ingress.domain.payload import Document, object_of, text
from reveille.ingress.domain.refusals import FieldError, Invalid, invalid_field
from reveille.ingress.domain.wakes import told

SOURCE: Final = "ci"
# The first of each line is how it is called here; what other systems call it is understood too.
STATUSES: Final = {
    **dict.fromkeys(("queued", "pending", "created"), "queued"),
    **dict.fromkeys(("started", "running", "in_progress"), "started"),
    **dict.fromkeys(("succeeded", "success", "successful", "passed", "ok"), "succeeded"),
    **dict.fromkeys(("failed", "failure", "error", "errored", "timed_out", "broken", "unstable"), "failed"),
    **dict.fromkeys(("canceled", "cancelled", "aborted", "stopped"), "canceled"),
    **dict.fromkeys(("skipped", "not_run", "neutral"), "skipped"),
}
_ENDED: Final = frozenset(("succeeded", "failed", "canceled", "skipped"))
_TEXTS: Final = (
    *("id", "event", "status", "actor", "repository", "ref", "base_ref", "commit", "before", "after"),
    *("pipeline", "title", "summary", "conclusion", "severity", "url"),
)
NAMES: Final = tuple(dict.fromkeys(STATUSES.values()))


def normalise(document: object, key: str) -> Delivery:
    """key: the Idempotency-Key, which the body's own `id` goes before."""
    body = object_of(document)
    _check(body)
    event, given = text(body, "event", limit=100), text(body, "status", limit=40)
    if not event and not given:
        raise invalid_field("status", f"it is missing, as is event; expected one of {', '.join(NAMES)}")
    status = STATUSES.get(given.lower(), "")
    if given and not status:
        raise invalid_field("status", f"it is {given!r}, expected one of {', '.join(NAMES)}")
    kind = kind_of(event) or f"pipeline.{status}"
    if event and not kind_of(event):
        raise invalid_field("event", f"it is {event!r}, expected words of a-z, 0-9, _ and -, parted by dots")
    content = told(body)
    content.after = content.after or text(body, "commit", limit=64)
    content.title = content.title or text(body, "pipeline")
    if pipeline := text(body, "pipeline"):
        content.labels["pipeline"] = pipeline
    if status in _ENDED and not content.conclusion:
        content.conclusion = status
    return Delivery(
        source=SOURCE,
        kind=kind,
        means=means_of(f"pipeline.{status}") if status else means_of(kind),
        key=delivery_key(text(body, "id"), "id") or key,
        content=content,
    )


def _check(body: Document) -> None:
    """Raises Invalid naming every field of another type. What is null or empty is as if it were not there."""
    wrong = [(name, "a text") for name in _TEXTS if not isinstance(body.get(name), str | None)]
    number, paths, labels = body.get("number"), body.get("paths"), body.get("labels")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 0):
        wrong.append(("number", "a whole number"))
    if paths is not None and not (isinstance(paths, list) and all(isinstance(path, str) for path in paths)):
        wrong.append(("paths", "a list of texts"))
    if not isinstance(labels, dict | list | None):
        wrong.append(("labels", "an object, or a list of names"))
    if wrong:
        errors = [FieldError(name, f"it is of another type, expected {expected}") for name, expected in wrong]
        raise Invalid("invalid_body", "; ".join(f"{one.path}: {one.message}" for one in errors), errors)
