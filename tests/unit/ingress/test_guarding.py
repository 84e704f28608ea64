"""The small rules at the door: signatures, floods, repetitions, marks, cursors and settings."""

import re
from pathlib import Path
from typing import Any

import pytest

from reveille.adapters.settings import read_settings
from reveille.contracts.common.v1.common_pb2 import Signal
from reveille.contracts.ingress.v1.events_pb2 import DeliveryContradicted, DeliveryRepeated, SignalReceived
from reveille.ingress.domain.body_mac import LARGE, STEP, BodyMac
from reveille.ingress.domain.flood import MAX_SENDERS, Buckets, Places, Rate
from reveille.ingress.domain.loops import marked_run
from reveille.ingress.domain.refusals import Malformed
from reveille.ingress.domain.repetition import MAX_RECORDED, repeated
from reveille.ingress.entrypoints.access_table import ROUTES, AccessTable
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.guard import door_of
from reveille.ingress.entrypoints.http.limits import address_of
from reveille.ingress.entrypoints.http.proofs import signed_by
from reveille.ingress.entrypoints.http.tracing import parent_of
from reveille.ingress.settings import Settings, is_loopback
from reveille.kernel.errors import Misconfigured

FIRST = SignalReceived(signal=Signal(id="s"), body_digest="one")
OTHER = DeliveryContradicted(signal_id="s", body_digest="two")
AGAIN = DeliveryRepeated(signal_id="s")


def test_a_signature_is_githubs_published_one() -> None:
    mac = BodyMac(b"It's a Secret to Everybody")
    assert mac.hexdigest(b"Hello, World!") == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


@pytest.mark.parametrize("size", [0, STEP, STEP + 1, 3 * STEP, LARGE, LARGE + 1])
def test_a_body_of_any_size_has_the_usual_hmac(size: int) -> None:
    import hmac

    body = b"x" * size
    mac = BodyMac(b"key")
    assert mac.hexdigest(body) == hmac.digest(b"key", body, "sha256").hex() == mac.hexdigest(body)


def test_a_bucket_empties_and_fills_up_again() -> None:
    buckets = Buckets(Rate(2, 1))
    assert [buckets.take("a", "d", 0) for _ in range(3)] == [0, 0, 0.5]
    assert buckets.take("a", "d", 500_000) == 0
    assert buckets.take("a", "d", 500_000) == 0.5


def test_senders_and_doors_have_buckets_of_their_own() -> None:
    buckets = Buckets(Rate(1, 1))
    assert [buckets.take(sender, door, 0) for sender, door in (("a", "d"), ("b", "d"), ("a", "e"))] == [0, 0, 0]


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a:b:c", "a:b:c"),
    ],
)
def test_a_sender_is_an_address_and_of_ipv6_the_network_that_is_all_his_own(address: str, sender: str) -> None:
    assert address_of({"client": (address, 5000)}) == sender
    assert address_of({"client": None}) == ""


def test_a_clock_that_steps_backwards_fills_no_bucket() -> None:
    buckets = Buckets(Rate(1, 1))
    assert buckets.take("a", "d", 10_000_000) == 0
    assert buckets.take("a", "d", 0) == 1


def test_only_so_many_senders_are_remembered() -> None:
    buckets = Buckets(Rate(1, 1))
    for sender in range(MAX_SENDERS + 1):
        buckets.take(str(sender), "d", 0)
    assert buckets.take("0", "d", 0) == 0
    assert buckets.take(str(MAX_SENDERS), "d", 0) == 1


def test_the_same_body_is_a_duplicate_and_recorded() -> None:
    repetition = repeated([FIRST], "one")
    assert (repetition.signal_id, repetition.contradicted, repetition.event) == ("s", False, AGAIN)


def test_only_the_first_repetitions_are_recorded() -> None:
    assert repeated([FIRST, OTHER, *[AGAIN] * (MAX_RECORDED - 1)], "one").event == AGAIN
    assert repeated([FIRST, OTHER, *[AGAIN] * MAX_RECORDED], "one").event is None


def test_another_body_is_a_contradiction_to_be_recorded() -> None:
    repetition = repeated([FIRST], "two")
    assert repetition.contradicted
    assert repetition.event == OTHER


def test_a_contradiction_that_is_recorded_is_not_recorded_again() -> None:
    repetition = repeated([FIRST, OTHER], "two")
    assert repetition.contradicted
    assert repetition.event is None


def test_a_third_body_is_a_contradiction_of_its_own() -> None:
    assert repeated([FIRST, OTHER], "three").event == DeliveryContradicted(signal_id="s", body_digest="three")


