"""How a tenant's agents and tokens are, as their owners say now."""

import asyncio
import math
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from reveille.adapters.grpc import to_plain
from reveille.contracts.agent_runner.v1.queries_pb2 import ListAgentsRequest, ListUsageRequest
from reveille.contracts.budget.v1.queries_pb2 import ListAccountsRequest
from reveille.ingress.adapters.queries import Queries, ask
from reveille.ingress.application.fleets import Fleets
from reveille.ingress.domain.efficiency import cost_of, saved_percentage, tokens_of, window, would_poll
from reveille.kernel.clock import SECOND, Clock, to_datetime
from reveille.kernel.errors import Transient
from reveille.kernel.fleet import Fleet

STATES: Final = ("active", "dormant", "processing", "hibernating")
SECONDS: Final = 2.0
# Tenants that are asked about at a time: a scrape is no reason for others to wait.
AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the owners say now; None: they cannot be asked.

    usage: of the last day. elapsed: microseconds of it in which there was a fleet. today: the tenant's own day.
    """

    agents: Any
    accounts: Any
    usage: Any
    fleet: Fleet
    today: str
    uptime: float
    elapsed: int

    def of_agents(self) -> list[dict[str, Any]]:
        left = {f"agent:{agent.name}": agent.budget.tokens for agent in self.fleet.agents.values()}
        left |= {account.scope: account.left for account in self._of_today()}
        return [
            {
                "id": agent.id,
                "title": agent.title,
                "state": agent.state,
                "tokensUsed": agent.tokens_used,
                "tokensLeft": left.get(f"agent:{agent.id}") if self.accounts else None,
                "lastWake": to_plain(agent)["last_wake"],
                "why": agent.why or None,
            }
            for agent in (self.agents.items if self.agents else ())
        ]

    def by_state(self) -> dict[str, int]:
        counted = Counter(agent["state"] for agent in self.of_agents())
        return {state: counted[state] for state in STATES}

    @property
    def tokens_used(self) -> int | None:
        return sum(int(agent.tokens_used) for agent in self.agents.items) if self.agents else None

    @property
    def pending(self) -> int | None:
        """Runs that wait for their agent, and reservations that wait for tokens."""
        if self.queued is None or self.accounts is None:
            return None
        return self.queued + int(self.accounts.waiting)

    @property
    def queued(self) -> int | None:
        return sum(int(agent.queued) for agent in self.agents.items) if self.agents else None

    @property
    def daily_cost(self) -> float | None:
        return None if self.usage is None else cost_of(self.fleet.limits, self.usage.items)

    @property
    def saved_percentage(self) -> float | None:
        if self.usage is None:
            return None
        used, agents = tokens_of(self.usage.items), would_poll(self.fleet)
        return saved_percentage(self.fleet.limits, agents=agents, used=used, elapsed=self.elapsed)

    def accounts_of_now(self) -> list[Any]:
        """Those of today, and of executions, which have no period."""
        return [one for one in self.accounts.items if one.period in (self.today, "")] if self.accounts else []

    def _of_today(self) -> list[Any]:
        """Periods are the tenant's days; an account is there from its first reservation on."""
        return [account for account in self.accounts_of_now() if account.period]

    def as_metrics(self, *, of_process: bool) -> dict[str, Any]:
        """of_process: with what the process takes, which is for whoever runs it."""
        states = self.of_agents()
        return {
            "agents": {"total": len(states), **self.by_state(), "states": states},
            "system": {
                "totalTokenUsage": self.tokens_used,
                "pendingTriggers": self.pending,
                "uptime": self.uptime,
                "memory": {"rssMb": _rss_mb() if of_process else None},
            },
            "efficiency": {
                "tokensSavedPercentage": self.saved_percentage,
                "estimatedDailyCost": self.daily_cost,
                "currency": self.fleet.limits.currency or None,
            },
        }


class Owners:
    """Who is asked for figures; what one of them cannot say now is None."""

    def __init__(self, queries: Queries, fleets: Fleets, clock: Clock) -> None:
        self._queries = queries
        self._fleets = fleets
        self._clock = clock
        self._started = clock.now()

    @property
    def uptime(self) -> float:
        return math.floor((self._clock.now() - self._started) / SECOND * 1000) / 1000

    async def figures(self, tenant: str) -> Figures:
        since = window(self._clock.now())
        agents, accounts, usage = await asyncio.gather(
            _ask(self._queries.agent_runner.ListAgents, ListAgentsRequest(tenant=tenant)),
            _ask(self._queries.budget.ListAccounts, ListAccountsRequest(tenant=tenant)),
            _ask(self._queries.agent_runner.ListUsage, ListUsageRequest(tenant=tenant, since=since)),
        )
        now, fleet = self._clock.now(), self._fleets.in_force(tenant).fleet
        return Figures(
            agents=agents,
            accounts=accounts,
            usage=usage,
            fleet=fleet,
            today=_today(now, fleet),
            uptime=self.uptime,
            elapsed=now - max(since, await self._fleets.began(tenant)),
        )

    async def of_all(self) -> dict[str, Figures]:
        """By tenant."""
        tenants, places = sorted(self._fleets.tenants), asyncio.Semaphore(AT_ONCE)

        async def of_one(tenant: str) -> Figures:
            async with places:
                return await self.figures(tenant)

        return dict(zip(tenants, await asyncio.gather(*map(of_one, tenants)), strict=True))


async def _ask(method: Any, request: Any) -> Any:
    """None where the service cannot answer now: the rest of the page is worth showing."""
    try:
        return await ask(method, request, SECONDS)
    except Transient:
        return None


def _today(now: int, fleet: Fleet) -> str:
    return to_datetime(now).astimezone(ZoneInfo(fleet.limits.time_zone or "UTC")).date().isoformat()


def _rss_mb() -> float | None:
    """None where the system has no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
