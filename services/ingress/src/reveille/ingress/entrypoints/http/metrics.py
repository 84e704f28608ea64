"""What ingress tells Prometheus: what its edge has counted, dead letters, and each tenant's figures."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

from reveille.adapters.prometheus import Metric, Sample, text_of
from reveille.ingress.bootstrap import Ingress
from reveille.ingress.entrypoints.access_table import SOCKETS as SOCKET_ENTRIES
from reveille.ingress.entrypoints.http.figures import STATES, Figures, Owners
from reveille.ingress.entrypoints.http.gate import Held
from reveille.kernel.measuring import Histogram

NAME: Final = "ingress"
# Services that answer one.
INBOXES: Final = ("agent-runner", "analyzer", "budget", "planner")
SOCKET_PATHS: Final = tuple(sorted(entry.path for entry in SOCKET_ENTRIES))

# What a model was told, what it said, and what nobody can tell apart.
PARTS: Final = ("input", "output", "other")

REQUESTS: Final = Metric("reveille_http_requests_total", "counter", "requests that were answered", ("door", "status"))
REQUEST: Final = Metric(
    "reveille_http_request_seconds",
    "histogram",
    "from a request's beginning to the end of its answer",
    ("door",),
)
SOCKETS: Final = Metric("reveille_sockets_open", "gauge", "WebSockets that are open now", ("socket",))
DEAD_LETTERS: Final = Metric(
    "reveille_dead_letters_open",
    "gauge",
    "parked messages that nobody has decided about; the same on every replica",
    ("tenant", "inbox"),
)
UP: Final = Metric("reveille_up_seconds", "gauge", "since it began")
AGENTS: Final = Metric("reveille_agents", "gauge", "agents by state", ("tenant", "state"))
AGENT_TOKENS: Final = Metric(
    "reveille_agent_tokens_total", "counter", "all runs, as they were charged", ("tenant", "agent")
)
AGENT_LEFT: Final = Metric(
    "reveille_agent_tokens_left", "gauge", "of the agent's account of today", ("tenant", "agent")
)
LIMIT: Final = Metric(
    "reveille_account_limit_tokens",
    "gauge",
    "of accounts of today, and of executions, that have a limit",
    ("tenant", "account"),
)
RESERVED: Final = Metric(
    "reveille_account_reserved_tokens",
    "gauge",
    "of accounts of today, and of executions: reserved and not settled",
    ("tenant", "account"),
)
USED: Final = Metric(
    "reveille_account_used_tokens", "gauge", "of accounts of today, and of executions: settled", ("tenant", "account")
)
LEFT: Final = Metric(
    "reveille_account_left_tokens",
    "gauge",
    "of accounts of today, and of executions, that have a limit",
    ("tenant", "account"),
)
QUEUED: Final = Metric("reveille_runs_queued", "gauge", "runs that wait for their agent", ("tenant",))
WAITING: Final = Metric("reveille_reservations_waiting", "gauge", "reservations that wait for tokens", ("tenant",))
PENDING: Final = Metric("reveille_pending_triggers", "gauge", "the two above together", ("tenant",))
LAST_DAY: Final = Metric(
    "reveille_last_day_tokens",
    "gauge",
    "charged in the last 24 hours of the clock",
    ("tenant", "agent", "model", "part"),
)
COST: Final = Metric(
    "reveille_last_day_cost", "gauge", "what these cost, where all of them have a price", ("tenant", "currency")
)
SAVED: Final = Metric(
    "reveille_tokens_saved_ratio",
    "gauge",
    "against polling, where the fleet has a baseline; 1 is all of it",
    ("tenant",),
)


class Answers:
    """What this process has answered over HTTP, by door."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, int]] = Counter()
        self._seconds: defaultdict[str, Histogram] = defaultdict(Histogram)

    def take(self, door: str, status: int, seconds: float) -> None:
        self.counted[door, status] += 1
        self._seconds[door].observe(seconds)

    def samples(self) -> list[Sample]:
        return [
            *(REQUESTS.of(count, door, str(status)) for (door, status), count in sorted(self.counted.items())),
            *(REQUEST.of(seconds, door) for door, seconds in sorted(self._seconds.items())),
        ]


