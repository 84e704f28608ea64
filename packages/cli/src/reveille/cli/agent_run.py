"""`reveille agent run`: an agent in a process of its own, connected to a platform by WebSocket."""

import asyncio
import importlib.util
import inspect
import logging
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from reveille.agents import Skill, SkillNotFound, load_skill
from reveille.agents.models.selection import choose
from reveille.agents.remote import Happened, Refused, serve
from reveille.cli.trusting import trusted
from reveille.kernel.errors import Misconfigured

COLOURS: Final = {
    "connected": "green",
    "disconnected": "yellow",
    "started": "cyan",
    "progress": "dim",
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
    "recorded": "dim",
}
KEY: Final = "REVEILLE_AGENT_KEY"


def run(
    code: str,
    *,
    agent: str,
    url: str,
    key_file: Path | None,
    capacity: int,
    model: str,
    ready_file: Path | None,
    environment: Mapping[str, str],
) -> None:
    """Until it is stopped. Raises Misconfigured with one line where the skill, the key or the platform is not right.

    ready_file: is there while it is connected, for whoever looks after its process.
    """
    skill = skill_of(code)
    key = _key(key_file, environment)
    tls = trusted(environment)
    try:
        chosen = choose(model, environment)
    except ValueError as error:
        raise Misconfigured(str(error)) from error
    # What the client's library says about a lost connection is said here in one line.
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    lines = _Lines(agent)
    ready = _ReadyFile(ready_file) if ready_file else None

    def see(happened: Happened) -> None:
        lines(happened)
        if ready is not None:
            ready(happened)

    async def until_stopped() -> None:
        serving = asyncio.ensure_future(
            serve(url, agent, skill, key=key, tls=tls, capacity=capacity, model=chosen, see=see)
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with suppress(asyncio.CancelledError):
            await serving

    try:
        asyncio.run(until_stopped())
    except Refused as error:
        raise Misconfigured(f"{url} refuses agent {agent}: {error}") from error
    finally:
        if ready is not None:
            ready.remove()


def skill_of(code: str) -> Skill:
    """`my_agent.py`, `my_agent.py:function` or `package.module:function`. Raises Misconfigured."""
    file, _, function = code.partition(":") if not code.startswith(":") else (code, "", "")
    if not file.endswith(".py"):
        try:
            return load_skill(code)
        except SkillNotFound as error:
            raise Misconfigured(str(error)) from error
    path = Path(file).resolve()
    if not path.is_file():
        raise Misconfigured(f"there is no file {file}, expected the Python file of an agent")
    # As `python my_agent.py` would: what lies beside it can be imported.
    sys.path.insert(0, str(path.parent))
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Misconfigured(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
    try:
        return load_skill(f"{name}:{function or _only_function(file, vars(module), name)}")
    except SkillNotFound as error:
        raise Misconfigured(str(error)) from error


def _only_function(file: str, found: Mapping[str, object], module: str) -> str:
    """The one that can only be meant: of those that the file itself defines."""
    names = [
        name
        for name, thing in found.items()
        if inspect.iscoroutinefunction(thing) and thing.__module__ == module and not name.startswith("_")
    ]
    if len(names) == 1:
        return names[0]
    listed = ", ".join(names) or "none"
    raise Misconfigured(f"{file} has these async functions: {listed}; expected one, or {file}:FUNCTION")


def _key(file: Path | None, environment: Mapping[str, str]) -> str | None:
    if file is None:
        return environment.get(KEY) or None
    try:
        key = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"--key-file names {file}, expected a file that can be read") from error
    if not key:
        raise Misconfigured(f"--key-file names {file}, which is empty, expected a key in it")
    return key


class _Lines:
    """One line for whatever happens; to a terminal in colours."""

    def __init__(self, agent: str) -> None:
        self._agent = agent
        # Lines are for logs too: they are not folded to a width.
        self._console = Console(highlight=False, soft_wrap=True)
        self._down = False
        # Of a run the first 8 digits are told.
        self._width = max(8, len(agent))

    def __call__(self, happened: Happened) -> None:
        if happened.what == "disconnected":
            if self._down:
                return  # of the attempts to come back, the first is told
            self._down = True
        elif happened.what == "connected":
            self._down = False
        time = datetime.now().astimezone().strftime("%H:%M:%S")
        run = happened.run_id.split("-")[0] or self._agent
        tokens = f"{happened.tokens} tokens" if happened.tokens else ""
        told = "  ".join(escape(part) for part in (happened.text, tokens) if part)
        colour = COLOURS[happened.what]
        self._console.print(
            f"[dim]{time}[/]  {escape(run):<{self._width}}  [{colour}]{happened.what:<12}[/]  {told}".rstrip()
        )


class _ReadyFile:
    """Raises Misconfigured at first where the file cannot be made; later whoever looks for it misses it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            file.touch()
        except OSError as error:
            told = error.strerror or "it cannot be made"
            raise Misconfigured(f"--ready-file names {file}, expected a file that can be made: {told}") from error
        self.remove()

    def __call__(self, happened: Happened) -> None:
        if happened.what == "connected":
            with suppress(OSError):
                self._file.touch()
        elif happened.what == "disconnected":
            self.remove()

    def remove(self) -> None:
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
