"""What the agent-runner tells Prometheus besides what every service does."""

from typing import Final

from reveille.adapters.prometheus import Metric, Sample
from reveille.agent_runner.application.breaking import State
from reveille.agent_runner.bootstrap import AgentRunner

WAKE: Final = Metric(
    "reveille_wake_seconds",
    "histogram",
    "from the receipt of the latest of its signals to the entering of the skill; first attempts that signals woke",
)
RUNNING: Final = Metric("reveille_runs_running", "gauge", "skills at work in this process")
RUN: Final = Metric("reveille_run_seconds", "histogram", "from a run's start in this process to its end", ("outcome",))
MODEL: Final = Metric("reveille_model_call_seconds", "histogram", "a call of a model", ("model", "outcome"))
TOOL: Final = Metric("reveille_tool_call_seconds", "histogram", "a call of a tool", ("tool", "outcome"))
BREAKER: Final = Metric("reveille_breaker_state", "gauge", "1: its breaker is in this state", ("model", "state"))


def samples(runner: AgentRunner) -> list[Sample]:
    measures = runner.pool.measures
    return [
        WAKE.of(measures.wakes),
        RUNNING.of(runner.pool.running),
        *(RUN.of(taken, outcome) for outcome, taken in sorted(measures.runs.items())),
        *(MODEL.of(taken, *about) for about, taken in sorted(measures.models.items())),
        *(TOOL.of(taken, *about) for about, taken in sorted(measures.tools.items())),
        *(
            BREAKER.of(int(now is state), model, state.value)
            for model, now in sorted(runner.breakers.now().items())
            for state in State
        ),
    ]
