"""API keys as texts and as facts: what is issued, what of it is kept, and what may be done with it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from google.protobuf.message import Message

from reveille.contracts.ingress.v1.events_pb2 import KeyIssued, KeyRevoked
from reveille.ingress.domain import keys
from reveille.ingress.domain.access import Permission, Role
from reveille.ingress.domain.keys import Fact, Key, KeyText, digest_of, fold, issuing, parse, revoking, wanted_key
from reveille.ingress.domain.refusals import Conflicting, Invalid, Missing
from reveille.kernel.clock import SECOND

PEPPER = b"p" * 32
GIVEN = KeyText(tenant="acme", key_id="A" * 16, secret="s" * 43)
NOW = 1_000 * SECOND


def wanted(**changed: object) -> keys.WantedKey:
    given: dict[str, object] = {"name": "ci", "roles": ["source"], "agents": [], "sources": [], "lasts": 0, **changed}
    return wanted_key(**given)  # type: ignore[arg-type]


def known(*messages: Message) -> dict[str, Key]:
    return fold("acme", {}, facts(messages))


def facts(messages: Sequence[Message]) -> list[Fact]:
    return [Fact(msg=msg, at=NOW + place * SECOND, position=7 + place) for place, msg in enumerate(messages)]


def issued(**changed: object) -> Message:
    digest = digest_of(PEPPER, GIVEN)
    return issuing({}, GIVEN, wanted(**changed), digest=digest, by="admin", now=NOW)


def test_a_key_is_read_as_it_was_written() -> None:
    text = f"rvl_acme.{'A' * 16}.{'s' * 43}"
    assert parse(text) == GIVEN
    assert str(GIVEN) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rvl_",
        f"rvl_Acme.{'A' * 16}.{'s' * 43}",
        f"rvl_acme.{'A' * 15}.{'s' * 43}",
        f"rvl_acme.{'A' * 16}.{'s' * 44}",
        f"rvl_acme.{'A' * 16}.{'s' * 43}\n",
        f"rvl_ac.me.{'A' * 16}.{'s' * 43}",
        f"rvl_{'a' * 64}.{'A' * 16}.{'s' * 43}",
        f"rvl_acmé.{'A' * 16}.{'s' * 43}",
    ],
)
def test_what_only_looks_like_a_key_is_none(text: str) -> None:
    assert parse(text) is None


def test_a_key_does_not_show_its_secret_unasked() -> None:
    assert "sss" not in repr(GIVEN)


def test_a_digest_fits_just_this_key_of_this_tenant() -> None:
    others = [replace(GIVEN, tenant="globex"), replace(GIVEN, key_id="B" * 16), replace(GIVEN, secret="t" * 43)]
    assert digest_of(PEPPER, GIVEN) not in {digest_of(PEPPER, one) for one in others}
    assert digest_of(b"other", GIVEN) != digest_of(PEPPER, GIVEN)


def test_an_event_has_the_digest_of_the_secret_and_not_the_secret() -> None:
    assert b"sss" not in issued().SerializeToString()


def test_a_key_is_who_it_was_issued_to() -> None:
    event = issued(roles=["agent", "viewer"], agents=["reviewer"], lasts=60)
    principal = known(event)["A" * 16].principal
    assert (principal.name, principal.tenant, principal.key_id) == ("ci", "acme", "A" * 16)
    assert principal.permissions == {Permission.READ, Permission.CONNECT}
    assert principal.agents == {"reviewer"}
    assert principal.expires_at == NOW + 60 * SECOND
    assert not principal.of_platform


def test_what_was_issued_is_what_was_wanted() -> None:
    asked = wanted(roles=["agent", "source"], agents=["a", "b"], sources=["git"], lasts=3_600)
    event = issuing({}, GIVEN, asked, digest=b"d", by="admin", now=NOW)
    assert known(event)["A" * 16].wanted == asked


def test_a_key_is_valid_until_it_expires_or_is_revoked() -> None:
    key = known(issued(lasts=60))["A" * 16]
    assert [key.status(NOW + seconds * SECOND) for seconds in (0, 59, 60)] == ["valid", "valid", "expired"]
    revoked = known(issued(lasts=60), KeyRevoked(key_id="A" * 16, by="bob"))["A" * 16]
    assert (revoked.status(NOW), revoked.revoked_by, revoked.revoked_at) == ("revoked", "bob", NOW + SECOND)


def test_a_key_without_an_end_does_not_expire() -> None:
    assert known(issued())["A" * 16].status(NOW * 1_000_000) == "valid"


def test_the_first_revocation_counts() -> None:
    twice = known(issued(), KeyRevoked(key_id="A" * 16, by="bob"), KeyRevoked(key_id="A" * 16, by="eve"))
    assert twice["A" * 16].revoked_by == "bob"


def test_a_revoked_key_is_not_revoked_again_and_an_unknown_one_is_missing() -> None:
    revoked = known(issued(), KeyRevoked(key_id="A" * 16, by="bob"))
    assert revoking(revoked, "A" * 16, by="eve") is None
    assert revoking(known(issued()), "A" * 16, by="eve") == KeyRevoked(key_id="A" * 16, by="eve")
    with pytest.raises(Missing):
        revoking({}, "A" * 16, by="eve")


def test_whoever_pastes_a_whole_key_where_its_id_is_wanted_does_not_read_it_in_the_answer() -> None:
    with pytest.raises(Missing) as refused:
        revoking({}, str(GIVEN), by="eve")
    assert "sss" not in str(refused.value)


def test_a_role_that_this_build_does_not_know_allows_nothing() -> None:
    event = KeyIssued(key_id="A" * 16, name="x", roles=["auditor", "viewer"])
    assert known(event)["A" * 16].wanted.roles == {Role.VIEWER}


def test_a_tenant_has_so_many_keys_that_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 1)
    full = known(issued())
    with pytest.raises(Conflicting):
        issuing(full, replace(GIVEN, key_id="B" * 16), wanted(), digest=b"", by="admin", now=NOW)
    emptied = fold("acme", full, facts([KeyRevoked(key_id="A" * 16, by="bob")]))
    assert issuing(emptied, replace(GIVEN, key_id="B" * 16), wanted(), digest=b"", by="admin", now=NOW)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": "admin"}, "name"),
        ({"name": "owner "}, "name"),
        ({"roles": []}, "roles"),
        ({"roles": ["root"]}, "roles"),
        ({"agents": ["a"]}, "agents"),
        ({"roles": ["agent"], "sources": ["git"]}, "sources"),
        ({"sources": [""]}, "sources"),
        ({"sources": [str(number) for number in range(101)]}, "sources"),
        ({"lasts": -1}, "expires_in"),
    ],
)
def test_what_no_key_can_be_is_refused_by_its_field(changed: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        wanted(**changed)
    assert [one.path for one in refused.value.errors] == [field]
