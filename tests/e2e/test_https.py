"""The platform by HTTPS: its three ports, its sockets and its stream, and the clients that trust its authority."""

import asyncio
import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from reveille.adapters.tls import Pem, client_context
from reveille.agents.live import LiveEvents
from reveille.agents.remote import Happened, serve
from tests.certificates import Authority, Pair
from tests.e2e.embedded import Embedded
from tests.e2e.running import NotStarted, reveille
from tests.e2e.test_remote_agents import FLEET

NAMES: Final = ("REVEILLE_CLIENT_CERT", "REVEILLE_CLIENT_KEY", "REVEILLE_CA")


class Grounds:
    """A platform that wants certificates, and what its clients have."""

    def __init__(self, folder: Path) -> None:
        self.ours = Authority(folder)
        self.foreign = Authority(folder, "foreign")
        self.client = self.ours.issue("client", ())
        self.stranger = self.foreign.issue("stranger", ())
        served = self.ours.issue("server")
        settings = {"REVEILLE_TLS_CERT": str(served.cert), "REVEILLE_TLS_KEY": str(served.key)}
        self.platform = Embedded(
            folder, fleet=FLEET, settings={**settings, "REVEILLE_TLS_CLIENT_CA": str(self.ours.cert)}
        )

    def trusting(self, shown: Pair | None = None, *, ca: Authority | None = None) -> ssl.SSLContext:
        cert, key = (shown.cert, shown.key) if shown else (None, None)
        return client_context(Pem(cert=cert, key=key, ca=(ca or self.ours).cert, names=NAMES))

    @property
    def environment(self) -> dict[str, str]:
        """Of a command that is let in."""
        files = (self.client.cert, self.client.key, self.ours.cert)
        return {"REVEILLE_URL": self.platform.url, **dict(zip(NAMES, map(str, files), strict=True))}


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    made = Grounds(tmp_path_factory.mktemp("https"))
    made.platform.http = httpx.Client(verify=made.trusting(made.client), timeout=60)
    try:
        made.platform.start()
        yield made
    finally:
        made.platform.close()


def test_all_three_ports_speak_https(grounds: Grounds) -> None:
    assert grounds.platform.url.startswith("https://127.0.0.1:")
    port = httpx.URL(grounds.platform.url).port
    assert port is not None
    for one in (port, port + 1, port + 2):
        assert grounds.platform.http.get(f"https://localhost:{one}/healthz").json() == {"status": "ok"}


def test_who_shows_no_certificate_or_a_foreign_one_is_not_answered(grounds: Grounds) -> None:
    for shown in (None, grounds.stranger):
        with httpx.Client(verify=grounds.trusting(shown)) as http, pytest.raises(httpx.TransportError):
            http.get(f"{grounds.platform.url}/healthz")


def test_who_does_not_know_the_authority_sends_nothing(grounds: Grounds) -> None:
    trusting = grounds.trusting(grounds.client, ca=grounds.foreign)
    with (
        httpx.Client(verify=trusting) as http,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        http.get(f"{grounds.platform.url}/healthz")


def test_plain_http_is_not_answered_there(grounds: Grounds) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{grounds.platform.url.replace('https:', 'http:')}/healthz")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_tls_1_1_is_refused_and_1_2_is_not(grounds: Grounds) -> None:
    for newest, spoken in ((ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)):
        trusting = grounds.trusting(grounds.client)
        # Without it this side's own library would refuse the older one, whatever the other does.
        trusting.set_ciphers("DEFAULT:@SECLEVEL=0")
        trusting.minimum_version = trusting.maximum_version = newest
        with httpx.Client(verify=trusting) as http:
            if spoken:
                assert http.get(f"{grounds.platform.url}/healthz").status_code == 200
            else:
                with pytest.raises(httpx.ConnectError, match=r"ALERT_PROTOCOL_VERSION|EOF occurred"):
                    http.get(f"{grounds.platform.url}/healthz")


async def test_sockets_are_wss(grounds: Grounds) -> None:
    url = f"wss{grounds.platform.url.removeprefix('https')}/ws/events"
    async with connect(url, ssl=grounds.trusting(grounds.client)) as socket:
        await socket.send(json.dumps({"type": "ping"}))
        assert json.loads(await socket.recv()) == {"type": "pong"}
    with pytest.raises((OSError, EOFError, WebSocketException)):
        async with connect(url, ssl=grounds.trusting()) as socket:
            await socket.recv()


async def test_an_agent_elsewhere_works_by_wss_and_is_watched_by_wss_https_and_its_stream(grounds: Grounds) -> None:
    platform, trusting = grounds.platform, grounds.trusting(grounds.client)
    seen: list[Happened] = []

    async def act(task: Any, context: Any) -> dict[str, str]:
        await context.progress("on it")
        return {"by": "wss"}

    serving = asyncio.ensure_future(serve(platform.url, "far", act, tls=trusting, see=seen.append))
    try:
        execution = await asyncio.to_thread(platform.run, "far")
    finally:
        serving.cancel()
        await asyncio.wait([serving])
    assert execution["result"] == {"by": "wss"}
    async with LiveEvents(platform.url, tls=trusting) as live:
        read = [event.type async for event in live.history(execution["id"])]
        watched = [event.type async for event in live.replay(execution["id"], speed=0)]
    assert "agent-complete" in watched
    assert watched == read
    path = f"/api/v1/executions/{execution['id']}/stream"
    with platform.http.stream("GET", path, headers={"accept": "text/event-stream"}) as answer:
        assert answer.status_code == 200
        assert any("agent-complete" in line for line in answer.iter_lines())


def test_commands_trust_the_authority_that_they_are_told(grounds: Grounds) -> None:
    assert _status(reveille("status", "--json", **grounds.environment)) == "ok"
    given = ["--ca", str(grounds.ours.cert), "--cert", str(grounds.client.cert), "--cert-key", str(grounds.client.key)]
    assert _status(reveille(*given, "status", "--json", REVEILLE_URL=grounds.platform.url)) == "ok"


def _status(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, done.stderr
    told: str = json.loads(done.stdout)["status"]
    return told


def test_a_command_without_the_authority_or_a_certificate_says_which_option_it_lacks(grounds: Grounds) -> None:
    lacking = {
        "certificate does not hold": {"REVEILLE_URL": grounds.platform.url},
        "": {**grounds.environment, "REVEILLE_CLIENT_CERT": "", "REVEILLE_CLIENT_KEY": ""},
        "REVEILLE_CA names /nowhere": {**grounds.environment, "REVEILLE_CA": "/nowhere"},
    }
    for reason, given in lacking.items():
        done = reveille("status", **given)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert reason in done.stderr


def test_a_platform_does_not_start_on_a_certificate_that_is_of_no_use(tmp_path: Path) -> None:
    old = Authority(tmp_path).issue("old", expired=True)
    settings = {"REVEILLE_TLS_CERT": str(old.cert), "REVEILLE_TLS_KEY": str(old.key)}
    platform = Embedded(tmp_path, settings=settings)
    with pytest.raises(NotStarted):
        platform.start()
    platform.close()
    assert platform.errors.count("\n") == 1
    assert f"REVEILLE_TLS_CERT names {old.cert}, which holds from" in platform.errors
