"""The fleet of the bench: one worker that a pull request wakes, and as much as wanted that must cost nothing."""

from typing import Final

from bench.deliveries import WAKING

# What no run of the bench can use up.
PLENTY: Final = 4_000_000_000_000


def fleet(*, skill: str = "nothing", rules: int = 10, sleepers: int = 3) -> str:
    """rules: those that can match nothing. sleepers: agents that nothing wakes."""
    sleeping = "".join(f'  sleeper-{number}: {{skill: "bench.skills:nothing"}}\n' for number in range(sleepers))
    never = "".join(
        f"  - {{name: never-{number}, on: {{source: github, kind: never.k{number}}}, wake: worker}}\n"
        for number in range(rules)
    )
    return f"""\
version: 1
defaults:
  model: offline
  budget: {{tokens: {PLENTY}, per: day, per_run: 1_000}}
agents:
  worker:
    skill: bench.skills:{skill}
    instances: {{max: 500}}
{sleeping}rules:
  - name: work
    on: {{source: github, kind: pull_request.{WAKING}}}
    where: 'signal.base_ref == "main" && !signal.draft'
    wake: worker
{never}budgets:
  tenant: {{tokens: {PLENTY}, per: day}}
"""
