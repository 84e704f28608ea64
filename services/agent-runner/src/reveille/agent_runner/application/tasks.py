"""What an agent is told: its work, with the signals or the plan's materials that it is about, read from the log."""

import json
from typing import Any

from reveille.agent_runner.application.materials import materials_of
from reveille.agents import HandedOn, Signal, Task
from reveille.contracts.agent_runner.v1.events_pb2 import Work, WorkHandedOn
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.ingress.v1.events_pb2 import Role
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.blobs import Blobs
from reveille.kernel.facts import Facts
from reveille.kernel.sealing import open_sealed
from reveille.kernel.signals import content_of, signal_of


async def task_of(work: Work, ready: StepReady, facts: Facts, blobs: Blobs, tenant: str) -> Task:
    signals = []
    handed_on = None
    for ref in ready.signals:
        told = (await facts.event(ref)).msg
        if isinstance(told, WorkHandedOn):
            handed_on = HandedOn(by=told.work.agent, **json.loads(open_sealed(told.content)))
        else:
            signals.append(await _signal_of(signal_of(told), blobs, tenant))
    materials = await materials_of(ready, facts)
    return Task(
        run_id=work.run_id,
        execution_id=work.execution_id,
        agent=work.agent,
        step=work.step,
        attempt=work.attempt,
        priority=common_pb2.Priority.Name(work.priority).removeprefix("PRIORITY_").lower(),
        tokens=work.tokens,
        signals=tuple(signals),
        rule=ready.rule,
        handed_on=handed_on,
        blueprint=ready.blueprint,
        inputs=materials.inputs,
        facts=materials.facts,
        results=materials.results,
        item=materials.item,
        undoes=materials.undoes,
        department=ready.department,
        role=Role.Name(ready.role).removeprefix("ROLE_").lower() if ready.role else "",
        round=ready.round,
    )


async def latest_receipt(ready: StepReady, facts: Facts) -> int:
    """When the last of the signals that woke an agent came in, in microseconds; 0: it is a plan's step, or none did."""
    if ready.blueprint:
        return 0
    told = [(await facts.event(ref)).msg for ref in ready.signals]
    signals = (signal_of(one) for one in told if not isinstance(one, WorkHandedOn))
    return max((signal.received_at.ToMicroseconds() for signal in signals), default=0)


async def _signal_of(signal: common_pb2.Signal, blobs: Blobs, tenant: str) -> Signal:
    content = content_of(signal)
    payload: Any = {}
    if content.payload_blob:
        payload = json.loads(await blobs.get(tenant, content.payload_blob))
    elif content.payload:
        payload = json.loads(content.payload)
    return Signal(
        id=signal.id,
        source=signal.source,
        kind=signal.kind,
        means=signal.means,
        actor=content.actor,
        repository=content.repository,
        ref=content.ref,
        base_ref=content.base_ref,
        number=content.number,
        title=content.title,
        paths=tuple(content.paths) if content.paths_known else None,
        labels=dict(content.labels),
        draft=content.draft,
        conclusion=content.conclusion,
        severity=content.severity,
        summary=content.summary,
        url=content.url,
        verified=signal.verified,
        hop=signal.hop,
        before=content.before,
        after=content.after,
        clone=content.clone,
        payload=payload if isinstance(payload, dict) else {"payload": payload},
    )
