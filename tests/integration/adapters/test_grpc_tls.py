"""gRPC between services by mutual TLS: who shows the right certificate is answered, and nobody else."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.grpc_peers import tell_of_handshakes
from reveille.adapters.tls import Pem, explained
from tests.certificates import Authority, Pair

NAMES = ("REVEILLE_GRPC_CERT", "REVEILLE_GRPC_KEY", "REVEILLE_GRPC_CA")


class Grounds:
    """An authority, a foreign one, and what they have signed."""

    def __init__(self, folder: Path) -> None:
        self.ours = Authority(folder)
        self.foreign = Authority(folder, "foreign")
        self.server = self.ours.issue("server")
        self.elsewhere = self.ours.issue("elsewhere", ("budget.example",))
        self.client = self.ours.issue("client", ())
        self.stranger = self.foreign.issue("stranger", ())
        self.old = self.ours.issue("old", expired=True)

    def pem(self, pair: Pair, ca: Authority | None = None) -> Pem:
        return Pem(cert=pair.cert, key=pair.key, ca=(ca or self.ours).cert, names=NAMES)


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Grounds:
    return Grounds(tmp_path_factory.mktemp("certificates"))


Start = Callable[[Pair], Any]


@pytest.fixture
async def start(grounds: Grounds) -> AsyncIterator[Start]:
    started: list[Server] = []

    async def one(pair: Pair) -> int:
        started.append(Server([], token="t", tls=grounds.pem(pair)))
        return await started[-1].start()

    yield one
    for server in started:
        await server.stop(0)


async def answer(channel: Any) -> str:
    """`serving`, or why the handshake fails; "" for any other failure."""
    try:
        await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    except grpc.aio.AioRpcError as error:
        details = str(error.details())
        return explained(details) or ("ended" if "Socket closed" in details or "reset" in details else "")
    finally:
        await channel.close()
    return "serving"


async def test_each_side_shows_its_certificate(grounds: Grounds, start: Start) -> None:
    port = await start(grounds.server)
    assert await answer(open_channel(f"127.0.0.1:{port}", token="t", tls=grounds.pem(grounds.client))) == "serving"
    assert await answer(open_channel(f"localhost:{port}", token="t", tls=grounds.pem(grounds.client))) == "serving"


async def test_a_client_without_a_certificate_is_not_answered(grounds: Grounds, start: Start) -> None:
    port = await start(grounds.server)
    credentials = grpc.ssl_channel_credentials(grounds.ours.cert.read_bytes())
    assert await answer(grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials)) == "ended"


async def test_a_client_without_tls_is_not_answered(grounds: Grounds, start: Start) -> None:
    port = await start(grounds.server)
    assert await answer(open_channel(f"127.0.0.1:{port}", token="t")) == "ended"


async def test_a_client_of_a_foreign_authority_is_not_answered(grounds: Grounds, start: Start) -> None:
    port = await start(grounds.server)
    assert await answer(open_channel(f"127.0.0.1:{port}", token="t", tls=grounds.pem(grounds.stranger))) == "ended"


async def test_a_client_whose_certificate_has_run_out_is_not_answered(grounds: Grounds, start: Start) -> None:
    port = await start(grounds.server)
    assert await answer(open_channel(f"127.0.0.1:{port}", token="t", tls=grounds.pem(grounds.old))) == "ended"


async def test_a_server_of_a_foreign_authority_is_not_asked(grounds: Grounds, start: Start) -> None:
    port = await start(grounds.server)
    pem = grounds.pem(grounds.client, grounds.foreign)
    assert "does not hold" in await answer(open_channel(f"127.0.0.1:{port}", token="t", tls=pem))


async def test_a_server_whose_certificate_has_run_out_is_not_asked(grounds: Grounds, start: Start) -> None:
    port = await start(grounds.old)
    told = await answer(open_channel(f"127.0.0.1:{port}", token="t", tls=grounds.pem(grounds.client)))
    assert told == "the server's certificate does not hold: certificate has expired"


async def test_a_server_of_another_name_is_asked_just_where_that_name_is_expected(
    grounds: Grounds, start: Start
) -> None:
    port, pem = await start(grounds.elsewhere), grounds.pem(grounds.client)
    told = await answer(open_channel(f"127.0.0.1:{port}", token="t", tls=pem))
    assert told == "the server's certificate is not for 127.0.0.1"
    assert await answer(open_channel(f"127.0.0.1:{port}", token="t", tls=pem, name="budget.example")) == "serving"
    two = f"127.0.0.1:{port},127.0.0.1:{port}"
    assert await answer(open_channel(two, token="t", tls=pem, name="budget.example")) == "serving"


async def test_a_handshake_that_fails_is_one_warning_which_names_the_settings(
    grounds: Grounds, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    port = await start(grounds.server)
    right = open_channel(f"127.0.0.1:{port}", token="t", tls=grounds.pem(grounds.client))
    strange = open_channel(f"127.0.0.1:{port}", token="t", tls=grounds.pem(grounds.client, grounds.foreign))
    plain = open_channel(f"127.0.0.1:{port}", token="t")
    peers = {"analyzer": right, "planner": strange, "budget": plain}
    telling = asyncio.create_task(tell_of_handshakes(peers, every=0.01))
    async with asyncio.timeout(60):
        while len(caplog.messages) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling
    for channel in peers.values():
        await channel.close()
    assert sorted(line.split(" is of no use: ")[0] for line in caplog.messages) == ["gRPC of budget", "gRPC of planner"]
    assert all("REVEILLE_GRPC_CA" in line for line in caplog.messages)
