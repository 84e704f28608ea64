"""The fleet that is in force now, for those who ask or come now; what was decided names its own."""

from reveille.contracts.ingress.v1.events_pb2 import Agent
from reveille.kernel.facts import Facts


async def remote_agent(facts: Facts, tenant: str, name: str) -> Agent:
    """Raises KeyError where the fleet has no agent of that name that connects."""
    agent = (await facts.fleet_in_force(tenant)).agents.get(name)
    if agent is None or not agent.remote:
        raise KeyError(f"the fleet has no remote agent {name}")
    return agent