def test_a_mark_is_found_in_a_commits_message() -> None:
    run = "5b0e3b1c-6d0f-5c0e-9a3c-7d2f1e8b4a60"
    assert marked_run(b'{"message":"Fix\\n\\nReveille-Run: ' + run.encode() + b'\\n"}') == run
    assert marked_run(b'{"message":"Reveille-Run: nothing"}') == ""
    assert marked_run(b"{}") == ""


def test_a_cursor_is_read_by_the_list_and_the_key_that_signed_it() -> None:
    cursors = Cursors(b"key")
    cursor = cursors.sign("acme", "signals", 123)
    assert cursors.position("acme", "signals", cursor) == 123
    assert cursors.position("acme", "signals", None) == 0
    assert cursors.sign("acme", "signals", 0) is None


def test_a_cursor_is_none_of_another_list_tenant_or_platform() -> None:
    cursor = Cursors(b"key").sign("acme", "signals", 123)
    for tenant, name, key in (("acme", "agents", b"key"), ("beta", "signals", b"key"), ("acme", "signals", b"other")):
        with pytest.raises(Malformed):
            Cursors(key).position(tenant, name, cursor)


@pytest.mark.parametrize(
    ("header", "parent"),
    [
        (b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-00", "00-" + "a" * 32 + "-" + "b" * 16 + "-00"),
        (b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-ff", "00-" + "a" * 32 + "-" + "b" * 16 + "-ff"),
        (b"cc-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01-more", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"),
        (b"ff-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01", ""),
        (b"00-" + b"0" * 32 + b"-" + b"b" * 16 + b"-01", ""),
        (b"00-" + b"a" * 32 + b"-" + b"0" * 16 + b"-01", ""),
        (b"00-" + b"A" * 32 + b"-" + b"b" * 16 + b"-01", ""),
        (b"", ""),
    ],
)
def test_a_trace_context_is_taken_where_it_is_valid(header: bytes, parent: str) -> None:
    assert parent_of({b"traceparent": header}) == parent


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/webhooks/github", "github"),
        ("/webhooks/custom/anything", "custom"),
        ("/webhooks/x", "none"),
        ("/webhook/trigger/a", "trigger"),
        ("/api/v1/events", "events"),
        ("/api/v1/signals", "reads"),
        ("/x/y", "none"),
    ],
)
def test_a_path_is_one_of_a_few_doors(path: str, door: str) -> None:
    assert door_of(path) == door


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_these_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "10.0.0.1", "localhost.example", "127.0.0.1.example"])
def test_these_are_not(host: str) -> None:
    assert not is_loopback(host)


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("new, old\n")
    settings = read_settings(
        Settings,
        {
            "REVEILLE_GITHUB_SECRET_FILE": str(secret),
            "REVEILLE_RATE_LIMIT": "100/minute",
            "REVEILLE_MAX_BODY": "2048",
            "REVEILLE_REPOS": "/a:/b",
            "REVEILLE_MODE": "embedded",
        },
    )
    assert settings.github_secrets == (b"new", b"old")
    assert settings.rate_limit == Rate(100, 60)
    assert (settings.max_body, settings.repos) == (2048, (Path("/a"), Path("/b")))
    assert settings.trusting


def test_the_older_names_of_secrets_are_known() -> None:
    older = {f"{name}_WEBHOOK_SECRET": "s" for name in ("GITHUB", "GITLAB", "JENKINS")}
    settings = read_settings(Settings, older)
    assert [settings.github_secrets, settings.gitlab_secrets, settings.jenkins_secrets] == [(b"s",)] * 3


def test_a_source_may_have_two_secrets_while_one_is_changed() -> None:
    settings = read_settings(Settings, {"REVEILLE_CUSTOM_SECRETS": "a=new==, a=old,b=whsec_AAAA"})
    assert [settings.secrets_of(name) for name in "abc"] == [(b"new==", b"old"), (b"whsec_AAAA",), ()]


def test_where_senders_prove_themselves_it_matters_not_which_way_they_came() -> None:
    signed = signed_by(Settings(ci_secrets=(b"s",), custom_secrets=(("a", b"s"),)))
    assert signed("/webhooks/ci")
    assert signed("/webhooks/custom/a")
    for path in ("/webhooks/custom/b", "/webhooks/github", "/webhook/trigger/a", "/api/v1/events", "/status"):
        assert not signed(path)
    theirs = signed_by(read_settings(Settings, {"REVEILLE_TENANT_SECRETS": "acme/github=s,acme/custom/b=t"}))
    assert [theirs(f"/webhooks/{door}") for door in ("github", "custom/b", "custom/a", "ci")] == [
        True,
        True,
        False,
        False,
    ]


