"""What every model promises; the providers' own clients speak to a server on loopback that speaks their protocol."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reveille.agents import (
    LocalContext,
    Model,
    ModelRefused,
    ModelRequest,
    ModelUnavailable,
    Signal,
    Task,
    TokensSpent,
)
from reveille.agents.coding import review
from reveille.agents.models.anthropic import AnthropicModel
from reveille.agents.models.offline import OfflineModel
from reveille.agents.models.openai_compatible import OpenAICompatibleModel
from reveille.agents.models.provider import Patience
from reveille.agents.models.selection import choose

pytestmark = pytest.mark.asyncio
KEY = "sk-test-0123456789abcdef0123456789abcdef"
REQUEST = ModelRequest(purpose="review", system="Be brief.", prompt="What is wrong with this?", max_output_tokens=64)
SOON = {"retry-after-ms": "1"}
DIFF = "--- a/src/pay.py\n+++ b/src/pay.py\n@@ -1 +1,3 @@\n import os\n+print(os)\n+LIMIT = 3\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """body None: the server is silent for ever."""

    status: int = 200
    body: bytes | None = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Server:
    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *rows = head.decode().strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in rows)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.requests.append((first.split()[1], headers, json.loads(body)))
                await self._reply(writer, self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _reply(self, writer: asyncio.StreamWriter, reply: Reply) -> None:
        if reply.body is None:
            await asyncio.Event().wait()
            return
        headers = {"content-type": "application/json", "content-length": str(len(reply.body)), **reply.headers}
        rows = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {reply.status} x\r\n{rows}\r\n".encode() + reply.body)
        await writer.drain()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    handlers: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        await server.handle(reader, writer)

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()[:2]
    server.url = f"http://{host}:{port}"
    yield server
    listening.close()
    for task in handlers:
        task.cancel()
    await asyncio.gather(*handlers, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one provider says things, and the model that speaks with it."""

    name: str
    path: str
    model: Callable[..., Model]
    answer: Callable[[str], dict[str, Any]]
    error: Callable[[str], dict[str, Any]]
    base: str = ""

    def connect(self, server: Server, **patience: Any) -> Model:
        wait = Patience(**{"backoff": 0.001, "timeout": 30.0, **patience})
        return self.model("model-1", key=KEY, base_url=server.url + self.base, patience=wait)

    def says(self, text: str) -> Reply:
        return Reply(body=json.dumps(self.answer(text)).encode())

    def fails(self, status: int, message: str = "no", headers: dict[str, str] | None = None) -> Reply:
        return Reply(status, json.dumps(self.error(message)).encode(), SOON if headers is None else headers)


def anthropic_answer(text: str) -> dict[str, Any]:
    usage = {"input_tokens": 20, "output_tokens": 7, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2}
    content = [{"type": "text", "text": text}]
    return {"id": "m", "type": "message", "role": "assistant", "model": "model-1", "content": content, "usage": usage}


def openai_answer(text: str) -> dict[str, Any]:
    usage = {"prompt_tokens": 25, "completion_tokens": 7, "total_tokens": 32}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "model-1",
        "choices": [choice],
        "usage": usage,
    }


ANTHROPIC = Protocol(
    "anthropic",
    "/v1/messages",
    AnthropicModel,
    anthropic_answer,
    lambda message: {"type": "error", "error": {"type": "some_error", "message": message}},
)
OPENAI = Protocol(
    "openai",
    "/v1/chat/completions",
    OpenAICompatibleModel,
    openai_answer,
    lambda message: {"error": {"message": message, "type": "some_error", "param": None, "code": None}},
    base="/v1",
)


@pytest.fixture(params=[ANTHROPIC, OPENAI], ids=lambda protocol: protocol.name)
def protocol(request: pytest.FixtureRequest) -> Protocol:
    chosen: Protocol = request.param
    return chosen


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as server:
        yield server


async def test_an_answer_has_its_text_and_the_providers_figures(protocol: Protocol, server: Server) -> None:
    server.replies = [protocol.says("All of it.")]
    answer = await protocol.connect(server).complete(REQUEST)
    assert (answer.text, answer.input_tokens, answer.output_tokens) == ("All of it.", 25, 7)
    assert (answer.estimated, answer.model) == (False, f"{protocol.name}:model-1")


async def test_the_request_carries_prompt_system_limit_and_key(protocol: Protocol, server: Server) -> None:
    server.replies = [protocol.says("Yes.")]
    await protocol.connect(server).complete(REQUEST)
    (path, headers, body), *others = server.requests
    assert (path, body["model"], body["max_tokens"], others) == (protocol.path, "model-1", 64, [])
    assert body["messages"][-1] == {"role": "user", "content": REQUEST.prompt}
    assert REQUEST.system in json.dumps(body)
    assert KEY in (headers.get("x-api-key", ""), headers.get("authorization", "").removeprefix("Bearer "))


