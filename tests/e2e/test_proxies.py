"""The platform behind a proxy: whom that names is limited and on record, and nobody else's word counts."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.e2e.embedded import Embedded

ADMIN: Final = "the-key-that-issues-the-first-ones-0123456789"
SHOWN: Final = {"authorization": f"Bearer {ADMIN}"}
AT_MOST: Final = 3


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    settings = {
        "REVEILLE_AUTH": "on",
        "REVEILLE_ADMIN_KEY": ADMIN,
        "REVEILLE_TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8",
        "REVEILLE_RATE_LIMIT": f"{AT_MOST}/hour",
        "REVEILLE_SOCKETS_PER_ADDRESS": "1",
    }
    platform = Embedded(tmp_path_factory.mktemp("behind"), settings=settings)
    try:
        yield platform.start()
    finally:
        platform.close()


def from_(address: str) -> dict[str, str]:
    return {**SHOWN, "x-forwarded-for": address}


def asked(platform: Embedded, address: str) -> int:
    return platform.http.get("/api/v1/me", headers=from_(address)).status_code


def test_each_address_that_the_proxy_names_has_a_limit_of_its_own(behind: Embedded) -> None:
    assert [asked(behind, "203.0.113.5") for _ in range(AT_MOST + 1)] == [200] * AT_MOST + [429]
    assert asked(behind, "203.0.113.6") == 200


def test_whoever_names_an_address_before_the_proxy_does_is_known_by_his_own(behind: Embedded) -> None:
    forged = [f"198.51.100.{number}, 203.0.113.7, 10.0.0.9" for number in range(AT_MOST + 1)]
    assert [asked(behind, one) for one in forged] == [200] * AT_MOST + [429]


def test_sockets_are_counted_by_the_address_that_the_proxy_names(behind: Embedded) -> None:
    def opened(address: str) -> Any:
        return connect(f"{behind.url.replace('http', 'ws', 1)}/ws/events", additional_headers=from_(address))

    with opened("203.0.113.8"), opened("203.0.113.9"), pytest.raises(InvalidStatus) as refused:
        opened("203.0.113.8")
    assert refused.value.response.status_code == 429


def test_the_record_of_acts_names_the_address_that_the_proxy_names(behind: Embedded) -> None:
    body = {"name": "ci", "roles": ["viewer"]}
    assert behind.http.post("/api/v1/keys", json=body, headers=from_("2001:db8::7")).status_code == 201
    (act,) = behind.http.get("/api/v1/audit", headers=from_("203.0.113.10")).json()["items"]
    assert act["address"] == "2001:db8::7"