def test_each_tenants_senders_have_secrets_of_their_own() -> None:
    given = {"REVEILLE_TENANT_SECRETS": "acme/github=s1,acme/github=s2,beta/github=s3,beta/custom/b=t"}
    settings = read_settings(Settings, {**given, "REVEILLE_GITHUB_SECRET": "own"})
    assert settings.secrets_at("github") == {"default": (b"own",), "acme": (b"s1", b"s2"), "beta": (b"s3",)}
    assert settings.secrets_at("custom/b") == {"beta": (b"t",)}
    assert settings.secrets_at("ci") == {}
    assert settings.sources == {"b"}


def test_one_secret_of_two_tenants_at_one_door_says_nothing_and_is_refused() -> None:
    alone = {"REVEILLE_MODE": "embedded"}
    two = read_settings(Settings, {**alone, "REVEILLE_TENANT_SECRETS": "acme/ci=s,beta/ci=s,beta/jenkins=s"})
    with pytest.raises(Misconfigured, match="tenants acme and beta have one secret at door ci"):
        two.check()
    with pytest.raises(Misconfigured, match="door gitlab"):
        read_settings(
            Settings, {**alone, "REVEILLE_TENANT_SECRETS": "acme/gitlab=g", "REVEILLE_GITLAB_SECRET": "g"}
        ).check()


def test_a_tenants_secret_is_not_shown() -> None:
    settings = read_settings(Settings, {"REVEILLE_TENANT_SECRETS": "acme/ci=hidden"})
    assert "hidden" not in repr(settings) + repr(settings.tenant_secrets)


def test_a_table_of_routes_finds_what_the_framework_would_and_nothing_else() -> None:
    table = AccessTable()
    for entry in ROUTES:
        assert table.find(entry.method, re.sub(r"\{\w+\}", "x", entry.path)) is entry
    for method, path in (
        ("POST", "/api/v1/agents"),
        ("GET", "/api/v1/agents/"),
        ("GET", "/api/v1/agents\n"),
        ("GET", "//api/v1/agents"),
        ("GET", "/api/v1/signals/"),
        ("GET", "/api/v1/signals/a/b"),
        ("GET", "/api/v1/executions/{execution_id}/stream/x"),
        ("get", "/status"),
        ("GET", ""),
    ):
        assert table.find(method, path) is None, path


def test_an_id_that_is_the_name_of_a_route_is_an_id_where_only_that_fits() -> None:
    table = AccessTable()
    found = {
        path: table.find("GET", f"/api/v1/executions/{path}") for path in ("events", "events/stats", "events/causes")
    }
    assert {path: entry and entry.path.removeprefix("/api/v1/executions") for path, entry in found.items()} == {
        "events": "/events",
        "events/stats": "/events/stats",
        "events/causes": "/{execution_id}/causes",
    }
    events = table.find("GET", "/api/v1/executions/events/events")
    assert events is not None
    assert events.path == "/api/v1/executions/{execution_id}/events"


def test_places_are_each_holders_own_and_come_free() -> None:
    places = Places(2)
    assert [places.take(holder) for holder in ("a", "a", "a", "b")] == [True, True, False, True]
    places.leave("a")
    assert [places.take("a"), places.take("a")] == [True, False]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REVEILLE_RATE_LIMIT", "100"),
        ("REVEILLE_RATE_LIMIT", "0/second"),
        ("REVEILLE_MAX_BODY", "1M"),
        ("REVEILLE_TENANT", "Acme"),
        ("REVEILLE_MODE", "both"),
        ("REVEILLE_GITHUB_SECRET", ","),
        ("REVEILLE_GITLAB_SECRET", "whsec_no-base64"),
        ("REVEILLE_CUSTOM_SECRETS", "secret"),
        ("REVEILLE_CUSTOM_SECRETS", "=secret"),
        ("REVEILLE_CUSTOM_SECRETS", "name="),
        ("REVEILLE_OWN_MACHINE", "maybe"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        read_settings(Settings, {name: value})


def test_settings_do_not_show_their_secrets() -> None:
    hidden = (b"hidden",)
    given: dict[str, Any] = {f"{name}_secrets": hidden for name in ("github", "gitlab", "jenkins", "ci", "prometheus")}
    assert "hidden" not in repr(Settings(**given, custom_secrets=(("a", b"hidden"),), wake_tokens=hidden))