async def test_a_cap_is_above_what_the_texts_and_the_answer_can_count(protocol: Protocol, server: Server) -> None:
    model = protocol.connect(server)
    assert model.cap(REQUEST) >= 64 + len(REQUEST.system + REQUEST.prompt) / 4
    wide = ModelRequest(purpose="review", system="", prompt="漢字" * 100, max_output_tokens=1)
    assert model.cap(wide) >= 200


async def test_usage_that_nobody_counted_is_estimated_and_says_so(protocol: Protocol, server: Server) -> None:
    body = protocol.answer("four char tokens")
    del body["usage"]
    server.replies = [Reply(body=json.dumps(body).encode())]
    answer = await protocol.connect(server).complete(REQUEST)
    assert (answer.output_tokens, answer.estimated) == (4, True)
    assert answer.input_tokens > 0


@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_an_overloaded_provider_is_asked_again(protocol: Protocol, server: Server, status: int) -> None:
    server.replies = [protocol.fails(status), protocol.says("Now I can.")]
    assert (await protocol.connect(server).complete(REQUEST)).text == "Now I can."
    assert len(server.requests) == 2


async def test_a_provider_that_stays_away_is_asked_a_bounded_number_of_times(
    protocol: Protocol, server: Server
) -> None:
    server.replies = [protocol.fails(503, f"bad gateway {KEY}")]
    with pytest.raises(ModelUnavailable, match=f"{protocol.name}:model-1 answered HTTP 503") as caught:
        await protocol.connect(server, attempts=3).complete(REQUEST)
    assert len(server.requests) == 3
    assert KEY not in str(caught.value)


async def test_a_long_wait_is_left_to_the_caller(protocol: Protocol, server: Server) -> None:
    server.replies = [protocol.fails(429, headers={"retry-after": "3600"})]
    with pytest.raises(ModelUnavailable) as caught:
        await protocol.connect(server).complete(REQUEST)
    assert (caught.value.retry_after, len(server.requests)) == (3600.0, 1)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_bad_key_is_refused_at_once_and_never_repeated(protocol: Protocol, server: Server, status: int) -> None:
    server.replies = [protocol.fails(status, f"Incorrect API key provided: {KEY[:12]}")]
    with pytest.raises(ModelRefused, match=f"HTTP {status}, check its key") as caught:
        await protocol.connect(server).complete(REQUEST)
    assert KEY[:12] not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_a_bad_request_is_refused_with_the_providers_reason(
    protocol: Protocol, server: Server, status: int
) -> None:
    server.replies = [protocol.fails(status, f"model-1 is not here, {KEY}")]
    with pytest.raises(ModelRefused, match=f"HTTP {status}: model-1 is not here") as caught:
        await protocol.connect(server).complete(REQUEST)
    assert KEY not in str(caught.value)
    assert caught.value.outline.endswith(f"HTTP {status}")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>It works!</html>", headers={"content-type": "text/html"}),
        Reply(body=b"{not json"),
        Reply(body=b"[]"),
        Reply(body=b"{}"),
        Reply(body=b"null"),
        Reply(body=b'{"content": 7, "choices": {}}'),
    ],
    ids=["html", "no-json", "list", "empty", "null", "other-types"],
)
async def test_what_is_no_answer_counts_as_unavailable(protocol: Protocol, server: Server, reply: Reply) -> None:
    server.replies = [reply]
    with pytest.raises(ModelUnavailable, match="answered what is no"):
        await protocol.connect(server).complete(REQUEST)


async def test_a_silent_provider_is_given_up_and_not_asked_again(protocol: Protocol, server: Server) -> None:
    server.replies = [Reply(body=None)]
    with pytest.raises(ModelUnavailable, match="did not answer within"):
        await protocol.connect(server, timeout=0.2).complete(REQUEST)
    assert len(server.requests) == 1


async def test_a_provider_that_nobody_reaches_is_unavailable(protocol: Protocol) -> None:
    async with serving() as server:
        model = protocol.connect(server)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await model.complete(REQUEST)


