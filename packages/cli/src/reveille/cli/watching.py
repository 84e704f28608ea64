"""`reveille executions watch`: what happens in an execution, as it happens."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from rich.live import Live
from rich.markup import escape
from rich.text import Text

from reveille.agents.live import TYPES, LiveEvent, LiveEvents, LiveState, Refused
from reveille.cli.asking import Platform
from reveille.cli.showing import coloured, console, one_line
from reveille.cli.trusting import trusted
from reveille.cli.watching_lines import line_of
from reveille.cli.watching_states import States
from reveille.kernel.errors import Misconfigured

ENDED: Final = ("completed", "failed", "cancelled")
END: Final = "orchestration-complete"
# Of the texts that began it.
MOST_PROMPTS: Final = 5
INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """types, agents, departments: of what is shown; () is all. replay: None is live, 0 as fast as it can be shown."""

    execution_id: str
    after: int = 0
    types: Sequence[str] = ()
    agents: Sequence[str] = ()
    departments: Sequence[str] = ()
    replay: float | None = None
    until_complete: bool = False
    as_json: bool = False

    def shows(self, event: LiveEvent) -> bool:
        return (
            (not self.types or event.type in self.types)
            and (not self.agents or event.agent in self.agents)
            and (not self.departments or event.department in self.departments)
        )


def watch(url: str, token: str, asked: Asked) -> int:
    """The exit code. Raises Misconfigured with one line."""
    if unknown := [one for one in asked.types if one not in TYPES]:
        raise Misconfigured(f"--types has {unknown[0]!r}, expected of {', '.join(TYPES)}")
    if asked.replay is not None and not (asked.replay == 0 or 1 <= asked.replay <= 1000):
        raise Misconfigured(f"--replay is {asked.replay:g}, expected 1 to 1000 times as fast, or 0: without a pause")
    # What the client's library says about a lost connection is said here in one line.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_Watching(url, token, asked).run())
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read it has enough, and nothing is to be said about that when the process ends either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (Refused, ConnectionError) as error:
        raise Misconfigured(str(error)) from error
    return 0


class _Watching:
    def __init__(self, url: str, token: str, asked: Asked) -> None:
        self._url = url
        self._token = token
        self._asked = asked
        self._platform = Platform(url, token)
        self._states = States()
        self._panel: Live | None = None
        self._lost = False
        self._last = asked.after
        # Whether it may go on after it has completed, and the last completion that counts no more.
        self._living = False
        self._stale = 0

    async def run(self) -> None:
        asked = self._asked
        try:
            live = LiveEvents(self._url, key=self._token or None, tls=trusted(os.environ), on_state=self._tell_state)
        except ValueError as error:
            raise Misconfigured(f"--url: {error}") from error
        async with live:
            if await self._begin(live):
                return
            if asked.replay is None:
                events = live.watch(execution_id=asked.execution_id, after=asked.after)
            else:
                events = live.replay(asked.execution_id, speed=asked.replay, after=asked.after)
            if asked.as_json or not console.is_terminal:
                await self._show(events)
                return
            with Live(self._states.table(), console=console, refresh_per_second=8) as self._panel:
                await self._show(events)

    async def _begin(self, live: LiveEvents) -> bool:
        """Say what it is. Whether it has ended, and nothing is left to show."""
        before = await self._completions(live)
        path = f"/api/v1/executions/{quote(self._asked.execution_id, safe='')}"
        one = await asyncio.to_thread(self._platform.get, path)
        if not self._asked.as_json:
            _introduce(one)
        self._living = bool(one["blueprint"]) and one["status"] != "cancelled"
        if one["status"] not in ENDED:
            self._stale = before
            return False
        # Of a plan that has completed several times, the last one is its end: it may not be told here yet.
        await asyncio.to_thread(self._platform.get, f"{path}/events", limit=1, wait_for=one["position"])
        last = await self._completions(live)
        self._stale = last - 1
        ends = not self._living or self._asked.until_complete
        return self._asked.replay is None and ends and 0 < last <= self._asked.after

    async def _completions(self, live: LiveEvents) -> int:
        """The sequence of the last one; 0: there is none. A plan that nobody has begun yet has no history."""
        last = 0
        try:
            async for event in live.history(self._asked.execution_id, types=[END]):
                last = event.sequence
        except Refused as error:
            if error.code not in ("unknown_execution", "not_found", "404"):
                raise
        return last

    async def _show(self, events: AsyncGenerator[LiveEvent, None]) -> None:
        async with aclosing(events):
            async for event in events:
                self._last = event.sequence
                if self._asked.as_json:
                    if self._asked.shows(event):
                        print(json.dumps(dict(event.wire), ensure_ascii=False), flush=True)
                else:
                    self._states.take(event)
                    if self._asked.shows(event):
                        console.print(line_of(event), no_wrap=True, overflow="ellipsis", crop=True)
                    if self._panel is not None:
                        self._panel.update(self._states.table())
                if self._is_end(event):
                    return

    def _is_end(self, event: LiveEvent) -> bool:
        if event.type != END or self._asked.replay is not None:
            return False
        if event.data.get("status") == "cancelled" or not self._living:
            return True
        if self._asked.until_complete:
            return event.sequence > self._stale
        if event.sequence > self._stale and not self._asked.as_json:
            self._note("[dim]it goes on when its inputs change; ctrl-c ends the watch[/]")
        return False

    def _tell_state(self, state: LiveState) -> None:
        if state.what == "waiting" and not self._lost:
            self._lost = True
            self._note(f"[yellow]the connection is lost ({escape(one_line(state.reason))}); coming back[/]")
        elif state.what == "open" and self._lost:
            self._lost = False
            self._note(f"[green]connected again, behind event {self._last}[/]")

    def _note(self, markup: str) -> None:
        """What is no event goes where it disturbs no program."""
        if self._asked.as_json:
            print(Text.from_markup(markup).plain, file=sys.stderr, flush=True)
        else:
            console.print(markup)


def _introduce(one: dict[str, Any]) -> None:
    agents = ", ".join(step["agent"] for step in one["steps"][:1])
    of = f"of {escape(one['blueprint'])}" if one["blueprint"] else f"of agent {escape(agents)}" if agents else ""
    console.print(f"execution [bold]{escape(one['id'])}[/bold] {of}: {coloured(one['status'])}", soft_wrap=True)
    prompts = [one_line(given["content"]) for given in one["inputs"] or ()]
    for prompt in prompts[:MOST_PROMPTS]:
        console.print(f"  [italic]{escape(prompt)}[/]", soft_wrap=True)
    if len(prompts) > MOST_PROMPTS:
        console.print(f"  [dim]and {len(prompts) - MOST_PROMPTS} more[/]")
