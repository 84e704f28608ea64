"""The contract of Blobs, on every adapter."""

import asyncio
import hashlib

import pytest

from reveille.kernel.blobs import BLOB_FROM, Blobs


async def test_bytes_come_back_by_their_digest(blobs: Blobs) -> None:
    data = bytes(range(256)) * (BLOB_FROM // 128)
    digest = await blobs.put("acme", data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert await blobs.get("acme", digest) == data


async def test_the_same_bytes_again_change_nothing(blobs: Blobs) -> None:
    first = await blobs.put("acme", b"diff")
    assert await blobs.put("acme", b"diff") == first
    assert await blobs.get("acme", first) == b"diff"


async def test_no_bytes_at_all_are_bytes_too(blobs: Blobs) -> None:
    assert await blobs.get("acme", await blobs.put("acme", b"")) == b""


async def test_what_nobody_put_is_not_there(blobs: Blobs) -> None:
    with pytest.raises(KeyError, match="tenant acme has no blob 00"):
        await blobs.get("acme", "00")


async def test_a_tenant_never_reads_what_another_put(blobs: Blobs) -> None:
    digest = await blobs.put("acme", b"secret plans")
    with pytest.raises(KeyError):
        await blobs.get("other", digest)


async def test_many_may_put_and_get_at_once(blobs: Blobs) -> None:
    contents = [bytes([number]) * 1000 for number in range(50)]
    digests = await asyncio.gather(*(blobs.put("acme", data) for data in contents))
    assert await asyncio.gather(*(blobs.get("acme", digest) for digest in digests)) == contents
