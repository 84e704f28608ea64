"""The API keys of all tenants: followed in the log, so that to know one asks neither the log nor a database."""

import asyncio
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary

from google.protobuf.message import Message

from reveille.ingress.application.appending import append
from reveille.ingress.application.projections.tenants import ACCESS
from reveille.ingress.application.tenant_streams import Known, TenantStreams, nobody_known
from reveille.ingress.domain.access import Principal
from reveille.ingress.domain.keys import (
    SECRET_BYTES,
    VALID,
    Fact,
    Key,
    KeyText,
    WantedKey,
    digest_of,
    fold,
    id_of,
    issuing,
    letters,
    parse,
    revoking,
)
from reveille.ingress.domain.refusals import Invalid
from reveille.kernel.clock import SECOND, Clock
from reveille.kernel.digests import derived
from reveille.kernel.errors import Transient, UnknownEventType
from reveille.kernel.event_store import NO_STREAM, Append, Appended, EventStore
from reveille.kernel.events import About, Meta, Recorded, new_event, stream_name
from reveille.kernel.ids import Ids, text

# Under load the log grows all the time; a key that another replica revoked is refused here within it.
PAUSE: Final = 0.25
MAX_ROUNDS: Final = 20
_NOTHING: Final = b"\0" * 32


@dataclass(frozen=True, slots=True)
class _Known:
    """keys: of one tenant, by their ids. revision: of its stream; unreadable: a type that this build does not know."""

    keys: Mapping[str, Key] = field(default_factory=dict)
    revision: int = NO_STREAM
    unreadable: str = ""


_NONE: Final = _Known()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """text: the key itself, which is told this once; None where it was issued before, by the same request."""

    key: Key
    text: str | None


