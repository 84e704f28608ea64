"""Strict JSON: one meaning for everyone who reads it, or none."""

import re
from collections.abc import Iterable
from typing import Any, Final

import orjson

from reveille.ingress.domain.refusals import Malformed

MAX_DEPTH: Final = 64
LEAST: Final = -(1 << 63)
MOST: Final = (1 << 64) - 1
# Whole numbers that may not fit into 64 bits have at least so many digits.
LONG: Final = b"0" * 19
_DIGITS: Final = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_WHOLE: Final = re.compile(rb"(?<![0-9.eE+-])-?[0-9]{19,}(?![0-9.eE])")


def parse(body: bytes) -> Any:
    """Raises Malformed for what json.loads lets pass too: a key twice, NaN, a number above 64 bits, a lone surrogate.

    The parser sees to syntax, UTF-8, surrogates and NaN. It keeps the last of a key's values and turns large whole
    numbers into floats; so keys are counted in the bytes and in the outcome, and long numbers are looked at again.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed("malformed_json", f"the body is no JSON: {error}") from None
    keys = _count_keys(document)
    outside = _outside_strings(body)
    if outside.count(b":") != keys:
        raise Malformed("malformed_json", "the body is no JSON: an object has a key twice")
    if LONG in outside.translate(_DIGITS):
        for number in _WHOLE.findall(outside):
            # Its length first: reading millions of digits takes quadratic time.
            if len(number) > 21 or not LEAST <= int(number) <= MOST:
                raise Malformed("malformed_json", "the body is no JSON: a whole number has more than 64 bits")
    return document


def _count_keys(document: Any) -> int:
    """Level by level, so that depth is counted on the way."""
    keys = depth = 0
    level = [document] if isinstance(document, dict | list) else []
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Malformed("malformed_json", f"the body is no JSON: it is nested deeper than {MAX_DEPTH} levels")
        below: list[Any] = []
        for value in level:
            within: Iterable[Any] = value
            if type(value) is dict:
                keys += len(value)
                within = value.values()
            for one in within:  # no comprehension: most objects are small, and a call for each costs more
                kind = type(one)
                if kind is dict or kind is list:
                    below.append(one)
        level = below
    return keys


def _outside_strings(body: bytes) -> bytes:
    """What stands between the strings of valid JSON."""
    if b"\\" in body:
        # From left to right: a backslash that escapes another one escapes no quote.
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b" ".join(body.split(b'"')[::2])
