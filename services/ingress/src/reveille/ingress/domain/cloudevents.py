"""CloudEvents 1.0 as signals: one or a batch in JSON, or one whose attributes stand in the headers.

https://github.com/cloudevents/spec, JSON event format and HTTP binding, version 1.0.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery, check_several, kind_of, means_of
from reveille.ingress.domain.payload import MAX_LINE, Document, object_of
from reveille.ingress.domain.refusals import FieldError, Invalid, Malformed
from reveille.ingress.domain.wakes import told

SOURCE: Final = "events"
VERSION: Final = "1.0"
# What an event must have, and of how many characters at most.
NEEDED: Final = {"id": 255, "source": 500, "type": 255}
OPTIONAL: Final = ("datacontenttype", "dataschema", "subject", "time", "data_base64")
# Of data, where an event does not say: so an event is the same whether it does or not.
DEFAULT_TYPE: Final = "application/json"
MAX_SHOWN: Final = 20
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ATTRIBUTE: Final = re.compile(r"[a-z0-9]{1,20}")


def batch(document: object) -> list[Document]:
    """The events of a batch, which may be none. Raises Invalid naming every mistake of every event."""
    if not isinstance(document, list):
        raise Malformed("not_a_list", "the body is no JSON list, expected a batch of events")
    check_several(len(document), "events")
    errors = [error for place, event in enumerate(document) for error in _errors(f"[{place}]", event)]
    _refuse(errors)
    return document


def single(document: object) -> Document:
    event = object_of(document)
    _refuse(list(_errors("", event)))
    return event


def from_headers(headers: Mapping[str, str], media_type: str, body: bytes, parsed: object) -> Document:
    """An event in binary mode. headers: those that begin with `ce-`, without it. parsed: the body, if that is JSON."""
    event: dict[str, Any] = {
        name: _unquoted(name, value) for name, value in headers.items() if _ATTRIBUTE.fullmatch(name)
    }
    if media_type not in ("", DEFAULT_TYPE):
        event["datacontenttype"] = media_type
    if parsed is not None:
        event["data"] = parsed
    elif body:
        event["data_base64"] = base64.b64encode(body).decode()
    return single(event)


def signal(event: Document) -> Delivery:
    """Of an event without mistakes. Its data is read where it is an object that uses our words."""
    data, source, subject = event.get("data"), event["source"], event.get("subject")
    content = told(data) if isinstance(data, dict) else SignalContent()
    content.labels["source"] = source
    if subject:
        content.labels["subject"] = subject[:MAX_LINE]
        content.title = content.title or subject[:MAX_LINE]
    kind = kind_of(event["type"]) or "event"
    return Delivery(source=SOURCE, kind=kind, means=means_of(kind), key=f"{source}\x1f{event['id']}", content=content)


def _errors(place: str, event: object) -> Iterator[FieldError]:
    """place: "" for an event that is alone."""
    if not isinstance(event, dict):
        yield FieldError(place, "it is no object, expected an event")
        return
    before = f"{place}." if place else ""
    if event.get("specversion") != VERSION:
        yield FieldError(f"{before}specversion", f"it is missing or another one, expected {VERSION!r}")
    for name, most in NEEDED.items():
        value = event.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= most or _CONTROL.search(value):
            yield FieldError(f"{before}{name}", f"expected a text of 1 to {most} characters, none a control character")
    for name in OPTIONAL:
        if name in event and not isinstance(event[name], str | None):
            yield FieldError(f"{before}{name}", "it is of another type, expected a text")
    if isinstance(event.get("data_base64"), str):
        if event.get("data") is not None:
            yield FieldError(f"{before}data_base64", "there is data too, expected one of them")
        if not _is_base64(event["data_base64"]):
            yield FieldError(f"{before}data_base64", "it is no base64")


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        shown = "; ".join(f"{error.path}: {error.message}" for error in errors[:3])
        raise Invalid("invalid_event", shown, errors[:MAX_SHOWN])


def _unquoted(name: str, value: str) -> str:
    """Header values are percent-encoded UTF-8."""
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        raise Malformed("malformed_header", f"ce-{name} is no percent-encoded UTF-8") from None