async def test_the_review_joins_a_providers_findings_with_its_own(protocol: Protocol, server: Server) -> None:
    item = {"path": "src/pay.py", "line": 3, "severity": "high", "rule": "wrong-limit", "message": "it was 5 before"}
    server.replies = [protocol.says(f"```json\n{json.dumps({'findings': [item]})}\n```")]
    context = LocalContext(protocol.connect(server), tokens=4_000)
    result = await review(review_task(), context)
    assert [(finding["rule"], finding["line"]) for finding in result["findings"]] == [
        ("wrong-limit", 3),
        ("debug-leftover", 2),
    ]
    assert (result["verdict"], result["model"]) == ("request_changes", f"{protocol.name}:model-1")
    assert context.tokens_left == 4_000 - 25 - 7


async def test_the_review_stands_without_its_provider(protocol: Protocol, server: Server) -> None:
    server.replies = [protocol.fails(401, f"bad key {KEY}")]
    result = await review(review_task(), LocalContext(protocol.connect(server), tokens=4_000))
    assert [finding["rule"] for finding in result["findings"]] == ["debug-leftover"]
    assert "the model was not heard" in result["summary"]
    assert KEY not in json.dumps(result)


async def test_a_provider_is_not_asked_for_more_than_the_run_may_use(protocol: Protocol, server: Server) -> None:
    context = LocalContext(protocol.connect(server), tokens=64)
    with pytest.raises(TokensSpent):
        await context.model.complete(REQUEST)
    assert server.requests == []


def review_task() -> Task:
    signal = Signal(id="s", source="github", kind="pull_request.opened", payload={"diff": DIFF})
    return Task(
        run_id="r", execution_id="e", agent="a", step="s", attempt=1, priority="high", tokens=4_000, signals=(signal,)
    )


@pytest.mark.parametrize(
    ("model", "env", "name"),
    [
        ("offline", {"ANTHROPIC_API_KEY": KEY}, "offline"),
        ("auto", {}, "offline"),
        ("auto", {"ANTHROPIC_API_KEY": ""}, "offline"),
        ("auto", {"ANTHROPIC_API_KEY": KEY, "OPENAI_API_KEY": KEY}, "anthropic:claude-sonnet-5-5"),
        ("auto", {"ANTHROPIC_API_KEY": KEY, "REVEILLE_ANTHROPIC_MODEL": "own"}, "anthropic:own"),
        ("auto", {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "REVEILLE_OPENAI_MODEL": "llama"}, "openai:llama"),
        ("auto", {"OPENAI_API_KEY": KEY}, "openai:gpt-5.4-mini"),
        ("anthropic:own", {"ANTHROPIC_API_KEY": KEY}, "anthropic:own"),
        ("openai:llama:7b", {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "openai:llama:7b"),
    ],
)
async def test_a_setting_names_its_model(model: str, env: dict[str, str], name: str) -> None:
    assert choose(model, env).name == name


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("claude", "expected offline, auto, anthropic:<model> or openai:<model>"),
        ("", "expected offline, auto, anthropic:<model> or openai:<model>"),
        ("anthropic:", "expected offline, auto, anthropic:<model> or openai:<model>"),
        ("offline:x", "expected offline, auto, anthropic:<model> or openai:<model>"),
        ("anthropic:own", "expected it in ANTHROPIC_API_KEY"),
        ("openai:own", "expected OPENAI_API_KEY or OPENAI_BASE_URL"),
    ],
)
async def test_a_setting_that_names_none_is_refused_with_what_is_expected(model: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        choose(model, {})


async def test_the_chosen_model_uses_the_address_of_its_setting(protocol: Protocol, server: Server) -> None:
    server.replies = [protocol.says("Here.")]
    prefix = protocol.name.upper()
    env = {f"{prefix}_API_KEY": KEY, f"{prefix}_BASE_URL": server.url + protocol.base}
    assert (await choose(f"{protocol.name}:model-1", env).complete(REQUEST)).text == "Here."


async def test_a_key_may_stand_in_a_file(protocol: Protocol, server: Server, tmp_path: Path) -> None:
    server.replies = [protocol.says("Here.")]
    prefix = protocol.name.upper()
    env = {f"{prefix}_API_KEY_FILE": str(tmp_path / "key"), f"{prefix}_BASE_URL": server.url + protocol.base}
    with pytest.raises(ValueError, match=f"{prefix}_API_KEY_FILE names .*key, expected a file that can be read"):
        choose(f"{protocol.name}:model-1", env)
    (tmp_path / "key").write_text(f"{KEY}\n")
    assert (await choose("auto", env).complete(REQUEST)).text == "Here."
    (_, headers, _) = server.requests[-1]
    assert KEY in str(headers)


async def test_the_offline_model_keeps_its_cap() -> None:
    answer = await OfflineModel().complete(REQUEST)
    assert answer.input_tokens + answer.output_tokens <= OfflineModel().cap(REQUEST)
