"""What an administrator is told who wants a person to be forgotten; that he is, the journeys show."""

from typing import Any

import pytest

from tests.integration.ingress.conftest import House

URL = "/api/v1/erasures"


async def test_where_nothing_is_encrypted_nobody_can_be_forgotten(house: House) -> None:
    answer = await house.client.post(URL, json={"subject": "bruno"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_encrypted")
    assert answer.json()["detail"] == "nothing is encrypted here: REVEILLE_ENCRYPTION_KEYS is not set"
    assert (await house.client.get(URL)).json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("body", "path"),
    [({}, "subject"), ({"subject": ""}, "subject"), ({"subject": "b", "execution": "e"}, "execution")],
)
async def test_what_is_wrong_with_the_request_is_named(house: House, body: dict[str, Any], path: str) -> None:
    answer = await house.client.post(URL, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)
