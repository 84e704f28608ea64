"""One socket to the platform that comes back when it is lost, and goes on where each of its readers was."""

import asyncio
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException

from reveille.agents.live_event import Refused, event_of
from reveille.agents.live_state import Backoff, LiveState
from reveille.agents.live_watch import Key, Subscription, Watch, request_of

# An event has its large payloads by reference; its texts are of at most this with room to spare.
MAX_MESSAGE: Final = 4 * 1024 * 1024
# Half of what the platform may be told to take for silence; whatever is not answered by then is asked again.
TICK_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 2.0
# Refusals that no waiting mends, where nothing was ever told; and a close that is one.
FOR_GOOD: Final = (400, 401, 403, 404, 422)
POLICY: Final = 1008
RESTARTING: Final = 1012
# Of a subscription. Those of `BEHIND` are so of one that was there before too: by a replica that is not so far yet.
PASSING: Final = frozenset({"flooded", "too_many_requests", "unavailable", "too_many_subscriptions"})
BEHIND: Final = frozenset({"unknown_execution", "unknown_conversation", "invalid_after"})
BEHIND_ROUNDS: Final = 8
# Of what a close frame gives as the reason.
MAX_REASON: Final = 200


class Link:
    """`run` it, until it is cancelled or refused; then its watches end with the reason."""

    def __init__(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        backoff: Backoff,
        tell: Callable[[LiveState], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._address = address
        self._tls: dict[str, Any] = {"ssl": tls} if tls and address.startswith("wss:") else {}
        self._headers = dict(headers)
        self._backoff = backoff
        self._tell = tell
        self._subscriptions: dict[Key, Subscription] = {}
        self._stale: dict[Key, None] = {}
        self._work = asyncio.Event()
        self._refs = count(1)
        self._pong_due = False
        # Whether this connection has told anything, and whether any has.
        self._heard = False
        self._known = False
        self.ended = False

    @contextmanager
    def watching(self, watch: Watch) -> Iterator[None]:
        """Several may watch the same; each gets what it wants of it."""
        key = watch.wanted.key
        subscription = self._subscriptions.setdefault(key, Subscription())
        subscription.watches.append(watch)
        self._renew(key)
        try:
            yield
        finally:
            subscription.watches.remove(watch)
            if all(one.behind for one in subscription.watches):
                self._renew(key)

    def resume(self, watch: Watch) -> None:
        """It has room again."""
        watch.behind = False
        self._renew(watch.wanted.key)

    async def run(self) -> None:
        failures = 0
        try:
            while True:
                self._tell(LiveState(what="connecting"))
                code, reason = await self._once()
                if code == POLICY:
                    raise Refused(reason or "the platform closes it for good", code="refused")
                # A platform that restarts has said so to take its clients elsewhere: it is there at once.
                at_once = code == RESTARTING and self._heard
                failures = 0 if self._heard else failures + 1
                self._tell(LiveState(what="waiting", reason=reason))
                await asyncio.sleep(0 if at_once else self._backoff.seconds(failures))
        except Refused as error:
            self._end(error)
        finally:
            self._end(Refused("the connection has ended", code="ended"))

    def _end(self, error: Refused) -> None:
        self.ended = True
        for subscription in self._subscriptions.values():
            for watch in subscription.watches:
                watch.end(Refused(str(error), code=error.code))

    async def _once(self) -> tuple[int, str]:
        """One connection, to its end: with which code, and why. Raises Refused where none is ever to be had."""
        self._heard = self._pong_due = False
        try:
            async with connect(
                self._address,
                additional_headers=self._headers,
                max_size=MAX_MESSAGE,
                close_timeout=CLOSE_SECONDS,
                compression=None,
                **self._tls,
            ) as socket:
                self._tell(LiveState(what="open"))
                for key, subscription in self._subscriptions.items():
                    subscription.asked = False
                    self._renew(key)
                async with asyncio.TaskGroup() as tasks:
                    speaking = tasks.create_task(self._speak(socket), name="live events: what is asked")
                    await self._hear(socket)
                    speaking.cancel()
            code, reason = socket.close_code or 0, (socket.close_reason or "")[:MAX_REASON]
            return code, f"closed with {code}{f': {reason}' if reason else ''}"
        except InvalidStatus as error:
            status, detail = error.response.status_code, _detail(error.response.body)
            if status in FOR_GOOD and not self._known:
                raise Refused(f"{status}: {detail}", code=str(status)) from error
            return 0, f"{status}: {detail}"
        except InvalidURI as error:
            raise Refused(str(error), code="invalid_address") from error
        except (WebSocketException, OSError, TimeoutError) as error:
            return 0, str(error) or type(error).__name__
        finally:
            for subscription in self._subscriptions.values():
                subscription.live = False

    def _renew(self, key: Key) -> None:
        """Until the platform has answered it, what comes is of before: some of it may have been let go."""
        if subscription := self._subscriptions.get(key):
            subscription.live = False
            self._stale[key] = None
            self._work.set()

    async def _speak(self, socket: ClientConnection) -> None:
        """Keep the platform's subscriptions as the watches want them, and tell it that somebody is there."""
        try:
            while True:
                self._work.clear()
                if self._pong_due:
                    self._pong_due = False
                    await _say(socket, {"type": "pong"})
                while self._stale:
                    key = next(iter(self._stale))
                    del self._stale[key]
                    await self._subscribe(socket, key)
                try:
                    async with asyncio.timeout(TICK_SECONDS):
                        await self._work.wait()
                except TimeoutError:
                    await _say(socket, {"type": "ping"})
                self._ask_again()
        except ConnectionClosed:
            return  # whoever hears knows why

    async def _subscribe(self, socket: ClientConnection, key: Key) -> None:
        subscription = self._subscriptions.get(key)
        if subscription is None:
            return
        open_ones = [watch for watch in subscription.watches if not watch.behind]
        if open_ones:
            subscription.ref = f"{next(self._refs)}"
            subscription.asked, subscription.asked_at = True, asyncio.get_running_loop().time()
            subscription.asked_for = open_ones
            request = request_of(open_ones, subscription.ref)
            subscription.all_of_them = not request.keys() & {"types", "agents", "departments"}
            await _say(socket, request)
            return
        if subscription.asked:
            subscription.asked = False
            await _say(socket, {"type": "unsubscribe", key[0]: key[1]})
        if not subscription.watches:
            self._subscriptions.pop(key, None)

    def _ask_again(self) -> None:
        late = asyncio.get_running_loop().time() - TICK_SECONDS
        for key, subscription in self._subscriptions.items():
            if subscription.asked and not subscription.live and subscription.asked_at < late:
                self._renew(key)

    async def _hear(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                try:
                    said = json.loads(text)
                except ValueError:
                    continue
                if isinstance(said, dict):
                    self._take(said)
        except ConnectionClosed:
            return

    def _take(self, said: Mapping[str, Any]) -> None:
        match said.get("type"):
            case "event":
                self._take_event(said)
            case "subscribed":
                self._begin(said)
            case "lagging":
                self._lag(said)
            case "replayed":
                if (found := self._asked_by(said)) and found[1].live:
                    for watch in found[1].watches:
                        if not watch.behind:
                            watch.end()
            case "error":
                self._mend(said)
            case "ping":
                self._pong_due = True
                self._work.set()

    def _begin(self, said: Mapping[str, Any]) -> None:
        self._heard = self._known = True
        if (found := self._asked_by(said)) is None:
            return
        key, subscription = found
        subscription.known = subscription.live = True
        subscription.failures = 0
        late = [watch for watch in subscription.asked_for if not watch.begun]
        for watch in late:
            of_conversation = {str(name): int(place) for name, place in (said.get("executions") or {}).items()}
            watch.begins_at({key[1]: int(said["sequence"])} if watch.wanted.execution_id else of_conversation)
        if late and len(late) < len(subscription.asked_for):
            self._renew(key)

    def _take_event(self, said: Mapping[str, Any]) -> None:
        found = self._found(said)
        wire = said.get("event")
        if found is None or not found[1].live or not isinstance(wire, dict):
            return
        try:
            event = event_of(wire, execution_id=str(said.get("executionId") or ""), sequence=int(said["sequence"]))
        except (KeyError, TypeError, ValueError):
            return
        key, subscription = found
        for watch in subscription.watches:
            if not watch.offer(event, all_of_them=subscription.all_of_them):
                if watch.behind:
                    self._tell(LiveState(what="lagging", reason=f"{event.execution_id} is read too slowly"))
                    if all(one.behind for one in subscription.watches):
                        self._renew(key)
                else:
                    self._retry(key, subscription)

    def _lag(self, said: Mapping[str, Any]) -> None:
        if (found := self._found(said)) and found[1].live:
            self._tell(LiveState(what="lagging", reason=f"{said.get('executionId', '')} was sent too fast"))
            self._renew(found[0])

    def _mend(self, said: Mapping[str, Any]) -> None:
        """What was refused: again after a pause, where a pause may mend it."""
        found = self._asked_by(said)
        if found is None:
            return
        key, subscription = found
        code, message = str(said.get("code") or ""), str(said.get("message") or "the platform gave no reason")
        behind = code in BEHIND and subscription.known and subscription.failures < BEHIND_ROUNDS
        if code in PASSING or behind:
            self._retry(key, subscription)
            return
        subscription.asked = False
        for watch in subscription.watches:
            watch.end(Refused(message, code=code))

    def _retry(self, key: Key, subscription: Subscription) -> None:
        subscription.live = False
        pause = self._backoff.seconds(subscription.failures)
        subscription.failures += 1
        asyncio.get_running_loop().call_later(pause, self._renew, key)

    def _found(self, said: Mapping[str, Any]) -> tuple[Key, Subscription] | None:
        """Of an event, or what lags. Only what is of a subscription for a conversation names one."""
        name = "conversationId" if said.get("conversationId") else "executionId"
        key = (name, str(said.get(name) or ""))
        return (key, found) if (found := self._subscriptions.get(key)) else None

    def _asked_by(self, said: Mapping[str, Any]) -> tuple[Key, Subscription] | None:
        """None: it answers an earlier asking, or nothing of ours."""
        ref = said.get("ref")
        return next(((key, one) for key, one in self._subscriptions.items() if one.asked and one.ref == ref), None)


async def _say(socket: ClientConnection, message: Mapping[str, Any]) -> None:
    await socket.send(json.dumps(message, ensure_ascii=False))


def _detail(body: bytes | bytearray | None) -> str:
    """Of a problem document."""
    try:
        return str(json.loads(body or b"")["detail"])
    except (ValueError, KeyError, TypeError):
        return "the platform gave no reason"
