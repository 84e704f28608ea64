"""A server that speaks EventStoreDB's protocol, for tests: on a port of this machine, over a log in a folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
from esdbclient.protos.Grpc import gossip_pb2_grpc, streams_pb2_grpc

from tests.eventstoredb.log import Log
from tests.eventstoredb.servicers import Gossip, Node, Streams

OPTIONS = [
    ("grpc.so_reuseport", 0),
    ("grpc.max_receive_message_length", 17 * 1024 * 1024),
    # Clients ask whether the connection lives; the default would end it for asking too often.
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 1_000),
]


class ProtocolServer:
    """One node. `stop` and `start` again: a restart, on the same port, with what was committed."""

    def __init__(
        self, folder: Path, port: int = 0, nodes: list[Node] | None = None, *, credentials: Any = None
    ) -> None:
        """credentials: of gRPC, for TLS."""
        self.node = Node(port)
        self._folder = folder
        self._credentials = credentials
        self.nodes = [] if nodes is None else nodes
        self.nodes.append(self.node)
        self._log: Log | None = None
        self._server: Any = None

    @property
    def uri(self) -> str:
        return f"esdb://127.0.0.1:{self.node.port}?tls=false"

    async def start(self, log: Log | None = None) -> Log:
        """log: that of another node, which closes it."""
        shared = log or Log.open(self._folder)
        if log is None:
            self._log = shared
        await self._listen(shared)
        return shared

    async def stop(self) -> None:
        await self._server.stop(None)
        if self._log is not None:
            await self._log.close()

    async def cut(self) -> None:
        """End all connections; new ones are accepted at once."""
        assert self._log is not None
        await self._server.stop(None)
        await self._listen(self._log)

    def mute(self) -> None:
        """The subscriptions of this moment send nothing more, without a word."""
        self.node.muted += 1

    @asynccontextmanager
    async def answering_later(self) -> AsyncIterator[None]:
        """Appends are done and not answered, and reads do not come to their end."""
        self.node.answering.clear()
        try:
            yield
        finally:
            self.node.answering.set()

    async def wait(self) -> None:
        await self._server.wait_for_termination()

    async def _listen(self, log: Log) -> None:
        self._server = grpc.aio.server(options=OPTIONS)
        streams_pb2_grpc.add_StreamsServicer_to_server(Streams(log, self.node, self.nodes), self._server)
        gossip_pb2_grpc.add_GossipServicer_to_server(Gossip(self.nodes), self._server)
        address = f"127.0.0.1:{self.node.port}"
        if self._credentials is None:
            self.node.port = self._server.add_insecure_port(address)
        else:
            self.node.port = self._server.add_secure_port(address, self._credentials)
        await self._server.start()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[ProtocolServer]:
    server = ProtocolServer(folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def protocol_server(folder: Path) -> AsyncIterator[str]:
    """Its URI."""
    async with running(folder) as server:
        yield server.uri
