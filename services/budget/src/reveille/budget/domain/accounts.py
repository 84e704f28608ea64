"""What has been reserved and used of an account, and which accounts a reservation touches."""

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

TENANT: Final = "tenant"
EXECUTION: Final = "execution"
OWN: Final = "agent"
AGENT: Final = "agent:"
KINDS: Final = (TENANT, OWN, EXECUTION)


@dataclass(frozen=True, slots=True)
class Account:
    """runs: how many hold it. counted: something has been reserved of it, or used."""

    reserved: int = 0
    used: int = 0
    runs: int = 0
    counted: bool = False

    def fits(self, tokens: int, limit: int) -> bool:
        """A limit of 0 is none. Who takes nothing always fits, also where an overrun has to be covered first."""
        return limit == 0 or tokens == 0 or self.used + self.reserved + tokens <= limit

    def left(self, limit: int) -> int:
        return max(0, limit - self.used - self.reserved)


EMPTY: Final = Account()


class Full(NamedTuple):
    """An account that has no room for a reservation. kind: TENANT, OWN (the agent's) or EXECUTION."""

    name: str
    kind: str
    limit: int
    used: int
    left: int


class Asked(Protocol):
    """What decides on a reservation: the reservation itself, or one that waits."""

    @property
    def run_id(self) -> str: ...
    @property
    def execution_id(self) -> str: ...
    @property
    def agent(self) -> str: ...
    @property
    def tokens(self) -> int: ...
    @property
    def priority(self) -> int: ...
    @property
    def defer(self) -> bool: ...
    @property
    def ask(self) -> bool: ...


def scope_of(account: str) -> str:
    """`tenant@2026-11-21` → `tenant`, `agent:x@2026-11-21` → `agent:x`, `execution:<id>` → `execution`."""
    return EXECUTION if account.startswith(f"{EXECUTION}:") else account.rpartition("@")[0]


def period_of(account: str) -> str:
    return "" if account.startswith(f"{EXECUTION}:") else account.rpartition("@")[2]


def agent_of(account: str) -> str | None:
    """None: it is no agent's."""
    return scope_of(account).removeprefix(AGENT) if account.startswith(AGENT) else None


def accounts_of(asked: Asked, day: str) -> tuple[str, str, str]:
    """The narrowest last."""
    return f"{TENANT}@{day}", f"{AGENT}{asked.agent}@{day}", execution_account(asked.execution_id)


def execution_account(execution_id: str) -> str:
    return f"{EXECUTION}:{execution_id}"


def execution_of(account: str) -> str:
    return account.removeprefix(f"{EXECUTION}:")
