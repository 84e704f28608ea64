"""Alertmanager's webhook, version 4: each of its alerts is a signal of its own.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery, check_several
from reveille.ingress.domain.payload import MAX_TEXT, Document, at, labels_of, object_of, text
from reveille.ingress.domain.refusals import FieldError, Invalid

SOURCE: Final = "prometheus"
STATES: Final = ("firing", "resolved")
MAX_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Alert:
    """told: the alert as it came.

    identity: what makes it the same alert again. While it fires, Alertmanager repeats it, with other figures in its
    annotations: that is no contradiction.
    """

    delivery: Delivery
    told: Document
    identity: bytes


def normalise(document: object) -> list[Alert]:
    """Raises Invalid naming what is wrong in each alert; then none is taken."""
    body = object_of(document)
    listed = at(body, "alerts")
    if not isinstance(listed, list) or not listed:
        what = "empty" if isinstance(listed, list) else "missing or no list"
        raise _invalid([FieldError("alerts", f"it is {what}, expected at least one alert")])
    check_several(len(listed), "alerts")
    errors = [error for place, alert in enumerate(listed) for error in _errors(f"alerts[{place}]", alert)]
    if errors:
        raise _invalid(errors)
    return [_alert(alert) for alert in listed]


def _errors(place: str, alert: object) -> list[FieldError]:
    if not isinstance(alert, dict):
        return [FieldError(place, "it is no object, expected an alert")]
    errors = []
    if alert.get("status") not in STATES:
        errors.append(FieldError(f"{place}.status", f"it is none of {', '.join(STATES)}"))
    if not text(alert, "startsAt"):
        errors.append(FieldError(f"{place}.startsAt", "it is missing, expected a time"))
    if not isinstance(alert.get("labels"), dict):
        errors.append(FieldError(f"{place}.labels", "it is missing or no object, expected the alert's labels"))
    return errors


def _alert(alert: Document) -> Alert:
    labels, status = labels_of(alert["labels"]), alert["status"]
    annotations = at(alert, "annotations")
    content = SignalContent(
        repository=labels.get("repository", ""),
        title=text(annotations, "summary") or labels.get("alertname", ""),
        summary=text(annotations, "description", limit=MAX_TEXT) or text(annotations, "message", limit=MAX_TEXT),
        severity=labels.get("severity", ""),
        conclusion="resolved" if status == "resolved" else "",
        url=text(alert, "generatorURL"),
        labels=labels,
    )
    key = "\x1f".join((text(alert, "fingerprint") or _fingerprint(labels), status, text(alert, "startsAt")))
    delivery = Delivery(source=SOURCE, kind=f"alert.{status}", means=f"alert.{status}", key=key, content=content)
    return Alert(delivery, alert, key.encode())


def _fingerprint(labels: dict[str, str]) -> str:
    """For senders that speak like Alertmanager and leave it out: as its own, it is made of the labels."""
    pairs = "\x1f".join(f"{name}\x1e{labels[name]}" for name in sorted(labels))
    return hashlib.sha256(pairs.encode()).hexdigest()[:16]


def _invalid(errors: list[FieldError]) -> Invalid:
    shown = "; ".join(f"{error.path}: {error.message}" for error in errors[:3])
    return Invalid("invalid_body", shown, errors[:MAX_SHOWN])
