"""Whether it may be spent: all accounts of a tenant, so that reserving over several is one append. Stream: ledger."""

from typing import Final, assert_never

from google.protobuf.timestamp_pb2 import Timestamp

from reveille.budget.domain.accounts import accounts_of, agent_of, execution_account, execution_of, period_of
from reveille.budget.domain.admission import admit, release, reserve
from reveille.budget.domain.books import Held, Ledger, evolve
from reveille.budget.domain.commands import (
    AddUsage,
    CloseExecution,
    Command,
    Exceed,
    Limits,
    Reserve,
    Revoke,
    SetLimits,
    Settle,
    TopUp,
    TurnPeriod,
)
from reveille.budget.domain.draft import Draft
from reveille.budget.domain.watching import thresholds
from reveille.contracts.budget.v1.events_pb2 import (
    AccountClosed,
    LimitRaised,
    LimitsUpdated,
    PeriodOpened,
    Reservation,
    ReservationRevoked,
    ReservationWithdrawn,
    Thresholds,
    TokensReleased,
    TokensSettled,
    TopUpDenied,
    TopUpReserved,
    UsageAdded,
)
from reveille.kernel.clock import SECOND
from reveille.kernel.decider import Decided, Decider


def decide(command: Command, state: Ledger) -> list[Decided]:
    draft = Draft(state)
    match command:
        case Reserve(reservation=asked) if asked.run_id in state.held or asked.run_id in state.waiting:
            pass  # asked again: it is held, or it waits
        case Reserve(now=now):
            _update(command.limits, now, draft)
            _turn(now, draft)
            reserve(command.reservation, draft.state.period(now), draft)
        case Settle(run_id=run_id):
            _settle(command, state.held.get(run_id), draft)
            _look_again(command.now, draft)
        case AddUsage():
            _add_usage(command, draft)
            _look_again(command.now, draft)
        case TopUp(run_id=run_id):
            _top_up(command, state.held.get(run_id), draft)
            _look_again(command.now, draft)
        case Exceed(now=now):
            _turn(now, draft)
            _exceed(command, draft)
            _look_again(now, draft)
        case Revoke(run_id=run_id):
            _revoke(run_id, draft)
            _look_again(command.now, draft)
        case SetLimits(now=now):
            _update(command.limits, now, draft)
        case CloseExecution(execution_id=execution_id):
            _close(execution_id, draft)
            _look_again(command.now, draft)
        case TurnPeriod(now=now, due=due):
            if due == state.look_at:
                _open_period(max(now, due), draft)
        case _:
            assert_never(command)
    return draft.events


def _look_again(now: int, draft: Draft) -> None:
    """Room may have come for those who wait, or who stood before one has gone."""
    if draft.events and draft.state.waiting:
        release(draft.state.period(now), draft)


def _update(limits: Limits, now: int, draft: Draft) -> None:
    """Whoever brings new limits, those who wait are looked at under them."""
    before = draft.state
    if limits.fleet_revision <= before.fleet_revision:
        return
    draft.add(
        LimitsUpdated(
            fleet_revision=limits.fleet_revision,
            limits=limits.by_scope,
            warn_at={scope: Thresholds(parts=parts) for scope, parts in limits.warn_at.items()},
            time_zone=limits.time_zone,
        )
    )
    if not before.waiting:
        return
    if limits.time_zone == before.time_zone:
        release(draft.state.period(now), draft)
    else:  # what waits waits for another moment now
        _open_period(now, draft)


def _turn(now: int, draft: Draft) -> None:
    """Before its timer has: a reservation that is deferred in the new period sets the timer anew."""
    if 0 < draft.state.look_at <= now:
        _open_period(now, draft)


