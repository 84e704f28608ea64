"""What a running skill may use of the platform."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from reveille.agents.model import Model
from reveille.agents.tool import Tools


class Context(Protocol):
    """`model` and `tools` are capped and recorded: every call stands in the log before it is made."""

    @property
    def model(self) -> Model: ...

    @property
    def tools(self) -> Tools: ...

    @property
    def tokens_left(self) -> int:
        """What the ledger reserved for this run and no call has used or holds."""
        ...

    async def more_tokens(self, tokens: int) -> bool:
        """Ask the ledger for so many more. True: they are in `tokens_left`; False: a budget has no room for them now.

        It never waits for room, only for the answer, in the run's own time. Raises ValueError for less than one.
        """
        ...

    def keep(self, result: Mapping[str, Any]) -> None:
        """What the run ends with where TokensSpent ends its skill: the latest counts, and gets `"partial": true`.

        A skill that keeps nothing fails then.
        """
        ...

    @property
    def agents(self) -> Mapping[str, Sequence[str]]:
        """The capabilities of each agent of the fleet, this one included."""
        ...

    @property
    def mark(self) -> str:
        """A line for commits and comments. What comes back with it is known as this run's own act (see max_hops)."""
        ...

    async def hand_on(
        self, agent: str, note: str, *, priority: str = "medium", payload: Mapping[str, Any] | None = None
    ) -> None:
        """Wake another agent with this run's signals and a note. Recorded, and so done, when it returns.

        A retry of the step that hands on the same things in the same order wakes nobody again. Raises ValueError for
        an agent that the fleet has not, for this agent itself, and for what cannot be recorded.
        """
        ...

    @property
    def cancelled(self) -> bool: ...

    async def progress(self, text: str) -> None:
        """Tell whoever watches what the agent is doing."""
        ...

    async def checkpoint(self) -> None:
        """Raises asyncio.CancelledError when the run was cancelled."""
        ...
