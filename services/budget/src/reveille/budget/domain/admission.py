"""Whether a reservation goes, waits or is refused, and who of those that wait goes first."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.domain.accounts import EXECUTION, OWN, TENANT, Asked, Full, accounts_of
from reveille.budget.domain.books import Ledger
from reveille.budget.domain.draft import Draft
from reveille.budget.domain.periods import Period
from reveille.budget.domain.queue import Waiting
from reveille.budget.domain.watching import exhausted
from reveille.contracts.budget.v1.events_pb2 import (
    Reservation,
    ReservationAdmitted,
    ReservationDeferred,
    TokensDenied,
    TokensReserved,
)
from reveille.kernel.clock import SECOND


def reserve(asked: Reservation, period: Period, draft: Draft) -> None:
    """Decide on one that asks now."""
    state = draft.state
    if not asked.tokens:
        # It takes nothing from anybody: nobody stands before it, and nobody has more or less to wait for by it.
        draft.add(TokensReserved(reservation=asked, accounts=accounts_of(asked, period.day)))
        return
    full = state.full(asked, period.day)
    refusing = _refusing(asked, full)
    if refusing:
        draft.add(_denied(asked, refusing))
    elif full:
        draft.add(_deferred(asked, full[-1].name, full[-1].left, period))
    elif blocked := _ahead(asked, period.day, state):
        draft.add(_deferred(asked, blocked, 0, period))
    else:
        draft.add(TokensReserved(reservation=asked, accounts=accounts_of(asked, period.day)))
    draft.add_all(exhausted(asked, full, period, state))
    if not refusing and state.waiting.concerns(asked.agent, asked.execution_id):
        # Who held others may wait for what is his own from now on, or behind one who does.
        release(period, draft)


def release(period: Period, draft: Draft) -> None:
    """Whoever waits and fits now, in order; each keeps what it is about.

    Whoever goes may leave another nothing in their execution: then those go who stood behind that one.
    """
    while _release(period, draft):
        pass


def _release(period: Period, draft: Draft) -> bool:
    """Look once at those who wait; whether anybody has gone."""
    gone = False
    # Executions of those behind whom their agent's others stand.
    holding: set[str] = set()
    waiting = draft.state.waiting
    lines = {agent: waiting.line(agent) for agent in waiting.agents()}
    foremost = [(one.place, one) for line in lines.values() if (one := next(line, None))]
    heapify(foremost)
    state = draft.state
    while foremost:
        _, one = heappop(foremost)
        full = state.full(one, period.day)
        if not full:
            admit(one, period, draft)
            gone, state = True, draft.state
            if one.execution_id in holding:
                return gone  # who has nothing left in their execution holds nobody: those behind may be before the rest
        elif refusing := _refusing(one, full):
            draft.add(_denied(Reservation.FromString(one.reservation), refusing), one.about)
        else:
            draft.add_all(exhausted(one, full, period, draft.state), one.about)
            if full[-1].kind == TENANT:
                return gone  # nobody goes before it
            if full[-1].kind == OWN:
                holding.add(one.execution_id)
                continue  # its agent's others stand behind it
        following = next(lines[one.agent], None)
        if following is not None:
            heappush(foremost, (following.place, following))
    return gone


def admit(one: Waiting, period: Period, draft: Draft) -> None:
    """It has room now."""
    asked = Reservation.FromString(one.reservation)
    draft.add(TokensReserved(reservation=asked, accounts=accounts_of(asked, period.day)), one.about)
    draft.add(
        ReservationAdmitted(
            run_id=asked.run_id, execution_id=asked.execution_id, step=asked.step, attempt=asked.attempt
        ),
        one.about,
    )


def _refusing(asked: Asked, full: list[Full]) -> Full | None:
    """The account for which it is refused for good; None where it may wait."""
    return next((one for one in full if _never_fits(asked, one)), None)


def _never_fits(asked: Asked, full: Full) -> bool:
    """No release and, for an execution or one that does not wait for it, no new period makes room.

    A person who is asked can make room in an execution, and in a period that is spent.
    """
    spent = full.used + asked.tokens > full.limit
    if full.kind == EXECUTION:
        return spent and not asked.ask
    return asked.tokens > full.limit or (spent and not asked.defer and not asked.ask)


def _denied(asked: Reservation, full: Full) -> TokensDenied:
    return TokensDenied(reservation=asked, account=full.name, limit=full.limit, left=full.left)


def _deferred(asked: Reservation, account: str, left: int, period: Period) -> ReservationDeferred:
    until = Timestamp(seconds=period.ends // SECOND)
    return ReservationDeferred(reservation=asked, account=account, left=left, until=until)


def _ahead(asked: Asked, day: str, state: Ledger) -> str:
    """The account for which somebody of the same or a higher priority has been waiting; "" where nobody has.

    Whoever waits for his own execution, or his own agent, does not hold what others could have.
    """
    if not state.waiting:
        return ""
    tenant, own, _ = accounts_of(asked, day)
    if next(_holding(asked.agent, asked, day, state), None) is not None:
        return own
    if not state.limit(tenant):
        return ""
    for agent in state.waiting.agents():
        # Of an agent's line only the foremost counts: the others stand behind it for what it waits for.
        full = next(_holding(agent, asked, day, state), None)
        if full is not None and (not full or full[-1].kind == TENANT):
            return tenant
    return ""


def _holding(agent: str, asked: Asked, day: str, state: Ledger) -> Iterator[list[Full]]:
    """What those of a line are waiting for who stand before it, but for those who wait for their own execution."""
    for one in state.waiting.line(agent):
        if one.priority < asked.priority:
            return
        full = state.full(one, day)
        if not full or full[-1].kind != EXECUTION:
            yield full
