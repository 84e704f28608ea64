"""The fleet that is in force now, for those who ask or come now; what was decided names its own."""

from reveille.contracts.ingress.v1.events_pb2 import Agent
from reveille.kernel.event_store import EventStore
from reveille.kernel.events import stream_name
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet


async def fleet_in_force(store: EventStore, facts: Facts, tenant: str) -> Fleet:
    last = await store.read_backwards(stream_name(tenant, "fleet"), 1)
    return await facts.fleet(tenant, last[0].revision) if last else Fleet()


async def remote_agent(store: EventStore, facts: Facts, tenant: str, name: str) -> Agent:
    """Raises KeyError where the fleet has no agent of that name that connects."""
    agent = (await fleet_in_force(store, facts, tenant)).agents.get(name)
    if agent is None or not agent.remote:
        raise KeyError(f"the fleet has no remote agent {name}")
    return agent
