"""What a running skill may use of the platform."""

from typing import Protocol

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

    @property
    def cancelled(self) -> bool: ...

    async def progress(self, text: str) -> None:
        """Tell whoever watches what the agent is doing."""
        ...

    async def checkpoint(self) -> None:
        """Raises asyncio.CancelledError when the run was cancelled."""
        ...
