"""How the platform is: /status and /metrics, for people, pages and Prometheus."""

import asyncio
import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

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
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"
SECONDS: Final = 2.0
# What a model was told, what it said, and what nobody can tell apart.
PARTS: Final = ("input", "output", "other")


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
        if self.agents is None or self.accounts is None:
            return None
        return sum(int(agent.queued) for agent in self.agents.items) + int(self.accounts.waiting)

    @property
    def daily_cost(self) -> float | None:
        return None if self.usage is None else cost_of(self.fleet.limits, self.usage.items)

    @property
    def saved_percentage(self) -> float | None:
        if self.usage is None:
            return None
        used, agents = tokens_of(self.usage.items), would_poll(self.fleet)
        return saved_percentage(self.fleet.limits, agents=agents, used=used, elapsed=self.elapsed)

    def _of_today(self) -> list[Any]:
        """Periods are the tenant's days; an account is there from its first reservation on."""
        return [account for account in self.accounts.items if account.period == self.today] if self.accounts else []

    def as_metrics(self) -> dict[str, Any]:
        states = self.of_agents()
        return {
            "agents": {"total": len(states), **self.by_state(), "states": states},
            "system": {
                "totalTokenUsage": self.tokens_used,
                "pendingTriggers": self.pending,
                "uptime": self.uptime,
                "memory": {"rssMb": _rss_mb()},
            },
            "efficiency": {
                "tokensSavedPercentage": self.saved_percentage,
                "estimatedDailyCost": self.daily_cost,
                "currency": self.fleet.limits.currency or None,
            },
        }

    def as_prometheus(self, answers: Mapping[tuple[str, int], int]) -> str:
        lines = ["# TYPE reveille_up_seconds gauge", f"reveille_up_seconds {self.uptime}"]
        if (rss := _rss_mb()) is not None:
            lines += ["# TYPE process_resident_memory_bytes gauge", f"process_resident_memory_bytes {int(rss * 1e6)}"]
        lines.append("# TYPE reveille_http_requests_total counter")
        for (door, status), count in sorted(answers.items()):
            lines.append(f'reveille_http_requests_total{{door="{door}",status="{status}"}} {count}')
        if self.agents is not None:
            lines.append("# TYPE reveille_agents gauge")
            lines += [f'reveille_agents{{state="{state}"}} {count}' for state, count in self.by_state().items()]
            lines.append("# TYPE reveille_agent_tokens_total counter")
            lines += [
                f'reveille_agent_tokens_total{{agent="{agent.id}"}} {agent.tokens_used}' for agent in self.agents.items
            ]
            lines.append("# TYPE reveille_agent_tokens_left gauge")
            lines += [
                f'reveille_agent_tokens_left{{agent="{agent["id"]}"}} {agent["tokensLeft"]}'
                for agent in self.of_agents()
                if agent["tokensLeft"] is not None
            ]
        if self.pending is not None:
            lines += ["# TYPE reveille_pending_triggers gauge", f"reveille_pending_triggers {self.pending}"]
        return "\n".join([*lines, *self._of_last_day()]) + "\n"

    def _of_last_day(self) -> list[str]:
        lines: list[str] = []
        if self.usage is not None:
            lines.append("# TYPE reveille_last_day_tokens gauge")
            for used in self.usage.items:
                model = _escaped(used.model) or "unknown"
                about = f'agent="{used.agent}",model="{model}"'
                lines += [
                    f'reveille_last_day_tokens{{{about},part="{part}"}} {getattr(used, f"{part}_tokens")}'
                    for part in PARTS
                ]
        if (saved := self.saved_percentage) is not None:
            lines += [
                "# TYPE reveille_tokens_saved_ratio gauge",
                f"reveille_tokens_saved_ratio {round(saved / 100, 4)}",
            ]
        if (cost := self.daily_cost) is not None:
            currency = self.fleet.limits.currency
            lines += ["# TYPE reveille_last_day_cost gauge", f'reveille_last_day_cost{{currency="{currency}"}} {cost}']
        return lines


def status_routes(
    queries: Queries, fleets: Fleets, *, tenant: str, mode: str, clock: Clock, answers: Mapping[tuple[str, int], int]
) -> APIRouter:
    router = APIRouter(tags=["status"])
    started = clock.now()

    async def figures() -> Figures:
        since = window(clock.now())
        agents, accounts, usage = await asyncio.gather(
            _ask(queries.agent_runner.ListAgents, ListAgentsRequest(tenant=tenant)),
            _ask(queries.budget.ListAccounts, ListAccountsRequest(tenant=tenant)),
            _ask(queries.agent_runner.ListUsage, ListUsageRequest(tenant=tenant, since=since)),
        )
        now, fleet = clock.now(), fleets.in_force(tenant).fleet
        return Figures(
            agents=agents,
            accounts=accounts,
            usage=usage,
            fleet=fleet,
            today=_today(now, fleet),
            uptime=math.floor((now - started) / SECOND * 1000) / 1000,
            elapsed=now - max(since, await fleets.began(tenant)),
        )

    @router.get("/status")
    async def status() -> dict[str, Any]:
        found, healths = await asyncio.gather(figures(), queries.healths())
        well = found.agents is not None and all(health == "serving" for health in healths.values())
        return {
            "status": "ok" if well else "degraded",
            "version": version("reveille-ingress"),
            "mode": mode,
            "services": healths,
            "agents": found.of_agents(),
            "uptime": found.uptime,
        }

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        found = await figures()
        accept = request.headers.get("accept", "")
        if "text/plain" in accept or "openmetrics" in accept:
            return Response(found.as_prometheus(answers), media_type=PROMETHEUS)
        return JSONResponse(found.as_metrics())

    return router


async def _ask(method: Any, request: Any) -> Any:
    """None where the service cannot answer now: the rest of the page is worth showing."""
    try:
        return await ask(method, request, SECONDS)
    except Transient:
        return None


def _today(now: int, fleet: Fleet) -> str:
    return to_datetime(now).astimezone(ZoneInfo(fleet.limits.time_zone or "UTC")).date().isoformat()


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _rss_mb() -> float | None:
    """None where the system has no /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
