"""How the agents of an execution are, by its live events: the panel below the lines of a terminal."""

from dataclasses import dataclass
from typing import Final

from rich.markup import escape
from rich.table import Table

from reveille.agents.live import LiveEvent
from reveille.cli.showing import coloured, one_line, table
from reveille.cli.watching_lines import gist

# A panel leaves room for lines: of more agents those are shown that did something last.
MOST_ROWS: Final = 12
MOST_SAID: Final = 80


@dataclass(slots=True)
class _Agent:
    department: str
    status: str = ""
    running: int = 0
    runs: int = 0
    tokens: int = 0
    said: str = ""


class States:
    def __init__(self) -> None:
        self._agents: dict[str, _Agent] = {}

    def take(self, event: LiveEvent) -> None:
        """Events of no agent say nothing of one."""
        if not event.agent:
            return
        # Whoever did something last stands last.
        agent = self._agents.pop(event.agent, None) or _Agent(event.department)
        self._agents[event.agent] = agent
        match event.type:
            case "agent-start":
                agent.running += 1
                agent.runs += 1
                agent.status, agent.said = "running", gist(event)
            case "agent-complete":
                # A watch that begins in the middle has not seen all of them start.
                agent.running = max(0, agent.running - 1)
                agent.tokens += int(event.data.get("tokensUsed") or 0)
                if not agent.running:
                    agent.status = str(event.data.get("status") or "")
                agent.said = gist(event)
            case "quality-check" | "review-status":
                agent.said = gist(event)
            case "agent-thinking" | "tool-call" | "tool-result":
                agent.status, agent.said = "running", gist(event)

    def table(self) -> Table:
        made = table("agent", "department", "state", "runs", "tokens", "last")
        made.columns[-1].no_wrap = True
        for name, agent in list(self._agents.items())[-MOST_ROWS:]:
            made.add_row(
                escape(one_line(name)),
                escape(one_line(agent.department)),
                coloured(agent.status),
                f"{agent.runs:,}",
                f"{agent.tokens:,}",
                escape(one_line(agent.said, MOST_SAID)),
            )
        return made
