import json
from tests.integration.ingress.conftest import House, Open
async def test_nul(open_house: Open) -> None:
    house = await open_house()
    a = await house.client.post("/webhook/system/opened", json={"repository": "a\x00b", "title": "x\x00y"})
    print(a.status_code, a.text)
    b = await house.client.get("/api/v1/signals", params={"wait_for": a.json().get("position", 0)})
    print(b.status_code, b.text[:300])
    assert b.status_code == 200
