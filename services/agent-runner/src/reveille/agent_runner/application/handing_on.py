"""Work that a skill gives to other agents: recorded in its run, from where it goes to their watches."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agent_runner.application.reporting import Reporting
from reveille.contracts.agent_runner.v1.events_pb2 import Work, WorkHandedOn
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.fleet import Fleet
from reveille.kernel.ids import derive
from reveille.kernel.priorities import PRIORITIES
from reveille.kernel.sealing import seal_json

MAX_NOTE: Final = 4_000
MAX_CONTENT_BYTES: Final = 64 * 1024
# A loop gone wild would wake a whole fleet; no triage of one task needs more.
MAX_HANDED: Final = 50


class HandingOn:
    """Of one run. `agents`: the capabilities of each agent of the fleet that the run's step stands under."""

    def __init__(self, work: Work, ready: StepReady, fleet: Fleet, reporting: Reporting) -> None:
        self._fleet = fleet
        self._work = work
        self._ready = ready
        self._reporting = reporting
        self._handed = 0

    @property
    def agents(self) -> Mapping[str, Sequence[str]]:
        return {agent.name: tuple(agent.capabilities) for agent in self._fleet.agents.values()}

    async def hand_on(
        self, agent: str, note: str, *, priority: str, payload: Mapping[str, Any] | None, number: int = 0
    ) -> None:
        """Raises ValueError for what the fleet, or a record, does not allow.

        number: of what the run hands on, from 1, where its agent counts; 0 where this does.
        """
        others = [name for name in self.agents if name != self._work.agent]
        if agent not in others:
            raise ValueError(f"work for {agent!r} cannot be handed on, expected one of {', '.join(others) or 'none'}")
        if priority not in PRIORITIES:
            raise ValueError(f"priority is {priority!r}, expected one of {', '.join(PRIORITIES)}")
        number = number or self._handed + 1
        if number > MAX_HANDED:
            raise ValueError(f"a run hands on at most {MAX_HANDED} times")
        try:
            content = seal_json({"note": note[:MAX_NOTE], "payload": dict(payload or {})})
        except (TypeError, ValueError) as error:
            raise ValueError(f"the payload for {agent} is not JSON: {error}") from error
        if len(content.data) > MAX_CONTENT_BYTES:
            raise ValueError(f"the payload for {agent} is {len(content.data)} bytes, at most {MAX_CONTENT_BYTES}")
        self._handed = number
        work, ready = self._work, self._ready
        handed = WorkHandedOn(
            work=work,
            number=self._handed,
            agent=agent,
            priority=PRIORITIES[priority],
            content=content,
            signal_ids=ready.signal_ids,
            # What had been handed to this one stays with it: the next one gets this one's note.
            signals=[ref for ref in ready.signals if "run-" not in ref.stream],
            fleet_revision=ready.fleet_revision,
            trigger_id=derive("handed on", work.execution_id, work.step, str(self._handed), agent),
        )
        await self._reporting.report(handed)
