"""An agent that runs elsewhere and connects by WebSocket: `serve` is all that it takes (docs/agent-socket.md)."""

import asyncio
import json
import random
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from reveille.agents.model import Model, TokensSpent
from reveille.agents.models.offline import OfflineModel
from reveille.agents.remote_context import RemoteContext
from reveille.agents.skill import Skill
from reveille.agents.task import HandedOn, Input, Signal, Task
from reveille.agents.tool import Tool
from reveille.agents.tools.builtin import builtin_tools
from reveille.agents.tools.signals import recent_at

# A trigger carries at most 2 MiB of payloads, as much of results, 500 inputs of 4,000 characters with their tags, and
# what JSON makes of them.
MAX_MESSAGE: Final = 32 * 1024 * 1024
MAX_RESULT_BYTES: Final = 128 * 1024
FIRST_BACKOFF_SECONDS: Final = 0.2
MAX_BACKOFF_SECONDS: Final = 15.0
# Refusals that no waiting mends.
FOR_GOOD: Final = (400, 401, 403, 404, 422)


class Refused(Exception):
    """The platform will not have this agent as it is; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """For whoever watches. what: connected, disconnected, started, progress, completed, failed, cancelled, recorded."""

    what: str
    run_id: str = ""
    text: str = ""
    tokens: int = 0


def _unseen(happened: Happened) -> None:
    pass


async def serve(
    url: str,
    agent: str,
    skill: Skill,
    *,
    key: str | None = None,
    tls: ssl.SSLContext | None = None,
    capacity: int = 1,
    model: Model | None = None,
    tools: Mapping[str, Tool] | None = None,
    see: Callable[[Happened], None] = _unseen,
) -> None:
    """Do the work that agent `agent` is woken for, until cancelled. Raises Refused where the first connection is.

    A lost connection is made again, and what is under way goes on meanwhile: nothing is done twice, and a result is
    told until it is recorded. capacity: runs at a time. tools: in place of those that every agent has. tls: whom to
    trust, and what to show, where that is not what the system trusts.
    """
    address = _address(url, agent, capacity)
    await _Client(
        address,
        skill,
        key=key,
        tls=tls,
        model=model or OfflineModel(),
        tools={**builtin_tools(), "signals.recent": recent_at(address, key=key, tls=tls)} if tools is None else tools,
        see=see,
    ).run()


class _Run:
    """One attempt that was taken on. end: what is told of it until it is recorded."""

    def __init__(self, attempt: int, context: RemoteContext) -> None:
        self.attempt = attempt
        self.context = context
        self.task: asyncio.Task[None] | None = None
        self.end: dict[str, Any] | None = None


class _Client:
    def __init__(
        self,
        address: str,
        skill: Skill,
        *,
        key: str | None,
        tls: ssl.SSLContext | None,
        model: Model,
        tools: Mapping[str, Tool],
        see: Callable[[Happened], None],
    ) -> None:
        self._address = address
        self._tls: dict[str, Any] = {"ssl": tls} if tls and address.startswith("wss:") else {}
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._skill = skill
        self._model = model
        self._tools = tools
        self._see = see
        self._runs: dict[str, _Run] = {}
        self._socket: ClientConnection | None = None
        # Whether this connection is, and whether any has been.
        self._welcomed = False
        self._known = False

    async def run(self) -> None:
        refusal: Refused | None = None
        failures = 0
        async with asyncio.TaskGroup() as tasks:
            while refusal is None:
                try:
                    reason = await self._once(tasks)
                except Refused as error:
                    refusal = error
                    continue
                failures = 0 if self._welcomed else failures + 1
                self._see(Happened(what="disconnected", text=reason))
                # Spread, so that all agents of a platform that restarts do not come back at one time.
                backoff = min(MAX_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2 ** min(failures, 10))
                await asyncio.sleep(backoff * (0.5 + random.random()))
        raise refusal

    async def _once(self, tasks: asyncio.TaskGroup) -> str:
        """One connection, to its end: why it ended. Raises Refused where the platform has never taken this agent."""
        self._welcomed = False
        try:
            async with connect(
                self._address, additional_headers=self._headers, max_size=MAX_MESSAGE, compression=None, **self._tls
            ) as socket:
                self._socket = socket
                async for text in socket:
                    await self._hear(json.loads(text), tasks)
            return f"{socket.close_code} {socket.close_reason or ''}".strip()
        except InvalidStatus as error:
            status, detail = error.response.status_code, _detail(error.response.body)
            if status in FOR_GOOD and not self._known:
                raise Refused(f"{status}: {detail}") from error
            return f"{status}: {detail}"
        except InvalidURI as error:
            raise Refused(str(error)) from error
        except (ConnectionClosed, OSError, InvalidHandshake, TimeoutError) as error:
            return str(error) or type(error).__name__
        finally:
            self._socket = None

    async def _hear(self, said: dict[str, Any], tasks: asyncio.TaskGroup) -> None:
        run_id = str(said.get("runId") or "")
        run = self._runs.get(run_id)
        match said.get("type"):
            case "welcome":
                self._welcomed = self._known = True
                self._see(Happened(what="connected", text=str(said.get("state", ""))))
                for known in self._runs.values():
                    if known.end is not None:
                        await self._say(known.end)
            case "trigger":
                await self._take(said, tasks)
            case "cancel" if run is not None:
                self._drop(run_id)
                self._see(Happened(what="cancelled", run_id=run_id))
            case "recorded" if run is not None:
                del self._runs[run_id]
                self._see(Happened(what="recorded", run_id=run_id, tokens=run.context.used))
            case "tokens" if run is not None:
                run.context.take_tokens(int(said["tokens"]), granted=bool(said["granted"]))
            case "handed_on" if run is not None:
                run.context.take_handed_on(int(said["number"]), said.get("error"))
            case "error" if run is not None and said.get("code") in ("unknown_run", "wrong_attempt"):
                self._drop(run_id)
            case "ping":
                await self._say({"type": "pong"})

    async def _take(self, said: dict[str, Any], tasks: asyncio.TaskGroup) -> None:
        """Told again after a lost connection, it is what is under way, or done, already."""
        run_id, attempt = str(said["runId"]), int(said["attempt"])
        await self._say({"type": "ack", "runId": run_id, "attempt": attempt})
        run = self._runs.get(run_id)
        if run is not None and run.attempt == attempt:
            if run.end is not None:
                await self._say(run.end)
            else:
                await run.context.resume(limit=int(said["tokens"]))
            return
        context = RemoteContext(
            run_id,
            self._say,
            limit=int(said["tokens"]),
            used=int(said.get("tokensUsed") or 0),
            agents=said["task"].get("agents") or {},
            mark=said["task"].get("mark") or "",
            model=self._model,
            tools=self._tools,
        )
        run = self._runs[run_id] = _Run(attempt, context)
        run.task = tasks.create_task(self._work(_task_of(said), run), name=f"run {run_id}")

    async def _work(self, task: Task, run: _Run) -> None:
        self._see(Happened(what="started", run_id=task.run_id, text=_about(task)))
        end = await self._end(task, run.context)
        run.end = {**end, "runId": task.run_id, "attempt": task.attempt, "tokensUsed": run.context.used}
        what = "completed" if end["type"] == "task_complete" else "failed"
        self._see(Happened(what=what, run_id=task.run_id, text=end.get("error", ""), tokens=run.context.used))
        await self._say(run.end)

    async def _end(self, task: Task, context: RemoteContext) -> dict[str, Any]:
        partial = False
        try:
            result = await self._skill(task, context)
        except TokensSpent as error:
            if context.kept is None:
                return _failed(str(error), retry=False)
            result, partial = {**context.kept, "partial": True}, True
        except asyncio.CancelledError:
            if context.cancelled:
                raise
            return _failed("the skill ended as cancelled, and nobody cancelled it", retry=True)
        except (Exception, SystemExit) as error:  # a skill that exits ends its run, not its agent
            return _failed(f"{type(error).__name__}: {error}", retry=True)
        if not isinstance(result, Mapping | None):
            told = f"the skill's result is not JSON: it is a {type(result).__name__}, expected a mapping"
            return _failed(told, retry=False)
        try:
            size = len(json.dumps(dict(result or {}), ensure_ascii=False, allow_nan=False).encode())
        except (TypeError, ValueError) as error:
            return _failed(f"the skill's result is not JSON: {error}", retry=False)
        if size > MAX_RESULT_BYTES:
            return _failed(f"a result of {size} bytes, at most {MAX_RESULT_BYTES}", retry=False)
        return {"type": "task_complete", "result": dict(result or {}), "partial": partial}

    def _drop(self, run_id: str) -> None:
        run = self._runs.pop(run_id)
        if run.task is not None:
            run.task.cancel()

    async def _say(self, message: dict[str, Any]) -> None:
        """What is said into a lost connection is lost: what must arrive is said again after the next one."""
        if message["type"] == "progress" and message.get("text"):
            self._see(Happened(what="progress", run_id=message["runId"], text=message["text"]))
        if self._socket is not None:
            with suppress(ConnectionClosed):
                await self._socket.send(json.dumps(message, ensure_ascii=False))


def _failed(error: str, *, retry: bool) -> dict[str, Any]:
    return {"type": "task_failed", "error": error, "retry": retry}


def _task_of(said: Mapping[str, Any]) -> Task:
    """Fields that a newer platform adds are not known here, and left out."""
    told = said["task"]
    known = Signal.__dataclass_fields__
    signals = []
    for one in said["signals"]:
        fields = {name: value for name, value in one.items() if name in known}
        paths = fields.get("paths")
        fields |= {"paths": None if paths is None else tuple(paths), "payload": fields.get("payload") or {}}
        signals.append(Signal(**fields))
    handed = told.get("handedOn")
    return Task(
        run_id=said["runId"],
        execution_id=told["executionId"],
        agent=told["agent"],
        step=told["step"],
        attempt=said["attempt"],
        priority=said["priority"],
        tokens=said["tokens"],
        signals=tuple(signals),
        rule=told.get("rule") or "",
        handed_on=HandedOn(by=handed["by"], note=handed["note"], payload=handed["payload"]) if handed else None,
        blueprint=told.get("blueprint") or "",
        inputs=tuple(_input_of(one) for one in told.get("inputs") or ()),
        facts=told.get("facts") or {},
        results=told.get("results") or {},
        item=told.get("item"),
        undoes=told.get("undoes"),
        department=told.get("department", ""),
        role=told.get("role", ""),
        round=told.get("round", 0),
    )


def _input_of(told: Mapping[str, Any]) -> Input:
    fields = {name: value for name, value in told.items() if name in Input.__dataclass_fields__}
    return Input(**{**fields, "tags": tuple(fields.get("tags") or ())})


def _about(task: Task) -> str:
    if not task.signals:
        return task.rule or f"{task.blueprint} {task.step}".strip()
    first, more = task.signals[0], len(task.signals) - 1
    what = f"{first.kind} {first.repository}".strip()
    return f"{what} and {more} more" if more else what


def _address(url: str, agent: str, capacity: int) -> str:
    """`ws://host:3005` and `http://host:3004` alike; a path of its own stays before the socket's."""
    parts = urlsplit(url if "://" in url else f"ws://{url}")
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    query = urlencode({"agent": agent, "capacity": capacity})
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/?{query}"


def _detail(body: bytes | bytearray | None) -> str:
    """Of a problem document."""
    try:
        return str(json.loads(body or b"")["detail"])
    except (ValueError, KeyError, TypeError):
        return "the platform gave no reason"