class Keys:
    """`key`: the platform's; what digests of keys are made with is derived from it, and stands nowhere."""

    def __init__(
        self,
        *,
        store: EventStore,
        clock: Clock,
        ids: Ids,
        replica: str,
        key: bytes,
        known: Known = nobody_known,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """known: which tenants have keys."""
        self._store = store
        self._streams = TenantStreams(store, ACCESS, known)
        self._clock = clock
        self._ids = ids
        self._replica = replica
        self._pepper = derived(key, "api-keys")
        self._random = random
        self._known: dict[str, _Known] = {}
        self._loading = asyncio.Lock()
        self._ends: WeakValueDictionary[tuple[str, str], asyncio.Event] = WeakValueDictionary()
        self.loaded = False

    def shown(self, text: str) -> Principal | None:
        """Whose key it is; None where it is none, or wrong, expired or revoked. Raises Transient before it is known."""
        if not self.loaded:
            raise Transient("keys are not loaded yet")
        given = parse(text)
        if given is None:
            return None
        known = self._of(given.tenant)
        key = known.keys.get(given.key_id)
        # Compared also where there is no such key, so that the time does not tell which ids there are.
        fits = hmac.compare_digest(digest_of(self._pepper, given), _NOTHING if key is None else key.digest)
        if key is None or not fits or key.status(self._clock.now()) != VALID:
            return None
        if known.unreadable:  # it may have been revoked since; who only guesses is not told
            raise UnknownEventType(known.unreadable, f"stream {stream_name(given.tenant, ACCESS)}")
        return key.principal

    def valid(self, principal: Principal) -> bool:
        """Whether he is still who he has proved to be."""
        if principal.expires_at and self._clock.now() >= principal.expires_at:
            return False
        if not principal.key_id:
            return True
        key = self._of(principal.tenant).keys.get(principal.key_id)
        return key is not None and not key.revoked_at

    async def ended(self, principal: Principal) -> None:
        """Return when he is not valid any more; never, where nothing ends it."""
        place = (principal.tenant, principal.key_id)
        changed = self._ends.get(place)
        if changed is None:
            changed = self._ends[place] = asyncio.Event()
        while self.valid(principal):
            left = (principal.expires_at - self._clock.now()) / SECOND if principal.expires_at else None
            try:
                async with asyncio.timeout(left):
                    await changed.wait()
            except TimeoutError:
                pass

    def of_tenant(self, tenant: str) -> list[Key]:
        """The newest first."""
        known = self._of(tenant).keys.values()
        return sorted(known, key=lambda key: key.position, reverse=True)

    async def issue(self, tenant: str, wanted: WantedKey, *, by: str, trace: str = "", once: str = "") -> Issued:
        """Returns after the append. once: what the sender calls this request; again it issues nothing new.

        Raises Conflicting, Invalid where `once` has issued another key, and Transient.
        """
        key_id = id_of(self._id_bytes(tenant, once))
        given = KeyText(tenant=tenant, key_id=key_id, secret=letters(self._random(SECRET_BYTES)))
        for _ in range(MAX_ROUNDS):
            known = await self._read(tenant)
            if (there := known.keys.get(key_id)) is not None:
                if there.wanted != wanted:
                    raise Invalid(
                        "idempotency_key_reused",
                        "Idempotency-Key has issued a key with other properties before, expected a new one",
                    )
                return Issued(key=there, text=None)
            now = self._clock.now()
            digest = digest_of(self._pepper, given)
            event = issuing(known.keys, given, wanted, digest=digest, by=by, now=now)
            if await self._append(tenant, known, event, now, trace):
                return Issued(key=(await self._read(tenant)).keys[key_id], text=str(given))
        raise Transient(f"stream {stream_name(tenant, ACCESS)} kept changing", retry_after=1.0)

    async def revoke(self, tenant: str, key_id: str, *, by: str, trace: str = "") -> None:
        """Returns after the append; a key that is revoked stays so. Raises Missing, Transient."""
        for _ in range(MAX_ROUNDS):
            known = await self._read(tenant)
            event = revoking(known.keys, key_id, by=by)
            if event is None:
                return
            if await self._append(tenant, known, event, self._clock.now(), trace):
                await self._read(tenant)
                return
        raise Transient(f"stream {stream_name(tenant, ACCESS)} kept changing", retry_after=1.0)

    async def load(self) -> None:
        """Take in what the log holds by now, of all tenants."""
        async with self._loading:
            for tenant, events in (await self._streams.read(lambda tenant: self._of(tenant).revision)).items():
                self._take(tenant, events)
        self.loaded = True

    async def run(self) -> None:
        """Follow the log: any replica may issue and revoke."""
        while True:
            head = await self._store.head()
            await self.load()
            await self._store.wait(head)
            await self._clock.sleep(PAUSE)

    def _id_bytes(self, tenant: str, once: str) -> bytes:
        if not once:
            return self._random(SECRET_BYTES)
        return hmac.digest(derived(self._pepper, "ids"), f"{tenant}\x1f{once}".encode(), "sha256")

    async def _read(self, tenant: str) -> _Known:
        """As its stream stands now. Raises UnknownEventType for one that this build must not decide on."""
        stream = stream_name(tenant, ACCESS)
        revision = self._of(tenant).revision
        self._take(tenant, (await self._store.read_streams({stream: revision}))[stream])
        known = self._of(tenant)
        if known.unreadable:
            raise UnknownEventType(known.unreadable, f"stream {stream}")
        return known

    async def _append(self, tenant: str, known: _Known, event: Message, now: int, trace: str) -> bool:
        """False where somebody else was first."""
        meta = Meta(now, About(text(self._ids.new()), trace), replica=self._replica)
        news = [new_event(self._ids.new(), event, meta)]
        batch = [Append(stream_name(tenant, ACCESS), known.revision, news)]
        return isinstance((await append(self._store, self._clock, batch))[0], Appended)

    def _take(self, tenant: str, events: Sequence[Recorded]) -> None:
        after = self._known[tenant] = _taken(tenant, self._of(tenant), events)
        for (of, key_id), changed in list(self._ends.items()):
            if of == tenant and key_id in after.keys and after.keys[key_id].revoked_at:
                changed.set()

    def _of(self, tenant: str) -> _Known:
        return self._known.get(tenant, _NONE)


def _taken(tenant: str, known: _Known, events: Iterable[Recorded]) -> _Known:
    """An event that is in already is not taken in again; behind one that is not known nothing is."""
    facts, revision, unreadable = [], known.revision, known.unreadable
    for event in events:
        if event.revision <= revision or unreadable:
            continue
        if event.msg is None:
            unreadable = event.type
            continue
        revision = event.revision
        facts.append(Fact(msg=event.msg, at=event.meta.time, position=event.position))
    return _Known(fold(tenant, known.keys, facts), revision, unreadable)
