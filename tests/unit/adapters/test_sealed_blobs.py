"""Encrypted blobs, as whoever has the database sees them, and when one is erased."""

from pathlib import Path

import pytest

from reveille.adapters.inline_blobs import InlineBlobs
from reveille.adapters.key_rows import Subject
from reveille.adapters.sealed_blobs import SealedBlobs
from reveille.kernel.errors import Transient
from tests.sealing import ring

DATA = b"planted words " * 100


async def test_a_blob_is_kept_under_the_digest_of_its_words_and_without_them(tmp_path: Path) -> None:
    plain = InlineBlobs()
    async with ring(tmp_path) as keys:
        digest = await SealedBlobs(plain, keys).put("acme", DATA)
    kept = await plain.get("acme", digest)
    assert b"planted" not in kept
    assert len(kept) > len(DATA)


async def test_a_blob_from_before_stays_readable(tmp_path: Path) -> None:
    plain = InlineBlobs()
    async with ring(tmp_path) as keys:
        assert await SealedBlobs(plain, keys).get("acme", await plain.put("acme", DATA)) == DATA


async def test_an_erased_blob_reads_so_and_the_same_bytes_may_come_again(tmp_path: Path) -> None:
    plain = InlineBlobs()
    async with ring(tmp_path) as keys:
        blobs = SealedBlobs(plain, keys)
        digest = await blobs.put("acme", DATA)
        await keys.rows.erase([Subject("acme", f"blob:{digest}")])
        keys.forget()
        assert await blobs.get("acme", digest) == b'"[erased]"'
        await blobs.drop("acme", [digest])
        assert await blobs.get("acme", digest) == b'"[erased]"'
        assert await blobs.put("acme", DATA) == digest
        assert await blobs.get("acme", digest) == DATA


async def test_a_blob_that_was_changed_or_moved_is_never_given(tmp_path: Path) -> None:
    plain = InlineBlobs()
    async with ring(tmp_path) as keys:
        blobs = SealedBlobs(plain, keys)
        first, second = await blobs.put("acme", DATA), await blobs.put("acme", b"other")
        sealed = await plain.get("acme", first)
        await plain.drop("acme", [first, second])
        await plain.keep("acme", first, sealed[:-1] + b"\0")
        await plain.keep("acme", second, sealed)
        for digest in (first, second):
            with pytest.raises(Transient, match=f"blob {digest} of tenant acme cannot be opened"):
                await blobs.get("acme", digest)