def _open_period(now: int, draft: Draft) -> None:
    period = draft.state.period(now)
    admitting = Draft(draft.state)
    admitting.add(PeriodOpened(day=period.day))
    release(period, admitting)
    following = Timestamp(seconds=period.ends // SECOND) if admitting.state.waiting else None
    draft.events += [PeriodOpened(day=period.day, next=following), *admitting.events[1:]]


def _settle(command: Settle, held: Held | None, draft: Draft) -> None:
    """What was used counts, the rest comes free."""
    if held is None:
        return
    warnings = list(thresholds(_open(held, draft.state), command.used, draft.state))
    if command.used > 0 or not held.tokens:
        overrun = max(0, command.used - held.tokens)
        draft.add(TokensSettled(run_id=command.run_id, used=command.used, overrun=overrun))
    if held.tokens > command.used:
        draft.add(TokensReleased(run_id=command.run_id, tokens=held.tokens - command.used))
    draft.add_all(warnings)


def _open(held: Held, state: Ledger) -> list[str]:
    """An execution may have ended before its run."""
    return [name for name in held.accounts if name in state.accounts]


def _add_usage(command: AddUsage, draft: Draft) -> None:
    """It counts in the period that is now, and for its execution as long as that goes on."""
    asked = Reservation(execution_id=command.execution_id, agent=command.agent)
    accounts = accounts_of(asked, draft.state.period(command.now).day)
    counted = [name for name in accounts if period_of(name) or name in draft.state.accounts]
    warnings = list(thresholds(counted, command.tokens, draft.state))
    draft.add(UsageAdded(run_id=command.run_id, tokens=command.tokens, accounts=counted))
    draft.add_all(warnings)


def _top_up(command: TopUp, held: Held | None, draft: Draft) -> None:
    """More of what it holds, from the same accounts: tokens count in the period that reserved them. It never waits.

    A run that holds nothing has ended, and nobody waits for the answer.
    """
    if held is None or command.request <= held.requests:
        return
    state, agent = draft.state, agent_of(held.accounts[1])
    for name in reversed(held.accounts):
        # A closed account is of an execution that has ended: a stale run gets no more, and neither does a revoked one.
        account, limit = None if held.revoked else state.accounts.get(name), state.limit(name)
        if account is None or not account.fits(command.tokens, limit):
            left = account.left(limit) if account else 0
            draft.add(
                TopUpDenied(
                    run_id=command.run_id,
                    agent=agent,
                    request=command.request,
                    tokens=command.tokens,
                    account=name,
                    left=left,
                )
            )
            return
    draft.add(TopUpReserved(run_id=command.run_id, agent=agent, request=command.request, tokens=command.tokens))


def _exceed(command: Exceed, draft: Draft) -> None:
    """Just what is missing, where something is; one that no longer waits was answered by the ledger itself."""
    state = draft.state
    one = state.waiting.get(command.run_id)
    if one is None:
        return
    period = state.period(command.now)
    for full in state.full(one, period.day):
        account = state.account(full.name)
        missing = account.used + account.reserved + one.tokens - full.limit
        raised = LimitRaised(account=full.name, tokens=missing, run_id=one.run_id, approval_id=command.approval_id)
        draft.add(raised, one.about)
    admit(one, period, draft)


def _revoke(run_id: str, draft: Draft) -> None:
    """What it holds comes free by its settlement alone: it may have used some of it."""
    state = draft.state
    if one := state.waiting.get(run_id):
        draft.add(ReservationWithdrawn(run_id=run_id, agent=one.agent))
    elif (held := state.held.get(run_id)) and not held.revoked:
        _, own, execution = held.accounts
        draft.add(ReservationRevoked(run_id=run_id, execution_id=execution_of(execution), agent=agent_of(own)))


def _close(execution_id: str, draft: Draft) -> None:
    for one in draft.state.waiting.of(execution_id):
        draft.add(ReservationWithdrawn(run_id=one.run_id, agent=one.agent))
    account = execution_account(execution_id)
    if account in draft.state.accounts or account in draft.state.noted:
        draft.add(AccountClosed(account=account))


decider: Final = Decider(
    category="ledger", initial=Ledger(), decide=decide, evolve=evolve, snapshot_every=10_000, version=4
)
