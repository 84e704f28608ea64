"""EventStoreDB by TLS, as its URI says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from reveille.adapters.eventstoredb import EventStoreDb
from reveille.cli.catalogue import EVENT_TYPES
from reveille.kernel.errors import Misconfigured
from tests.certificates import Authority, Pair
from tests.eventstoredb.server import ProtocolServer

PASSWORD = "sesame"


@asynccontextmanager
async def served(folder: Path, pair: Pair, clients: Authority | None = None) -> AsyncIterator[str]:
    """host:port. clients: of whom each client must show a certificate."""
    trusted = clients.cert.read_bytes() if clients else None
    credentials = grpc.ssl_server_credentials(
        [(pair.key.read_bytes(), pair.cert.read_bytes())], trusted, require_client_auth=clients is not None
    )
    server = ProtocolServer(folder / "log", credentials=credentials)
    await server.start()
    try:
        yield f"127.0.0.1:{server.node.port}"
    finally:
        await server.stop()


async def opened(where: str, *, ca: Authority, client: Pair | None = None) -> int:
    """Where the log ends."""
    shown = f"&userCertFile={client.cert}&userKeyFile={client.key}" if client else ""
    uri = f"esdb://admin:{PASSWORD}@{where}?tls=true&tlsCaFile={ca.cert}{shown}"
    store = await EventStoreDb.open(uri, EVENT_TYPES, deadline=5)
    try:
        return await store.head()
    finally:
        await store.close()


async def test_a_server_of_our_authority_is_used_by_tls(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    async with served(tmp_path, ours.issue("server")) as where:
        assert await opened(where, ca=ours) == 0


async def test_a_server_may_want_a_certificate(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    async with served(tmp_path, ours.issue("server"), clients=ours) as where:
        assert await opened(where, ca=ours, client=ours.issue("client", ())) == 0
        with pytest.raises(Misconfigured, match="EventStoreDB cannot be used"):
            await opened(where, ca=ours)


async def test_a_foreign_authority_an_old_certificate_and_another_name_are_one_line(tmp_path: Path) -> None:
    ours, foreign = Authority(tmp_path), Authority(tmp_path, "foreign")
    wrong = {
        "unable to get local issuer certificate": (ours.issue("server"), foreign),
        "certificate has expired": (ours.issue("old", expired=True), ours),
        "certificate is not for 127.0.0.1": (ours.issue("other", ("elsewhere",)), ours),
    }
    for reason, (pair, trusted) in wrong.items():
        async with served(tmp_path / pair.cert.stem, pair) as where:
            with pytest.raises(Misconfigured, match=f"{reason}, see tlsCaFile") as refused:
                await opened(where, ca=trusted)
        assert "\n" not in str(refused.value)
        assert PASSWORD not in str(refused.value)


async def test_a_server_without_tls_is_not_taken_for_one_with(tmp_path: Path) -> None:
    server = ProtocolServer(tmp_path / "log")
    await server.start()
    try:
        with pytest.raises(Misconfigured, match="does not speak TLS there"):
            await opened(f"127.0.0.1:{server.node.port}", ca=Authority(tmp_path))
    finally:
        await server.stop()
