"""What an agent is told: its work, with the signals that it is about, read from the log."""

import json
from typing import Any

from reveille.agents import Signal, Task
from reveille.contracts.agent_runner.v1.events_pb2 import Work
from reveille.contracts.common.v1 import common_pb2
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.contracts.planner.v1.events_pb2 import StepReady
from reveille.kernel.blobs import Blobs
from reveille.kernel.facts import Facts
from reveille.kernel.signals import content_of


async def task_of(work: Work, ready: StepReady, facts: Facts, blobs: Blobs, tenant: str) -> Task:
    signals = []
    for ref in ready.signals:
        received = (await facts.event(ref)).msg
        assert isinstance(received, SignalReceived)
        signals.append(await _signal_of(received.signal, blobs, tenant))
    return Task(
        run_id=work.run_id,
        execution_id=work.execution_id,
        agent=work.agent,
        step=work.step,
        attempt=work.attempt,
        priority=common_pb2.Priority.Name(work.priority).removeprefix("PRIORITY_").lower(),
        tokens=work.tokens,
        signals=tuple(signals),
    )


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
