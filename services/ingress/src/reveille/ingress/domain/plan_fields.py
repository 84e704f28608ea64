"""The fields of a request about a plan: each is read within its bounds, and what is wrong is gathered."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import Autopilot
from reveille.ingress.domain.autopilots import AUTOPILOTS
from reveille.ingress.domain.payload import Document
from reveille.ingress.domain.refusals import FieldError, Invalid

MAX_CONTENT: Final = 4_000
MAX_TAGS: Final = 50
MAX_TAG: Final = 100
MAX_NAME: Final = 100
MAX_CHANGES: Final = 100
MAX_ERRORS: Final = 50
# Of facts given outright: as JSON, and how deep.
MAX_PARAMETERS: Final = 8 * 1024
MAX_DEPTH: Final = 4
# Of an execution, of an input and of a conversation.
ID: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
DEFAULT_SOURCE: Final = "text"
INPUT: Final = ("input_id", "content", "source_type", "tags", "added_by")
_ID: Final = re.compile(ID)
_DERIVED: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
# `/api/v1/executions/events` is of all plans.
_ROUTES: Final = frozenset({"events"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedInput:
    """input_id: "" where the sender leaves it to us."""

    text: str
    input_id: str = ""
    source_type: str = DEFAULT_SOURCE
    tags: tuple[str, ...] = ()
    added_by: str = ""


def is_id(given: str) -> bool:
    return _ID.fullmatch(given) is not None


class Fields:
    """Reads field by field and remembers what is wrong; `end` raises Invalid with all of it."""

    def __init__(self) -> None:
        self._errors: list[FieldError] = []

    def add(self, path: str, message: str) -> None:
        """Raises Invalid where there are more than anybody reads: a megabyte of mistakes would be answered by ten."""
        self._errors.append(FieldError(path, message))
        if len(self._errors) >= MAX_ERRORS:
            self.end()

    def end(self) -> None:
        if self._errors:
            first, more = self._errors[0], len(self._errors) - 1
            told = f"{first.path}: {first.message}" + (f", and {more} more" if more else "")
            raise Invalid("invalid_body", told, self._errors)

    def check_keys(self, body: Document, known: Sequence[str], path: str = "") -> None:
        for key in body:
            if key not in known:
                self.add(_under(path, key[:MAX_NAME]), f"there is no such field, expected {', '.join(known)}")

    def check_count(self, count: int, path: str) -> None:
        if count > MAX_CHANGES:
            self.add(path, f"there are {count} changes, at most {MAX_CHANGES} are taken in one request")

    def check_some(self, count: int, path: str, expected: str) -> None:
        if not count and not self._errors:
            self.add(path, f"there is nothing, {expected}")

    def inputs(self, value: object, path: str) -> tuple[WantedInput, ...]:
        found = []
        seen: set[str] = set()
        for place, one in enumerate(self._list(value, path)):
            wanted = self.input(one, f"{path}[{place}]")
            if wanted.input_id in seen:
                self.add(f"{path}[{place}].input_id", "it stands there twice, expected another id")
            if wanted.input_id:
                seen.add(wanted.input_id)
            found.append(wanted)
        return tuple(found)

    def input(self, value: object, path: str) -> WantedInput:
        if not isinstance(value, dict):
            self.add(path, "expected an object with content")
            return WantedInput(text="")
        self.check_keys(value, INPUT, path)
        return WantedInput(
            text=self.content(value.get("content"), _under(path, "content")),
            input_id=self.id(value.get("input_id"), _under(path, "input_id")),
            source_type=self._line(value.get("source_type"), _under(path, "source_type")) or DEFAULT_SOURCE,
            tags=self._tags(value.get("tags"), _under(path, "tags")),
            added_by=self._line(value.get("added_by"), _under(path, "added_by")),
        )

    def content(self, value: object, path: str) -> str:
        return self.text(value, path, limit=MAX_CONTENT)

    def text(self, value: object, path: str, *, limit: int, lines: bool = True) -> str:
        if not isinstance(value, str):
            self.add(path, "it is missing, expected a text" if value is None else "expected a text")
        elif not value.strip():
            self.add(path, "it is empty, expected a text")
        elif len(value) > limit:
            self.add(path, f"it has {len(value)} characters, at most {limit} are taken")
        elif _is_binary(value, lines=lines):
            self.add(path, "it has control characters, expected a text")
        else:
            return value
        return ""

    def required_line(self, body: Document, name: str) -> str:
        return self.text(body.get(name), name, limit=MAX_NAME, lines=False)

    def id(self, value: object, path: str) -> str:
        """ "" where there is none."""
        if value is None:
            return ""
        if not isinstance(value, str) or not is_id(value):
            self.add(path, f"it is {_shown(value)}, expected {ID}")
            return ""
        return value

    def ids(self, value: object, path: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for place, one in enumerate(self._list(value, path)):
            if not isinstance(one, str) or not one:
                self.add(f"{path}[{place}]", f"it is {_shown(one)}, expected the id of an input")
            elif one in found:
                self.add(f"{path}[{place}]", "it stands there twice, expected each input once")
            else:
                found[one] = None
        return tuple(found)

    def execution_id(self, body: Document, path: str) -> str:
        given = self.id(body.get(path), path)
        if _DERIVED.fullmatch(given):
            self.add(path, "it is a UUID of version 5, which are the platform's own, expected another id")
        if given in _ROUTES:
            self.add(path, f"it is {given!r}, which has a meaning in paths, expected another id")
        return given

    def autopilot(self, value: object) -> Autopilot:
        """Unspecified where there is none."""
        if value is None:
            return Autopilot.AUTOPILOT_UNSPECIFIED
        if not isinstance(value, str) or value not in AUTOPILOTS:
            self.add("autopilot", f"it is {_shown(value)}, expected one of {', '.join(AUTOPILOTS)}")
            return Autopilot.AUTOPILOT_UNSPECIFIED
        return AUTOPILOTS[value]

    def parameters(self, value: object) -> Mapping[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.add("parameters", "expected an object: by fact its value")
            return {}
        for name, one in value.items():
            path = f"parameters.{name[:MAX_NAME]}"
            if one is None or isinstance(one, bool):
                self.add(path, "expected a text, a number, a list or an object")
            elif _depth(one) > MAX_DEPTH:
                self.add(path, f"it is nested deeper than {MAX_DEPTH} levels")
            elif any(_is_binary(text, lines=True) for text in _texts(one)):
                self.add(path, "it has control characters, expected a text")
        size = len(json.dumps(value, ensure_ascii=False).encode())
        if size > MAX_PARAMETERS:
            self.add("parameters", f"they have {size} bytes, at most {MAX_PARAMETERS} are taken")
        return value

    def _tags(self, value: object, path: str) -> tuple[str, ...]:
        given = self._list(value, path)
        if len(given) > MAX_TAGS:
            self.add(path, f"there are {len(given)} tags, at most {MAX_TAGS} are taken")
            return ()
        tags = [self.text(one, f"{path}[{n}]", limit=MAX_TAG, lines=False) for n, one in enumerate(given)]
        return tuple(dict.fromkeys(tags))

    def _line(self, value: object, path: str) -> str:
        """ "" where there is none."""
        if value is None or value == "":
            return ""
        return self.text(value, path, limit=MAX_NAME, lines=False)

    def _list(self, value: object, path: str) -> Sequence[Any]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self.add(path, "expected a list")
            return ()
        return value


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _shown(value: object) -> str:
    return repr(value[:MAX_NAME]) if isinstance(value, str) else "no text"


def _is_binary(text: str, *, lines: bool) -> bool:
    """Control characters, halves of surrogate pairs and what Unicode says is no character; breaks of lines are none."""
    if text.isprintable():
        return False
    allowed = "\t\n\r" if lines else ""
    return any(_is_no_text(letter) and letter not in allowed for letter in text)


def _is_no_text(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs") or (ord(letter) & 0xFFFE) == 0xFFFE


def _depth(value: object) -> int:
    """By levels of lists and objects; the parser has bounded them."""
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if within is None else 1 + max((_depth(one) for one in within), default=0)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
