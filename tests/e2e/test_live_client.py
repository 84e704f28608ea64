"""Live events by the SDK's client, the page's example and the command, on a platform as it runs."""

import asyncio
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from reveille.agents.live import LiveEvent, LiveEvents, LiveState, Refused
from tests.e2e.conftest import Make
from tests.e2e.running import COMMAND, PATIENCE, Platform, environment, reveille, until

PAGE: Final = Path(__file__).parents[2] / "docs" / "live.md"
END: Final = "orchestration-complete"
NUMBERS: Final = count(1)


@pytest.fixture(scope="module")
def platform(make_for_module: Make) -> Platform:
    """With the fleet that ships."""
    started: Platform = make_for_module(fleet=None).start()
    return started


def begin(platform: Platform, *inputs: str, **more: Any) -> str:
    """A party that is planned; its id."""
    id = f"watched-{next(NUMBERS)}"
    body = {"blueprint": "party", "execution_id": id, "inputs": [{"content": one} for one in inputs], **more}
    answer = platform.http.post("/api/v1/executions", json=body)
    assert answer.status_code == 202, answer.text
    return id


def add(platform: Platform, execution: str, content: str) -> None:
    answer = platform.http.post(f"/api/v1/executions/{execution}/inputs", json={"content": content})
    assert answer.status_code == 202, answer.text


def settled(platform: Platform, execution: str) -> Any:
    """Once nothing of it is under way."""

    def look() -> Any:
        found = platform.get(f"/api/v1/executions/{execution}")
        return found if found["settled"] else None

    found = until(look, f"{execution} is settled")
    platform.get(f"/api/v1/executions/{execution}/events", wait_for=found["position"])
    return found


async def take_until(events: AsyncGenerator[LiveEvent, None], last: int) -> list[LiveEvent]:
    """Up to this sequence of whichever execution."""
    taken: list[LiveEvent] = []
    async with asyncio.timeout(PATIENCE), aclosing(events):
        async for event in events:
            taken.append(event)
            if event.sequence == last:
                break
    return taken


async def read(events: AsyncGenerator[LiveEvent, None]) -> list[LiveEvent]:
    async with asyncio.timeout(PATIENCE):
        return [event async for event in events]


async def test_all_ways_of_reading_tell_the_same_events(platform: Platform) -> None:
    execution = await asyncio.to_thread(begin, platform, "jungle theme party for 12 kids", "chocolate cake")
    await asyncio.to_thread(settled, platform, execution)
    async with LiveEvents(platform.url) as live:
        past = await read(live.history(execution))
        watched = await take_until(live.watch(execution_id=execution), past[-1].sequence)
        replayed = await read(live.replay(execution, speed=0))
        started = await read(live.history(execution, types=["agent-start"], agents=["theme-agent"]))
    assert [event.sequence for event in past] == list(range(1, len(past) + 1))
    assert watched == past == replayed
    assert past[0].type == "orchestration-start"
    assert past[0].data["blueprint"] == "party"
    assert [(event.type, event.agent) for event in started] == [("agent-start", "theme-agent")]
    assert {event.type for event in past} >= {"agent-start", "agent-complete"}


async def test_each_event_comes_once_while_the_platform_is_killed_and_started_again(make: Make) -> None:
    platform: Platform = await asyncio.to_thread(make(fleet=None).start)
    execution = await asyncio.to_thread(begin, platform, "space theme for 20 kids")
    states: list[LiveState] = []
    seen: list[LiveEvent] = []

    async def follow(live: LiveEvents) -> None:
        async for event in live.watch(execution_id=execution):
            seen.append(event)

    async with LiveEvents(platform.url, on_state=states.append) as live:
        following = asyncio.ensure_future(follow(live))
        await asyncio.to_thread(until, lambda: seen, "the first event is seen")
        for number, content in enumerate(("chocolate cake", "buffet for everybody", "a magician"), 1):
            await asyncio.to_thread(platform.kill)
            await asyncio.to_thread(platform.start)
            await asyncio.to_thread(until, lambda at=number: opened(states) > at, "it is connected again")
            await asyncio.to_thread(add, platform, execution, content)
        await asyncio.to_thread(settled, platform, execution)
        past = await read(live.history(execution))
        await asyncio.to_thread(until, lambda: len(seen) >= len(past), "all is seen")
        following.cancel()
        await asyncio.wait([following])
    assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
    assert seen[: len(past)] == past
    assert "waiting" in {state.what for state in states}


