"""The sockets of parties: first the state, then what changes it, each event once, in order and without a hole."""

import asyncio
import json
import logging
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, Final, Protocol
from urllib.parse import parse_qs

import orjson

from reveille.ingress.application.news import Watch
from reveille.ingress.application.timeline import Timeline
from reveille.ingress.domain.refusals import FieldError, Invalid, Missing, Refusal
from reveille.ingress.entrypoints.access_table import PARTY_SOCKET, SocketEntry
from reveille.ingress.entrypoints.http.identity import principal_of
from reveille.ingress.entrypoints.http.party_feed import Feed, Feeds, Telling
from reveille.ingress.entrypoints.http.sockets import RESTARTING, Closing, close, either_ends, refuse
from reveille.kernel.errors import Transient
from reveille.kernel.ids import Ids

logger = logging.getLogger(__name__)

PATH: Final = "/ws/orchestration/"
# Who does not take a message in this time is told to come again, from where he was.
SLOW_SECONDS: Final = 5.0
# Of what a client says.
MAX_SAID: Final = 16 * 1024
# While the plan is busy, it is looked so often for a moment in which state and sequence are one.
STATE_ROUNDS: Final = 5
STATE_SECONDS: Final = 5.0


class Statuses(Protocol):
    async def status(
        self, tenant: str, party_id: str, *, wait_for: int = 0, seconds: float = 5.0
    ) -> tuple[dict[str, Any], str]:
        """The document and its ETag. Raises Missing for what is no party, and Transient."""
        ...


class PartySocket:
    """Plain ASGI. `?after=<sequence>` goes on behind an event, in the place of the state."""

    entry: ClassVar[SocketEntry] = PARTY_SOCKET

    def __init__(
        self,
        *,
        parties: Statuses,
        timeline: Timeline,
        ids: Ids,
        slow_seconds: float = SLOW_SECONDS,
    ) -> None:
        self._parties = parties
        self._timeline = timeline
        self._feeds = Feeds(timeline)
        self._ids = ids
        self._slow_seconds = slow_seconds

    def takes(self, scope: Any) -> bool:
        """Of a socket."""
        path: str = scope["path"]
        return path.startswith(PATH)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()  # websocket.connect
        try:
            party = _Party(principal_of(scope).tenant, scope["path"].removeprefix(PATH))
            # Watched before it is looked: what happens in between is news.
            with self._timeline.news.of(party.tenant, party.id) as watch:
                first, cursor = await self._opening(party, _after(scope))
                with self._feeds.of(party.tenant, party.id, cursor, watch) as feed:
                    await send({"type": "websocket.accept"})
                    talk = _Talk(send, cursor, self._slow_seconds)
                    await self._converse(talk, party, first, feed, watch, receive)
        except (Refusal, Transient) as error:
            await refuse(scope, send, error, self._ids)

    async def _opening(self, party: "_Party", after: int | None) -> tuple[str, int]:
        """The first message, "" where there is none, and the number of the last event that is not to be told."""
        if after is None:
            document, sequence = await self._state(party)
            told = {"type": "state", "payload": document, "party_id": party.id, "sequence": sequence}
            return orjson.dumps({**told, "version": document["version"]}).decode(), sequence
        await self._parties.status(party.tenant, party.id, seconds=STATE_SECONDS)
        last = await self._last(party)
        if after > last:
            message = f"it is {after}, expected at most {last}, the last event of the party"
            raise Invalid("invalid_query", f"after: {message}", [FieldError("after", message)])
        return "", after

    async def _state(self, party: "_Party") -> tuple[dict[str, Any], int]:
        """The status and the number of the last event that is in it.

        While events keep coming it may show what the first of the messages behind it tell: none is missing.
        """
        last = await self._last(party)
        for rounds in count(1):
            before = last
            document, _ = await self._parties.status(party.tenant, party.id, seconds=STATE_SECONDS)
            last = await self._last(party)
            if last == before or rounds == STATE_ROUNDS:
                break
        return document, before

    async def _last(self, party: "_Party") -> int:
        await self._timeline.catch_up(STATE_SECONDS)
        try:
            return (await self._timeline.plan(party.tenant, party.id)).last
        except Missing:
            return 0

    async def _converse(
        self, talk: "_Talk", party: "_Party", first: str, feed: Feed, watch: Watch, receive: Any
    ) -> None:
        """Both ways, until either side ends; then the socket is closed with what was said last."""
        try:
            if first:
                await talk.say(first)
        except TooSlow:
            await talk.close(talk.too_slow)
            return
        except OSError:
            return
        closing = await either_ends(_hear(talk, receive), self._tell(talk, party, feed, watch))
        if closing is not None:
            logger.info("the socket of party %s is closed: %s", party.id, closing[1])
            await talk.close(closing)

    async def _tell(self, talk: "_Talk", party: "_Party", feed: Feed, watch: Watch) -> Closing | None:
        own: Telling | None = None
        try:
            while not self._timeline.news.left:
                version = watch.version
                messages = await feed.after(talk.cursor)
                if messages is None:
                    if own is None or own.cursor != talk.cursor:
                        own = self._feeds.telling(party.tenant, party.id, talk.cursor)
                    messages = await own.read()
                if not messages:
                    await watch.wait(version)
                for message in messages:
                    if message.text:
                        await talk.say(message.text)
                    talk.cursor = message.sequence
        except TooSlow:
            return talk.too_slow
        except Transient as error:
            logger.warning("a socket of party %s is closed: %s", party.id, error)
            return 1013, f"it cannot be told now; go on with ?after={talk.cursor}"
        except OSError:
            return None  # the client is gone
        return RESTARTING[0], f"the platform restarts; go on with ?after={talk.cursor}"


@dataclass(frozen=True, slots=True)
class _Party:
    tenant: str
    id: str


class TooSlow(Exception):
    """The client does not take what it is told."""


class _Talk:
    """One socket. cursor: the number of the last event that was told."""

    def __init__(self, send: Any, cursor: int, seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self.cursor = cursor

    @property
    def too_slow(self) -> Closing:
        return 1013, f"too slow; go on with ?after={self.cursor}"

    async def say(self, text: str) -> None:
        """Raises TooSlow, and OSError where the client is gone."""
        try:
            async with asyncio.timeout(self._seconds), self._turn:
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise TooSlow from None

    async def close(self, closing: Closing) -> None:
        await close(self._send, closing)


async def _hear(talk: _Talk, receive: Any) -> Closing | None:
    """None: the client has closed it."""
    try:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return None
            await talk.say(_answer(message.get("text")))
    except TooSlow:
        return talk.too_slow
    except OSError:
        return None


def _answer(text: str | None) -> str:
    if text is None:
        return _error("not_a_text", "messages are texts, expected JSON")
    if len(text) > MAX_SAID:
        return _error("too_large", f"a message has {len(text)} characters, at most {MAX_SAID} are taken")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return _error("malformed_json", "the message is no JSON")
    if not isinstance(said, dict):
        return _error("not_an_object", 'the message is no JSON object, expected {"type": "ping"}')
    if said.get("type") != "ping":
        return _error("unknown_type", f"type is {str(said.get('type'))[:80]!r}, expected ping")
    return '{"type":"pong"}'


def _error(code: str, message: str) -> str:
    return json.dumps({"type": "error", "code": code, "message": message})


def _after(scope: Any) -> int | None:
    """Raises Invalid."""
    given = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("after")
    if given is None:
        return None
    text = given[-1]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        message = f"it is {text[:80]!r}, expected the sequence of an event"
        raise Invalid("invalid_query", f"after: {message}", [FieldError("after", message)])
    return int(text)