class Telling:
    """What ingress tells: all of it to whoever scrapes its process, and to a tenant what is his."""

    def __init__(self, ingress: Ingress, owners: Owners, answers: Answers, held: Held) -> None:
        self._ingress = ingress
        self._owners = owners
        self._answers = answers
        self._held = held

    async def of_process(self) -> list[Sample]:
        samples = self._of_edge()
        for tenant, figures in (await self._owners.of_all()).items():
            samples += tenant_samples(tenant, figures)
        return samples + await self._of_dead_letters(self._ingress.fleets.tenants)

    async def to_tenant(self, tenant: str, figures: Figures) -> str:
        """The processes are those of whose machine it is; his too are the counts of the edge."""
        own = [*tenant_samples(tenant, figures), *await self._of_dead_letters([tenant])]
        if tenant != self._ingress.settings.tenant:
            return text_of([(NAME, own)])
        return text_of([(NAME, self._of_edge() + own), *await self._ingress.told()])

    def _of_edge(self) -> list[Sample]:
        opened = (SOCKETS.of(self._held.open(path), path) for path in SOCKET_PATHS)
        return [UP.of(self._owners.uptime), *self._answers.samples(), *opened]

    async def _of_dead_letters(self, tenants: Iterable[str]) -> list[Sample]:
        counted = await self._ingress.dead_letters.open()
        return [
            DEAD_LETTERS.of(counted.get((tenant, inbox), 0), tenant, inbox)
            for tenant in sorted(tenants)
            for inbox in INBOXES
        ]


def tenant_samples(tenant: str, figures: Figures) -> list[Sample]:
    """What its owner cannot say now is left out."""
    return [*_of_agents(tenant, figures), *_of_accounts(tenant, figures), *_of_last_day(tenant, figures)]


def _of_agents(tenant: str, figures: Figures) -> list[Sample]:
    if figures.agents is None:
        return []
    counted = figures.by_state()
    return [
        *(AGENTS.of(counted[state], tenant, state) for state in STATES),
        *(AGENT_TOKENS.of(agent.tokens_used, tenant, agent.id) for agent in figures.agents.items),
        *(
            AGENT_LEFT.of(agent["tokensLeft"], tenant, agent["id"])
            for agent in figures.of_agents()
            if agent["tokensLeft"] is not None
        ),
        QUEUED.of(figures.queued or 0, tenant),
    ]


def _of_accounts(tenant: str, figures: Figures) -> list[Sample]:
    if figures.accounts is None:
        return []
    by_kind: defaultdict[str, list[Any]] = defaultdict(list)
    for account in figures.accounts_of_now():
        by_kind[account.scope.partition(":")[0]].append(account)
    samples = [WAITING.of(int(figures.accounts.waiting), tenant)]
    if figures.pending is not None:
        samples.append(PENDING.of(figures.pending, tenant))
    for kind, accounts in sorted(by_kind.items()):
        samples.append(RESERVED.of(sum(account.reserved for account in accounts), tenant, kind))
        samples.append(USED.of(sum(account.used for account in accounts), tenant, kind))
        if limited := [account for account in accounts if account.limit]:
            samples.append(LIMIT.of(sum(account.limit for account in limited), tenant, kind))
            samples.append(LEFT.of(sum(account.left for account in limited), tenant, kind))
    return samples


def _of_last_day(tenant: str, figures: Figures) -> list[Sample]:
    samples: list[Sample] = []
    if figures.usage is not None:
        for used in figures.usage.items:
            about = (tenant, used.agent, used.model or "unknown")
            samples += [LAST_DAY.of(getattr(used, f"{part}_tokens"), *about, part) for part in PARTS]
    if (saved := figures.saved_percentage) is not None:
        samples.append(SAVED.of(round(saved / 100, 4), tenant))
    if (cost := figures.daily_cost) is not None:
        samples.append(COST.of(cost, tenant, figures.fleet.limits.currency))
    return samples
