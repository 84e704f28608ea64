"""Random logs of executions, in the orders that the services can write them in."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from reveille.contracts.agent_runner.v1.events_pb2 import Failure
from reveille.contracts.budget.v1.events_pb2 import TokensReserved
from reveille.contracts.planner.v1.events_pb2 import (
    ExecutionCancelled,
    ExecutionCompleted,
    PlanUpdated,
    StepInvalidated,
    StepRestored,
)
from reveille.kernel.sealing import seal_json
from tests.unit.ingress import live_events as log
from tests.unit.ingress.live_events import execution
from tests.unit.ingress.plan_events import Written

# Above what is told by reference.
LARGE: Final = 9_000


@dataclass(slots=True)
class Story:
    """One execution, and what of it is under way. Its inputs are there before it begins."""

    id: str
    begun: bool = False
    runs: list[tuple[str, bool]] = field(default_factory=list)
    steps: int = 0

    def next(self, random: Random) -> list[Written]:
        if not self.begun:
            self.begun = True
            return [*log.asked(self.id, f"a scene of {self.id}"), *log.begun(self.id, departments=["camera"])]
        return [random.choice([self._of_plan, self._ready, self._of_run, self._of_run, self._of_run])(random)]

    def _of_plan(self, random: Random) -> Written:
        id, step = self.id, f"s{random.randint(1, max(1, self.steps))}"
        status = random.choice(["running", "failed"])
        choices: list[Written] = [
            log.department(id),
            log.department_done(id, "camera", ("lens", step, random.randint(0, 100))),
            log.checked(id, random.randint(0, 100), "short"),
            log.reviewed(id, random.choice(["revise", "approved"]), "more"),
            log.completed(id, {"step": step, "of": "x" * random.choice([1, LARGE])}, step),
            execution(id, StepInvalidated(step=step)),
            execution(id, StepRestored(step=step)),
            execution(id, PlanUpdated(status=status, plan=seal_json({"next_steps": ["do"]}))),
            execution(id, ExecutionCompleted(living=True, tokens_used=3)),
            execution(id, ExecutionCancelled(tokens_used=3)),
        ]
        return random.choice(choices)

    def _ready(self, random: Random) -> Written:
        self.steps += 1
        step = f"s{self.steps}"
        self.runs.append((step, False))
        return log.drafting(self.id, step, f"agent-{self.steps % 3}", "camera", 1)

    def _of_run(self, random: Random) -> Written:
        if not self.runs:
            return self._ready(random)
        number = random.randrange(len(self.runs))
        step, started = self.runs[number]
        if not started:
            self.runs[number] = (step, True)
            return log.ran(self.id, step)
        if random.random() < 0.2:
            del self.runs[number]
            done = log.came_to(self.id, {"of": "y" * random.choice([1, LARGE])}, step)
            return random.choice([done, log.failed(self.id, "no", step, reason=Failure.FAILURE_TIMEOUT)])
        call = random.randint(1, 3)
        return random.choice(
            [
                log.thought(self.id, "hm", step),
                log.called(self.id, step=step, call=call),
                log.returned(self.id, [1], step=step, call=call),
            ]
        )


def noise() -> Written:
    return "t.ledger", TokensReserved()
