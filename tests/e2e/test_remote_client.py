"""The SDK's client, the command, and the examples of the protocol's page, against a platform as it runs."""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from reveille.agents import Context, ModelRequest, Result, Task
from reveille.agents.remote import Happened, Refused, serve
from tests.e2e.conftest import Make
from tests.e2e.logged import named
from tests.e2e.running import COMMAND, PATIENCE, Platform, environment, until
from tests.e2e.test_remote_agents import FLEET, agent_of

PAGE: Final = Path(__file__).parents[2] / "docs" / "agent-socket.md"
AGENT: Final = """
import asyncio
from helper import NAME


async def act(task, context):
    await context.progress(f"{NAME} is on it")
    await asyncio.sleep(task.signals[0].payload.get("seconds", 0))
    return {"by": NAME, "attempt": task.attempt}
"""


@pytest.fixture(scope="module")
def platform(make_for_module: Make) -> Platform:
    started: Platform = make_for_module(fleet=FLEET).start()
    return started


@asynccontextmanager
async def served(platform: Platform, agent: str, skill: Any, **how: Any) -> AsyncIterator[list[Happened]]:
    seen: list[Happened] = []
    serving = asyncio.ensure_future(serve(platform.url, agent, skill, see=seen.append, **how))
    try:
        yield seen
    finally:
        serving.cancel()
        await asyncio.wait([serving])