def opened(states: list[LiveState]) -> int:
    return [state.what for state in states].count("open")


async def test_a_conversation_tells_of_all_its_executions(platform: Platform) -> None:
    conversation = f"talk-{next(NUMBERS)}"
    first = await asyncio.to_thread(begin, platform, "pirate theme", conversation_id=conversation)
    await asyncio.to_thread(settled, platform, first)
    async with LiveEvents(platform.url) as live:
        events = live.watch(conversation_id=conversation, types=["orchestration-start"])
        async with asyncio.timeout(PATIENCE), aclosing(events):
            assert (await anext(events)).execution_id == first
            second = await asyncio.to_thread(begin, platform, "space theme", conversation_id=conversation)
            begun = await anext(events)
    assert (begun.execution_id, begun.sequence, begun.conversation_id) == (second, 1, conversation)


async def test_what_nobody_has_heard_of_is_refused_and_others_are_told(platform: Platform) -> None:
    execution = await asyncio.to_thread(begin, platform, "pirate theme")
    async with LiveEvents(platform.url) as live:
        with pytest.raises(Refused, match="there is no execution nobody") as refused:
            await take_until(live.watch(execution_id="nobody"), 1)
        assert refused.value.code == "unknown_execution"
        with pytest.raises(Refused, match="there is no execution nobody"):
            await read(live.history("nobody"))
        assert len(await take_until(live.watch(execution_id=execution), 1)) == 1


async def test_a_large_payload_is_had_whole(platform: Platform) -> None:
    texts = [f"{number}: {'a pirate party with a treasure hunt ' * 20}" for number in range(20)]
    execution = await asyncio.to_thread(begin, platform, *texts)
    await asyncio.to_thread(settled, platform, execution)
    async with LiveEvents(platform.url) as live:
        (first,) = await take_until(live.watch(execution_id=execution), 1)
        whole = await live.whole(first)
    assert len(first.data["userPrompt"]) < len(whole.data["userPrompt"])
    assert all(text.strip() in whole.data["userPrompt"] for text in texts)


def test_the_pages_example_runs_as_it_stands(platform: Platform, tmp_path: Path) -> None:
    agent = "claude-code-cli"
    execution = platform.run(agent)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "watch.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "watch.py", platform.url.replace("http", "ws", 1), execution["id"]],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["1", "orchestration-start"]
    assert f"agent-start {agent}" in done.stdout
    assert lines[-1].split()[1:] == [END, "completed"]


def test_the_command_shows_an_execution_to_its_end(platform: Platform) -> None:
    execution = platform.run("claude-code-cli")["id"]
    shown = reveille("executions", "watch", execution, "--url", platform.url)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == f"execution {execution} of agent claude-code-cli: completed"
    kinds = [kind for line in lines[1:] for kind in re.findall(r" ((?:orchestration|agent)-\w+) ", line)]
    assert (kinds[0], kinds[1], kinds[-1]) == ("orchestration-start", "agent-start", END)
    assert "completed, " in lines[-1]
    behind = reveille("executions", "watch", execution, "--after", str(len(kinds)), "--url", platform.url)
    assert (behind.returncode, len(behind.stdout.splitlines())) == (0, 1)


def test_the_command_writes_the_events_as_they_came(platform: Platform) -> None:
    ended = platform.run("claude-code-cli")
    execution, types = ended["id"], "agent-start,agent-complete"
    page = platform.get(f"/api/v1/executions/{execution}/events", type=types, wait_for=ended["position"])
    told = reveille("executions", "watch", execution, "--json", "--types", types, "--url", platform.url)
    assert (told.returncode, told.stderr) == (0, "")
    assert [json.loads(line) for line in told.stdout.splitlines()] == [item["event"] for item in page["items"]]
    assert len(page["items"]) == 2
    other = reveille("executions", "watch", execution, "--agent", "nobody", "--json", "--url", platform.url)
    assert (other.returncode, other.stdout) == (0, "")


