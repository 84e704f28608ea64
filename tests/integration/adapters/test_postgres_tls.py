"""PostgreSQL by TLS, as its URL says: the log and the views alike."""

import asyncio
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.native.places import postgres_user, temporary_folder
from deploy.native.postgres_server import postgres
from reveille.adapters import migrations
from reveille.adapters.postgres_blobs import PostgresBlobs
from reveille.adapters.postgres_store import PostgresEventStore
from reveille.cli.catalogue import EVENT_TYPES
from reveille.kernel.errors import Misconfigured
from tests.certificates import Authority, Pair

# The driver leaves the socket of a connection that was refused within TLS to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
SERVICE = "budget"
WRONG = "sesame"
# The maintenance database for whoever starts the server; the rest by TLS alone.
ACCESS = """\
host    all  postgres  127.0.0.1/32  trust
hostssl all  alice     127.0.0.1/32  cert
hostssl all  bob       127.0.0.1/32  scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class Server:
    where: str
    ours: Authority
    foreign: Authority
    alice: Pair

    def url(self, user: str = "alice", *, ca: Authority | None = None, shows: Pair | None = None) -> str:
        shown = f"&sslcert={shows.cert}&sslkey={shows.key}" if shows else ""
        return f"postgresql://{user}@{self.where}/safe?sslmode=verify-full&sslrootcert={(ca or self.ours).cert}{shown}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = temporary_folder("reveille-test-")
    ours, foreign = Authority(folder), Authority(folder, "foreign")
    served = ours.issue("server", ("127.0.0.1",))
    access = folder / "access"
    access.write_text(ACCESS)
    settings = {"ssl": "on", "ssl_cert_file": str(served.cert), "ssl_ca_file": str(ours.cert)}
    settings |= {"ssl_key_file": str(_own(served.key)), "hba_file": str(access)}
    started = postgres(folder, settings=settings)
    started.start()
    try:
        asyncio.run(_prepare(started.address))
        yield Server(urlsplit(started.address).netloc.rpartition("@")[2], ours, foreign, ours.issue("alice", ()))
    finally:
        started.stop()
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Here, and not while another test runs."""
    yield
    gc.collect()


def _own(key: Path) -> Path:
    """PostgreSQL takes no key that others may read."""
    key.chmod(0o600)
    if (user := postgres_user()) is not None:
        os.chown(key, user.uid, user.gid)
    return key


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE ROLE alice LOGIN SUPERUSER")
    await connection.execute("CREATE ROLE bob LOGIN SUPERUSER PASSWORD 'bob-secret'")
    await connection.execute("CREATE DATABASE safe")
    await connection.close()


def log(url: str) -> None:
    async def opened() -> None:
        await (await PostgresEventStore.open(url, EVENT_TYPES)).close()

    asyncio.run(opened())


def views(url: str) -> None:
    migrations.migrate(url, SERVICE)


def blobs(url: str) -> None:
    async def opened() -> None:
        await (await PostgresBlobs.open(url)).close()

    asyncio.run(opened())


EACH = pytest.mark.parametrize("use", [log, views, blobs])
Use = Callable[[str], None]


@EACH
def test_a_certificate_is_shown_and_the_servers_is_verified(server: Server, use: Use) -> None:
    use(server.url(shows=server.alice))


@EACH
def test_a_password_goes_by_tls(server: Server, use: Use) -> None:
    use(server.url("bob:bob-secret"))


@EACH
def test_a_wrong_password_is_one_line_without_it(server: Server, use: Use) -> None:
    assert "password authentication failed" in _refused(use, server.url(f"bob:{WRONG}"))


@EACH
def test_without_a_certificate_nobody_is_alice(server: Server, use: Use) -> None:
    assert "connection requires a valid client certificate" in _refused(use, server.url())


@EACH
def test_a_certificate_of_a_foreign_authority_is_refused(server: Server, use: Use) -> None:
    assert "sslcert" in _refused(use, server.url(shows=server.foreign.issue("alice2", ())))


@EACH
def test_a_server_of_a_foreign_authority_is_not_spoken_to(server: Server, use: Use) -> None:
    told = _refused(use, server.url(f"bob:{WRONG}", ca=server.foreign))
    assert "certificate does not hold" in told
    assert "see sslrootcert" in told


@EACH
def test_a_server_of_another_name_is_not_spoken_to(server: Server, use: Use) -> None:
    told = _refused(use, server.url(f"bob:{WRONG}").replace("127.0.0.1", "localhost"))
    assert "Hostname mismatch" in told
    assert "see sslrootcert" in told


@EACH
def test_without_tls_nobody_gets_in(server: Server, use: Use) -> None:
    url = f"postgresql://bob:bob-secret@{server.where}/safe?sslmode=disable"
    assert "no encryption" in _refused(use, url)


@EACH
def test_an_unknown_mode_is_one_line_without_the_password(server: Server, use: Use) -> None:
    told = _refused(use, f"postgresql://bob:{WRONG}@{server.where}/safe?sslmode=somehow")
    assert "cannot be read" in told


def _refused(use: Use, url: str) -> str:
    with pytest.raises(Misconfigured) as refused:
        use(url)
    assert "\n" not in str(refused.value)
    assert WRONG not in str(refused.value)
    return str(refused.value)
