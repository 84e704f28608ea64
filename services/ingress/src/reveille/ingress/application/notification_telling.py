"""Telling one receiver of one event, until it has taken it, refuses it, or was asked often enough.

Whether it was told stands in the log, in a stream of its own: so that it is told again where nobody knows whether it
was, with the same id, and never where it is known that it was.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from reveille.contracts.ingress.v1.events_pb2 import Notification, NotificationDelivered, NotificationFailed
from reveille.ingress.application.appending import append
from reveille.ingress.application.notification_contents import Content, NotificationContents
from reveille.ingress.application.notification_definitions import NotificationDefinitions
from reveille.ingress.application.projections.notifications import NotificationRow, NotificationRows
from reveille.ingress.domain.notifying import Verdict, asked_pause, pause, verdict
from reveille.ingress.domain.webhook_signing import signature
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.errors import Transient
from reveille.kernel.event_store import NO_STREAM, Append, EventStore
from reveille.kernel.events import Meta, Origin, new_event, stream_name
from reveille.kernel.ids import Ids
from reveille.kernel.sealing import seal
from reveille.kernel.views import Transactions

logger = logging.getLogger(__name__)

# Of one notification; what waits for its next attempt is none of them.
AT_A_TIME: Final = 4
# The least time until what the log or the view did not take is tried again.
AGAIN_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """timeout: in seconds, of the whole of it. anywhere: to private addresses too."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    timeout: float
    anywhere: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """status: 0 where there was none, and error says why. retry_after: the header of this name."""

    status: int
    retry_after: str = ""
    error: str = ""


Send = Callable[[Webhook], Awaitable[Answer]]


class Receivers(Protocol):
    def session(self) -> AbstractAsyncContextManager[Send]:
        """What posts; it may be used by many at a time, raises nothing, and follows nobody elsewhere."""
        ...


# The keys that the webhooks of a tenant's notification are signed with.
Keys = Callable[[str, str], Sequence[bytes]]
# Whether a tenant's webhooks may go to private addresses.
Inward = Callable[[str], bool]


class Telling:
    def __init__(
        self,
        *,
        store: EventStore,
        transactions: Transactions,
        rows: NotificationRows,
        definitions: NotificationDefinitions,
        contents: NotificationContents,
        keys: Keys,
        inward: Inward,
        clock: Clock,
        ids: Ids,
        replica: str,
    ) -> None:
        self._store = store
        self._transactions = transactions
        self._rows = rows
        self._definitions = definitions
        self._contents = contents
        self._keys = keys
        self._inward = inward
        self._clock = clock
        self._ids = ids
        self._replica = replica
        self._slots = defaultdict[tuple[str, str], asyncio.Semaphore](lambda: asyncio.Semaphore(AT_A_TIME))

    async def tell(self, row: NotificationRow, send: Send) -> None:
        """Return when nothing is to be done for the row any more. Its event must be in the log's views.

        Raises Transient where the log or the view is away before anything was sent.
        """
        if (await self._store.read_streams({_stream(row): NO_STREAM}))[_stream(row)]:
            return  # the view is about to hear of it
        (event,) = await self._store.read_at([row.position])
        notification = self._definitions.at(row.tenant, row.name, row.position)
        if notification is None:
            return  # removed since, which the view is about to hear of too
        content = await self._contents.wanted(notification, row.execution_id, event)
        if content is None:
            await self._transactions.run(lambda connection: self._rows.forget(connection, row.tenant, row.id))
            return
        await self._until_taken(row, content, send)

    async def _until_taken(self, row: NotificationRow, content: Content, send: Send) -> None:
        attempts, body = row.attempts, content.body(row.name)
        while (notification := self._definitions.current(row.tenant, row.name)) is not None:
            async with self._slots[row.tenant, row.name]:
                answer = await send(self._webhook(notification, row, body))
            attempts += 1
            came_to = verdict(answer.status)
            if came_to is Verdict.DELIVERED:
                await self._record(row, content, attempts, answer.status)
                return
            if came_to is Verdict.REFUSED or attempts >= notification.attempts:
                await self._give_up(row, content, attempts, answer)
                return
            await self._note(row, attempts, answer)
            asked = asked_pause(answer.retry_after, self._clock.now())
            await self._clock.sleep(pause(row.id, attempts, notification.backoff_ms, asked))

    def _webhook(self, notification: Notification, row: NotificationRow, body: bytes) -> Webhook:
        seconds = self._clock.now() // SECOND
        headers = {"content-type": "application/json", "webhook-id": row.id, "webhook-timestamp": str(seconds)}
        if keys := self._keys(row.tenant, notification.name):
            headers["webhook-signature"] = signature(keys, row.id, seconds, body)
        return Webhook(
            url=notification.url,
            headers=headers,
            body=body,
            timeout=notification.timeout_ms / 1000,
            anywhere=self._inward(row.tenant),
        )

    async def _note(self, row: NotificationRow, attempts: int, answer: Answer) -> None:
        """For people, and for whoever goes on after a crash; not worth failing for."""
        try:
            await self._transactions.run(
                lambda connection: self._rows.note(
                    connection,
                    row.tenant,
                    row.id,
                    attempts=attempts,
                    status_code=answer.status,
                    error=_reason(answer),
                )
            )
        except Transient as error:
            logger.info("attempt %d at notification %s is not noted: %s", attempts, row.id, error)

    async def _give_up(self, row: NotificationRow, content: Content, attempts: int, answer: Answer) -> None:
        error = _reason(answer)
        logger.warning("notification %s of %s is given up: %s", row.id, row.name, error)
        await self._record(row, content, attempts, answer.status, error)

    async def _record(
        self, row: NotificationRow, content: Content, attempts: int, status: int, error: str = ""
    ) -> None:
        """However long the log is away: what was told once is not told again by this process."""
        outcome = (NotificationFailed if error else NotificationDelivered)(
            notification_id=row.id,
            notification=row.name,
            execution_id=content.entry.execution_id,
            position=row.position,
            sequence=content.entry.sequence,
            type=content.entry.type,
            attempts=attempts,
            status_code=status,
        )
        if isinstance(outcome, NotificationFailed):
            outcome.error.CopyFrom(seal(error.encode(errors="replace")))
        meta = Meta(self._clock.now(), content.event.meta.about, Origin(content.event.id), replica=self._replica)
        news = [new_event(self._ids.new(), outcome, meta)]
        while True:
            try:
                # Where it stands there already, another replica has told it too.
                await append(self._store, self._clock, [Append(_stream(row), NO_STREAM, news)])
                return
            except Transient as away:
                await self._clock.sleep(max(AGAIN_SECONDS, away.retry_after))


def _stream(row: NotificationRow) -> str:
    return stream_name(row.tenant, "notification", row.id)


def _reason(answer: Answer) -> str:
    if not answer.status:
        return answer.error
    elsewhere = ", and points elsewhere" if 300 <= answer.status < 400 else ""
    return f"it answered {answer.status}{elsewhere}"
