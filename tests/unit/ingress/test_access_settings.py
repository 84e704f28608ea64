"""Where auth is on, where it may be off, and what refuses to start."""

from typing import Any

import pytest

from reveille.adapters.settings import read_settings
from reveille.ingress.settings import Settings
from reveille.kernel.errors import Misconfigured

ADMIN = "a" * 32


def settings(**given: str) -> Settings:
    return read_settings(Settings, {f"REVEILLE_{name.upper()}": value for name, value in given.items()})


@pytest.mark.parametrize(
    ("given", "on"),
    [
        ({"mode": "embedded"}, False),
        ({"mode": "embedded", "auth": "off"}, False),
        ({"mode": "embedded", "auth": "on"}, True),
        ({"mode": "embedded", "host": "0.0.0.0"}, True),
        ({"mode": "cluster"}, True),
        ({"mode": "cluster", "own_machine": "true"}, False),
        ({"mode": "cluster", "own_machine": "true", "host": "::"}, True),
    ],
)
def test_everybody_says_who_he_is_wherever_others_can_connect(given: dict[str, str], on: bool) -> None:
    assert settings(**given).authenticates == on


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "embedded"},
        {"mode": "embedded", "host": "0.0.0.0", "admin_key": ADMIN},
        {"mode": "cluster", "jwt_jwks": "/keys.json", "jwt_issuer": "i", "jwt_audience": "a"},
    ],
)
def test_these_start(given: dict[str, str]) -> None:
    settings(**given).check()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"mode": "embedded", "host": "0.0.0.0"}, "REVEILLE_ADMIN_KEY"),
        ({"mode": "embedded", "auth": "on"}, "REVEILLE_ADMIN_KEY"),
        ({"mode": "cluster"}, "REVEILLE_ADMIN_KEY"),
        ({"mode": "embedded", "host": "0.0.0.0", "admin_key": ADMIN, "auth": "off"}, "REVEILLE_AUTH"),
        ({"mode": "cluster", "auth": "off"}, "REVEILLE_AUTH"),
        ({"mode": "cluster", "jwt_jwks": "/k"}, "REVEILLE_JWT_ISSUER"),
        ({"mode": "cluster", "jwt_jwks": "/k", "jwt_issuer": "i"}, "REVEILLE_JWT_AUDIENCE"),
        ({"mode": "embedded", "jwt_jwks": "/k"}, "REVEILLE_JWT_ISSUER"),
    ],
)
def test_where_everybody_or_nobody_could_come_in_it_does_not_start(given: dict[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        settings(**given).check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auth", "maybe"),
        ("admin_key", "short"),
        ("admin_key", "with a space in it, which no header has"),
        ("jwt_algorithms", "none"),
        ("jwt_algorithms", "RS256,HS256"),
        ("jwt_algorithms", ","),
        ("jwt_leeway", "-1"),
        ("jwt_leeway", "1000"),
        ("jwt_roles_claim", "a b"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=f"REVEILLE_{name.upper()}"):
        settings(**{name: value})


def test_the_admin_key_is_not_shown() -> None:
    given: dict[str, Any] = {"admin_key": ADMIN.encode()}
    assert ADMIN not in repr(Settings(**given))
    with pytest.raises(Misconfigured) as refused:
        settings(admin_key="too-short")
    assert "too-short" not in str(refused.value)


def test_proxies_are_addresses_and_networks() -> None:
    assert settings().trusted_proxies == ()
    given = settings(trusted_proxies="10.0.0.7, 10.1.0.0/16,fd00::/8")
    assert given.trusted_proxies == ("10.0.0.7/32", "10.1.0.0/16", "fd00::/8")


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "0.0.0.0/0", "::/0", "10.0.0.7/8", "10.0.0.7,"])
def test_not_everybody_is_a_proxy_that_is_believed(proxies: str) -> None:
    with pytest.raises(Misconfigured, match=r"REVEILLE_TRUSTED_PROXIES .*like 10\.0\.0\.7,10\.1\.0\.0/16"):
        settings(trusted_proxies=proxies)
