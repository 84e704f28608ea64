"""What was used, what it cost and what was saved, as /metrics and `reveille status` tell it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Make
from tests.e2e.running import Platform, reveille, until

FLEET = """
version: 1
time_zone: %s
agents:
  asking: {skill: "effectful:ask_model", budget: {tokens: 20_000}}
  idle: {skill: "effectful:act"}
budgets:
  price: {currency: EUR, per_million_tokens: 10, models: {offline: {input: 3, output: 15}}}
baseline: {poll_every: 100ms, tokens_per_poll: 150}
"""


def test_tokens_are_priced_apart_and_compared_with_polling(make: Make, tmp_path: Path) -> None:
    # Where another day is now than in UTC.
    zone = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 10 else "Pacific/Pago_Pago"
    (tmp_path / "fleet.yaml").write_text(FLEET % zone)
    platform: Platform = make(tmp_path, fleet=tmp_path / "fleet.yaml")
    platform.start()
    execution = platform.run("asking", {"input": 400, "output": 20})
    used = execution["tokens_used"]
    assert used > 0
    metrics = until(
        lambda: (found := platform.get("/metrics"))["efficiency"]["estimatedDailyCost"] and found, "the cost is known"
    )
    # Of the day that it is where the tenant is.
    until(lambda: _told(platform, "asking")["tokensLeft"] == 20_000 - used, "today's tokens are told")
    efficiency = metrics["efficiency"]
    assert used * 3 / 1e6 <= efficiency["estimatedDailyCost"] <= used * 15 / 1e6
    assert efficiency["currency"] == "EUR"
    text = platform.http.get("/metrics", headers={"accept": "text/plain"}).text
    of_asking = 'reveille_last_day_tokens{service="ingress",tenant="default",agent="asking"'
    parts = [line for line in text.splitlines() if line.startswith(of_asking)]
    assert sum(int(line.rpartition(" ")[2]) for line in parts) == used
    # Two agents that poll ten times a second have soon used more than one question to a model.
    saved = until(
        lambda: (found := platform.get("/metrics")["efficiency"]["tokensSavedPercentage"]) and found > 0 and found,
        "waking is cheaper than polling",
    )
    assert saved < 100
    shown = reveille("status", "--url", platform.url).stdout
    assert all(word in shown for word in ("asking", "dormant", "saved against polling, last day", "EUR"))


def _told(platform: Platform, agent: str) -> dict[str, Any]:
    agents: list[dict[str, Any]] = platform.get("/status")["agents"]
    return next(one for one in agents if one["id"] == agent)
