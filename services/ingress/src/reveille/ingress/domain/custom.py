"""The doors that a fleet names for itself: where in their payloads the words of a signal stand, the fleet says."""

from collections.abc import Mapping
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Source
from reveille.ingress.domain.delivery import MEANS, Delivery, delivery_key, kind_of, means_of
from reveille.ingress.domain.payload import MAX_TEXT, known_paths, labels_of, plain
from reveille.ingress.domain.refusals import Malformed

SOURCE: Final = "custom"
LITERAL: Final = "="
_LIMITS: Final = {"summary": MAX_TEXT, "before": 64, "after": 64}
_TEXTS: Final = ("actor", "repository", "ref", "base_ref", "title", "conclusion", "severity", "summary", "url",
                 "before", "after")  # fmt: skip
# What `fields` of a source may name.
FIELDS: Final = frozenset((*_TEXTS, "kind", "means", "id", "number", "draft", "paths", "labels"))


def normalise(source: Source, document: object, key: str) -> Delivery:
    """key: what the sender's headers call the delivery; the field `id` does where they do not."""
    if not isinstance(document, dict | list):
        raise Malformed("not_an_object", "the body is neither a JSON object nor a list")
    fields = source.fields
    content = SignalContent()
    for name in _TEXTS:
        if name in fields and (told := plain(_found(document, fields[name]), limit=_LIMITS.get(name, 500))):
            setattr(content, name, told)
    _fill_others(content, fields, document)
    kind = kind_of(plain(_found(document, fields["kind"]))) if "kind" in fields else ""
    kind = kind or f"custom.{source.name}"
    means = plain(_found(document, fields["means"])) if "means" in fields else ""
    id = plain(_found(document, fields["id"])) if "id" in fields and not key else ""
    return Delivery(
        source=SOURCE,
        kind=kind,
        means=means if means in MEANS else means_of(kind),
        # Two sources may count their deliveries alike.
        key=f"{source.name}\x1f{key or delivery_key(id, 'the field id')}" if key or id else "",
        content=content,
    )


def _fill_others(content: SignalContent, fields: Mapping[str, str], document: object) -> None:
    if "number" in fields:
        told = plain(_found(document, fields["number"]))
        content.number = int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0
    if "draft" in fields:
        content.draft = plain(_found(document, fields["draft"])) == "true"
    if "labels" in fields:
        content.labels.update(labels_of(_found(document, fields["labels"])))
    if "paths" in fields:
        listed = _found(document, fields["paths"])
        paths = known_paths([listed] if isinstance(listed, str) else listed) if isinstance(listed, str | list) else None
        if paths is not None:
            content.paths[:] = paths
            content.paths_known = True


def _found(document: object, where: str) -> object:
    """What a literal or a JSON pointer (RFC 6901) names; None where the document has no such place."""
    if where.startswith(LITERAL):
        return where.removeprefix(LITERAL)
    value = document
    for token in where.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 9:
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value
