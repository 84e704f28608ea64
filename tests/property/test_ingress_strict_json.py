"""The strict parser agrees with json.loads on what it takes, and refuses everything else in one way."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.ingress.domain.refusals import Malformed
from reveille.ingress.entrypoints.http.strict_json import LEAST, MOST, parse

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["\\", '"', '\\"', "\\\\", '":', "{", "[", ":", "12345678901234567890", "\\u0022", '\\\\"']
)
SCALARS = (
    st.none() | st.booleans() | st.integers(LEAST, MOST) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5), max_leaves=30
)


@settings(max_examples=300, deadline=None)
@given(document=DOCUMENTS, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_it_reads_valid_json_as_everyone_does(document: Any, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()
    assert parse(body) == json.loads(body)


class Twice(Exception):
    pass


def strict(body: bytes) -> Any:
    """The same rules, slowly: what json.loads takes, but for what has two meanings."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in found}) < len(found):
            raise Twice
        return dict(found)

    def whole(digits: str) -> int:
        value = int(digits)
        if not LEAST <= value <= MOST:
            raise Twice
        return value

    def never(constant: str) -> Any:
        raise Twice

    return json.loads(body.decode(), object_pairs_hook=pairs, parse_int=whole, parse_constant=never)


@settings(max_examples=500, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(
            [b"{", b"}", b"[", b"]", b":", b",", b'"a"', b'"\\""', b'"a\\\\"', b"1", b"-1", b"1.5e3", b"null", b"NaN",
             b"18446744073709551616", b"18446744073709551615", b"-9223372036854775809", b"12345678901234567890123",
             b"1234567890123456789012.5", b"1e22", b" ", b"\\", b'"', b"\xff", b'"\\ud800"', b"true"]
        ),
        max_size=14,
    )
)  # fmt: skip
def test_it_takes_nothing_that_the_strict_rules_refuse(parts: list[bytes]) -> None:
    body = b"".join(parts)
    try:
        document = parse(body)
    except Malformed:
        return
    assert document == strict(body)


@given(body=st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(body: bytes) -> None:
    try:
        document = parse(body)
    except Malformed:
        return
    assert document == strict(body)


def nested(depth: int) -> list[bytes]:
    return [b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth]


@pytest.mark.parametrize("body", nested(64))
def test_sixty_four_levels_are_taken(body: bytes) -> None:
    assert parse(body) == json.loads(body)


@pytest.mark.parametrize("body", [*nested(65), *nested(3000)])
def test_deeper_levels_are_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"deep|depth"):
        parse(body)


@pytest.mark.parametrize("body", [b'{"a":1,"a":1}', b'[{"b":{"a":1,"\\u0061":2}}]', b'{"\\"":1,"\\"":2}'])
def test_a_key_twice_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match="twice"):
        parse(body)


@pytest.mark.parametrize("body", [b"18446744073709551616", b"[-9223372036854775809]", b'{"a":' + b"9" * 5000 + b"}"])
def test_a_whole_number_above_64_bits_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"64 bits|infinity"):
        parse(body)


@pytest.mark.parametrize("body", [b"18446744073709551615", b"-9223372036854775808", b'"99999999999999999999"'])
def test_the_largest_numbers_and_digits_in_texts_are_taken(body: bytes) -> None:
    assert parse(body) == json.loads(body)


def test_a_long_fraction_is_a_float() -> None:
    assert math.isclose(parse(b"0.12345678901234567890123"), 0.123456789012345678)
