"""Redis by TLS, as its URL says."""

import asyncio
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.native.places import temporary_folder
from deploy.native.ports import free_ports
from deploy.native.redis_server import redis
from reveille.adapters.redis_fanout import RedisFanout
from reveille.kernel.errors import Misconfigured
from tests.certificates import Authority, Pair

WRONG = "sesame"


@dataclass(frozen=True, slots=True)
class Server:
    """port: by TLS; plain: without."""

    port: int
    plain: int
    ours: Authority
    foreign: Authority
    client: Pair

    def url(self, user: str = "", *, host: str = "127.0.0.1", ca: Authority | None = None, shows: Pair | None) -> str:
        shown = f"&ssl_certfile={shows.cert}&ssl_keyfile={shows.key}" if shows else ""
        return f"rediss://{user}{host}:{self.port}/0?ssl_ca_certs={(ca or self.ours).cert}{shown}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = temporary_folder("reveille-test-")
    ours, foreign = Authority(folder), Authority(folder, "foreign")
    served, port = ours.issue("server", ("127.0.0.1",)), free_ports()
    tls = ["--tls-port", str(port), "--tls-cert-file", str(served.cert), "--tls-key-file", str(served.key)]
    tls += ["--tls-ca-cert-file", str(ours.cert), "--tls-auth-clients", "yes"]
    started = redis(folder, options=[*tls, "--user", "bob", "on", ">bob-secret", "~*", "&*", "+@all"])
    started.start()
    try:
        yield Server(port, started.program.ports[0], ours, foreign, ours.issue("client", ()))
    finally:
        started.stop()
        shutil.rmtree(folder)


async def connected(url: str) -> bool:
    try:
        fanout = await RedisFanout.open(url)
        try:
            return fanout.connected
        finally:
            await fanout.close()
    finally:
        await _closed()


async def _closed() -> None:
    """TLS is ended by both sides, and nobody waits for the other one's part: not before it may the loop end."""
    transports = vars(asyncio.get_running_loop())["_transports"]
    async with asyncio.timeout(20):
        while any(vars(one)["_sock"] is not None for one in transports.values()):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def refused(url: str) -> str:
    with pytest.raises(Misconfigured) as told:
        await connected(url)
    assert "\n" not in str(told.value)
    assert WRONG not in str(told.value)
    return str(told.value)


async def test_a_certificate_is_shown_and_the_servers_is_verified(server: Server) -> None:
    assert await connected(server.url(shows=server.client))


async def test_a_password_goes_by_tls(server: Server) -> None:
    assert await connected(server.url("bob:bob-secret@", shows=server.client))
    assert "refuses the user" in await refused(server.url(f"bob:{WRONG}@", shows=server.client))


async def test_a_client_without_a_certificate_or_of_a_foreign_authority_is_refused(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the server's reset overtakes its alert, Redis is away, and the warning says what may be behind it."""
    for shown in (None, server.foreign.issue("stranger", ())):
        caplog.clear()
        try:
            assert not await connected(server.url(shows=shown))
            told = caplog.text
        except Misconfigured as error:
            told = str(error)
        assert "ssl_certfile" in told


async def test_a_server_of_a_foreign_authority_or_of_another_name_is_not_spoken_to(server: Server) -> None:
    told = await refused(server.url(f"bob:{WRONG}@", ca=server.foreign, shows=server.client))
    assert "certificate does not hold" in told
    assert "see ssl_ca_certs" in told
    assert "Hostname mismatch" in await refused(server.url(host="localhost", shows=server.client))


async def test_without_tls_the_port_is_of_no_use(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """As where Redis is away: this process's own subscribers go on hearing it."""
    caplog.set_level(logging.WARNING)
    assert not await connected(f"redis://127.0.0.1:{server.port}/0")
    assert [f"redis at 127.0.0.1:{server.port} is away" in line for line in caplog.messages] == [True]