def test_the_command_ends_with_a_living_plan_only_when_it_is_to(platform: Platform) -> None:
    execution = begin(platform, "jungle theme party for 12 kids", "at home in Austin", "chocolate cake")
    answer = settled(platform, execution)
    replayed = reveille("executions", "watch", execution, "--replay", "0", "--url", platform.url)
    assert replayed.returncode == 0
    assert "jungle theme party for 12 kids" in replayed.stdout.splitlines()[1]
    assert "theme-agent" in replayed.stdout
    platform.http.post(f"/api/v1/executions/{execution}/cancel", json={"reason": "rain"}).raise_for_status()
    ended = reveille("executions", "watch", execution, "--url", platform.url)
    assert (ended.returncode, answer["blueprint"]) == (0, "party")
    assert "cancelled" in ended.stdout.splitlines()[-1]


def test_the_command_says_that_the_connection_is_lost_and_found_again(make: Make) -> None:
    platform: Platform = make(fleet=None).start()
    execution = begin(platform, "jungle theme party for 12 kids")
    settled(platform, execution)
    with subprocess.Popen(
        [COMMAND, "executions", "watch", execution, "--url", platform.url],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        lines = iter(watching.stdout.readline, "")
        assert any("agent-complete" in line for line in lines)
        platform.kill()
        assert any("the connection is lost" in line for line in lines)
        platform.start()
        assert any("connected again, behind event" in line for line in lines)
        add(platform, execution, "chocolate cake")
        rest = next(line for line in lines if "cake-agent" in line)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE) == 130
        assert "agent-start" in rest
        assert watching.stderr is not None
        assert watching.stderr.read() == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "404 Not Found: there is no execution nobody"),
        (["nobody", "--types", "agent-asleep"], "--types has 'agent-asleep', expected of orchestration-start"),
        (["nobody", "--replay", "0.5"], "--replay is 0.5, expected 1 to 1000 times as fast"),
    ],
)
def test_what_cannot_be_watched_is_one_line(platform: Platform, arguments: list[str], message: str) -> None:
    done = reveille("executions", "watch", *arguments, "--url", platform.url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr


def test_in_a_terminal_the_agents_stand_below_the_lines(platform: Platform) -> None:
    execution = begin(platform, "jungle theme party for 12 kids")
    settled(platform, execution)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "executions", "watch", execution, "--url", platform.url],
        env={**environment(), "TERM": "xterm-256color", "LINES": "40"},
        stdout=theirs,
        stderr=subprocess.STDOUT,
        stdin=theirs,
    ) as watching:
        os.close(theirs)
        shown = b""

        def look() -> bool:
            nonlocal shown
            readable, _, _ = select.select([ours], [], [], 0.1)
            shown += os.read(ours, 65_536) if readable else b""
            plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown)
            return re.search(rb"runs +tokens +last.*theme-agent +completed", plain, re.DOTALL) is not None

        until(look, "the panel shows the agent")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE) == 130
    rest = os.read(ours, 65_536)
    os.close(ours)
    assert b"Traceback" not in shown + rest
    assert b"\x1b[?25h" in shown + rest  # the cursor is there again


def test_the_command_ends_when_a_plan_is_complete_and_not_before(platform: Platform) -> None:
    execution = begin(platform, "jungle theme party for 12 kids", "in Austin", "chocolate cake")
    with subprocess.Popen(
        [COMMAND, "executions", "watch", execution, "--until-complete", "--url", platform.url],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        assert any("cake-agent" in line and "agent-complete" in line for line in watching.stdout)
        for content in ("a park as the venue", "buffet for everybody", "a magician"):
            add(platform, execution, content)
        last = ""
        for line in watching.stdout:
            last = line
        assert watching.wait(PATIENCE) == 0
    assert END in last
    assert "completed" in last
    assert settled(platform, execution)["status"] == "completed"
    again = reveille("executions", "watch", execution, "--until-complete", "--url", platform.url)
    assert (again.returncode, END in again.stdout.splitlines()[-1]) == (0, True)
