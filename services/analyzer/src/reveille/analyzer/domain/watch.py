"""Whether an agent wakes on what its rules have matched. Stream: watch-<agent>."""

from dataclasses import dataclass
from typing import Final, assert_never

from google.protobuf.message import Message

from reveille.contracts.analyzer.v1.events_pb2 import SUPPRESSION_LOOP, TriggerFired, TriggerSuppressed
from reveille.contracts.common.v1.common_pb2 import EventRef, Priority
from reveille.kernel.decider import Decider
from reveille.kernel.events import About


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """All rules that matched one signal for one agent, in the fleet's order; none where the sender named the agent."""

    now: int
    trigger_id: str
    agent: str
    rules: tuple[str, ...]
    priority: Priority
    signal_id: str
    signal: EventRef
    fleet_revision: int
    hop: int
    max_hops: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Nothing that has been decided bears on what comes next."""


def decide(command: Wake, state: Watch) -> list[Message]:
    match command:
        case Wake(hop=hop, max_hops=max_hops) if hop > max_hops:
            return [
                TriggerSuppressed(
                    trigger_id=command.trigger_id,
                    agent=command.agent,
                    rule=next(iter(command.rules), ""),
                    reason=SUPPRESSION_LOOP,
                    signal_ids=[command.signal_id],
                    detail=f"the chain of agents' acts is {hop} long, at most {max_hops} wake",
                )
            ]
        case Wake():
            return [
                TriggerFired(
                    trigger_id=command.trigger_id,
                    agent=command.agent,
                    rule=next(iter(command.rules), ""),
                    rules=command.rules,
                    priority=command.priority,
                    signal_ids=[command.signal_id],
                    signals=[command.signal],
                    fleet_revision=command.fleet_revision,
                )
            ]
        case _:
            assert_never(command)


def evolve(state: Watch, event: Message, about: About) -> Watch:
    return state


decider: Final = Decider(category="watch", initial=Watch(), decide=decide, evolve=evolve, snapshot_every=1000)