async def run(platform: Platform, agent: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    return await asyncio.to_thread(platform.run, agent, payload)


@contextmanager
def process(*command: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.send_signal(signal.SIGTERM)
            started.wait(PATIENCE)


@pytest.mark.asyncio
async def test_a_skill_runs_elsewhere_as_it_would_here(platform: Platform) -> None:
    async def ask(task: Task, context: Context) -> Result:
        await context.progress("asking")
        request = ModelRequest(purpose="test", system="", prompt="What is this?", max_output_tokens=50)
        answer = await context.model.complete(request)
        used = answer.input_tokens + answer.output_tokens
        return {"left": context.tokens_left, "used": used, "kind": task.signals[0].kind}

    async with served(platform, "far", ask):
        execution = await run(platform, "far")
    result = execution["result"]
    assert (execution["status"], result["kind"]) == ("completed", "task")
    assert result["left"] == 1_000 - result["used"]
    assert execution["steps"][0]["tokens"]["used"] == result["used"] > 0


@pytest.mark.asyncio
async def test_a_skill_that_asks_for_more_than_it_was_given_is_not_let(platform: Platform) -> None:
    async def greedy(task: Task, context: Context) -> Result:
        request = ModelRequest(purpose="test", system="", prompt="?", max_output_tokens=5_000)
        context.keep({"so far": 1})
        await context.model.complete(request)
        return {}

    async with served(platform, "far", greedy):
        execution = await run(platform, "far")
    assert (execution["status"], execution["result"]) == ("completed", {"so far": 1, "partial": True})


@pytest.mark.asyncio
async def test_a_skill_looks_up_what_came_in_lately(platform: Platform) -> None:
    told = [await asyncio.to_thread(platform.trigger, "worker", {"name": name}) for name in ("first", "second")]
    await asyncio.to_thread(platform.get, "/api/v1/signals", wait_for=told[-1]["position"])

    async def look_back(task: Task, context: Context) -> Result:
        found = await context.tools.call("signals.recent", {"hours": 1, "limit": 3})
        elsewhere = await context.tools.call("signals.recent", {"repository": "acme/elsewhere"})
        return {"signals": [one["id"] for one in found], "elsewhere": elsewhere}

    async with served(platform, "far", look_back):
        execution = await run(platform, "far")
    # Its own one may be there already or not: a view may be a moment behind.
    found = [id for id in execution["result"]["signals"] if id not in execution["cause"]["signal_ids"]]
    assert found[:2] == [one["signal_id"] for one in reversed(told)]
    assert execution["result"]["elsewhere"] == []


@pytest.mark.asyncio
async def test_a_skill_gets_more_tokens_where_there_are_any(platform: Platform) -> None:
    async def asks(task: Task, context: Context) -> Result:
        before = context.tokens_left
        granted = [await context.more_tokens(tokens) for tokens in (200, 100_000_000)]
        return {"granted": granted, "more": context.tokens_left - before}

    async with served(platform, "far", asks):
        execution = await run(platform, "far")
    assert execution["result"] == {"granted": [True, False], "more": 200}


@pytest.mark.asyncio
async def test_a_skill_that_raises_is_tried_again(platform: Platform) -> None:
    async def fails(task: Task, context: Context) -> Result:
        if task.attempt == 1:
            raise RuntimeError("not yet")
        return {"attempt": task.attempt}

    async with served(platform, "far", fails):
        assert (await run(platform, "far"))["result"] == {"attempt": 2}


@pytest.mark.asyncio
async def test_a_run_outlives_its_platform_and_its_result_arrives_once(make: Make) -> None:
    platform: Platform = await asyncio.to_thread(make(fleet=FLEET).start)
    go, began = asyncio.Event(), []

    async def patient(task: Task, context: Context) -> Result:
        began.append(task.run_id)
        await go.wait()
        return {"attempt": task.attempt}

    async with served(platform, "far", patient) as seen:
        receipt = await asyncio.to_thread(platform.trigger, "far")
        await asyncio.to_thread(until, lambda: began, "it has begun")
        await asyncio.to_thread(platform.kill)
        go.set()
        await asyncio.to_thread(until, lambda: any(one.what == "completed" for one in seen), "it is done")
        await asyncio.to_thread(platform.start)
        execution = await asyncio.to_thread(platform.ended, receipt)
        await asyncio.to_thread(until, lambda: seen[-1].what == "recorded", "it knows")
    assert (execution["result"], len(began)) == ({"attempt": 1}, 1)
    assert len(named(platform.log(), "RunCompleted")) == 1


@pytest.mark.asyncio
async def test_an_agent_that_the_fleet_has_not_is_told_so(platform: Platform) -> None:
    async def never(task: Task, context: Context) -> Result:
        return None

    with pytest.raises(Refused, match="404: the fleet has no remote agent 'nobody'"):
        await serve(platform.url, "nobody", never)


def test_the_command_runs_an_agent_from_its_file(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "my_agent.py").write_text(AGENT)
    (tmp_path / "helper.py").write_text('NAME = "my agent"\n')
    with process(
        COMMAND, "agent", "run", "my_agent.py", "--agent", "far", "--url", platform.url, folder=tmp_path
    ) as running:
        execution = platform.run("far")
        assert execution["result"] == {"by": "my agent", "attempt": 1}
        until(lambda: agent_of(platform, "far")["state"] == "dormant", "it sleeps")
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
        assert running.stdout is not None
        said = running.stdout.read()
    for word in ("connected", "started", "my agent is on it", "completed", "recorded"):
        assert word in said


def test_the_command_runs_a_skill_of_a_package_and_shows_by_a_file_that_it_is_connected(
    platform: Platform, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    command = [COMMAND, "agent", "run", "reveille.agents.coding:review", "--agent", "far", "--url", platform.url]
    with process(*command, "--ready-file", str(ready), folder=tmp_path) as running:
        until(ready.exists, "it is connected")
        assert platform.run("far")["status"] == "completed"
        platform.kill()
        until(lambda: not ready.exists(), "it knows that the platform is gone")
        platform.start()
        until(ready.exists, "it is connected again")
        running.send_signal(signal.SIGTERM)
        assert running.wait(PATIENCE) == 0
    assert not ready.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py"], "there is no file nowhere.py"),
        (["two.py"], "two.py has these async functions: one, two; expected one, or two.py:FUNCTION"),
        (["broken.py"], "broken.py cannot be imported: SyntaxError"),
        (["two.py:three"], "has no function 'three'"),
        (["two.py:one", "--key-file", "nowhere"], "--key-file names nowhere, expected a file that can be read"),
        (
            ["two.py:one", "--ready-file", "nowhere/ready"],
            "--ready-file names nowhere/ready, expected a file that can be",
        ),
        (["two.py:one", "--model", "magic"], "model 'magic' is unknown"),
        (["two.py:one"], "404: the fleet has no remote agent 'nobody'"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_line(
    platform: Platform, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "two.py").write_text("async def one(task, context): ...\nasync def two(task, context): ...\n")
    (tmp_path / "broken.py").write_text("async def\n")
    done = subprocess.run(
        [COMMAND, "agent", "run", *arguments, "--agent", "nobody", "--url", platform.url],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert message in done.stderr


def node() -> list[str]:
    """Before version 22 a Node has its WebSocket behind a flag."""
    command = [shutil.which("node") or "", "--experimental-websocket"]
    if not command[0] or subprocess.run([*command, "-e", "0"], capture_output=True, check=False).returncode:
        pytest.fail("node 20.10 or newer is not installed")
    return command


@pytest.mark.parametrize(("language", "suffix"), [("python", "py"), ("javascript", "mjs")])
def test_the_pages_examples_join_as_they_stand(platform: Platform, tmp_path: Path, language: str, suffix: str) -> None:
    interpreter = [sys.executable] if language == "python" else node()
    (code,) = re.findall(f"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    at = platform.url.replace("http", "ws", 1)
    code = code.replace("ws://127.0.0.1:3005/?agent=translator", f"{at}/?agent=far")
    (tmp_path / f"agent.{suffix}").write_text(code)
    with process(*interpreter, f"agent.{suffix}", folder=tmp_path):
        execution = platform.run("far")
    assert (execution["status"], execution["result"]) == ("completed", {"signals": 1})
