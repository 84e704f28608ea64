"""An event's metadata, as EventStoreDB keeps it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from reveille.adapters import eventstoredb_metadata
from reveille.kernel.events import About, Meta, Origin

# UTF-8, which protobuf's strings and HTTP's are made of, has no lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WHOLE = st.integers(0, 2**63 - 1)
CAUSES = st.one_of(st.just(b""), st.binary(min_size=16, max_size=16), st.binary(max_size=20))
ORIGINS = st.one_of(
    st.just(Origin()),
    st.builds(Origin, CAUSES.filter(bool), TEXT, WHOLE, WHOLE),
    st.builds(Origin, CAUSES, TEXT.filter(bool), WHOLE, WHOLE),
)
METAS = st.builds(Meta, st.integers(-(2**63), 2**63 - 1), st.builds(About, TEXT, TEXT, WHOLE), ORIGINS, TEXT)


@given(METAS)
def test_metadata_are_read_as_they_were_written(meta: Meta) -> None:
    assert eventstoredb_metadata.decode(eventstoredb_metadata.encode(meta), 5) == meta


@given(METAS)
def test_metadata_are_an_object_of_strings(meta: Meta) -> None:
    values = json.loads(eventstoredb_metadata.encode(meta))
    assert all(isinstance(value, str) for value in values.values())
    assert values.get("$correlationId", "") == meta.about.correlation


@given(
    st.one_of(
        st.binary(), st.recursive(st.none() | st.integers() | TEXT, st.lists).map(lambda v: json.dumps(v).encode())
    )
)
def test_whatever_else_stands_there_is_read_as_nothing_but_its_time(metadata: bytes) -> None:
    assert eventstoredb_metadata.decode(metadata, 5) == Meta(5, About(""))


@given(st.dictionaries(st.sampled_from(["time", "hop", "$correlationId", "$causationId", "sender", "position"]), TEXT))
def test_whatever_stands_under_our_names_is_read_without_an_error(values: dict[str, str]) -> None:
    assert isinstance(eventstoredb_metadata.decode(json.dumps(values).encode(), 5), Meta)
