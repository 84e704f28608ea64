"""The rules of many tenants, ready: whoever is asked for often stays, however many others there are."""

import pytest

from reveille.analyzer.application import compiling
from reveille.analyzer.application.compiling import Rules
from reveille.contracts.ingress.v1.events_pb2 import Rule
from reveille.kernel.facts import Facts
from tests.unit.log import Log

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(("limit", "most"), [("KEPT", 2), ("KEPT_RULES", 4)])
async def test_what_nobody_has_asked_for_longest_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(compiling, limit, most)
    log = Log()
    rules = Rules(Facts(log.store), where=lambda text: lambda variables: True, paths=lambda names: lambda paths: True)
    two = [Rule(name="one", wake="a"), Rule(name="two", wake="a")]
    of = {tenant: await log.apply_fleet(rules=two, tenant=tenant) for tenant in ("t", "u", "v")}
    first = {tenant: await rules.at(tenant, of[tenant]) for tenant in ("t", "u")}
    assert await rules.at("t", of["t"]) is first["t"]
    await rules.at("v", of["v"])
    assert await rules.at("t", of["t"]) is first["t"]
    assert await rules.at("u", of["u"]) is not first["u"]
