"""The small rules at the door: signatures, floods, repetitions, marks, cursors and settings."""

from pathlib import Path
from typing import Any

import pytest

from reveille.adapters.settings import read_settings
from reveille.contracts.common.v1.common_pb2 import Signal
from reveille.contracts.ingress.v1.events_pb2 import DeliveryContradicted, DeliveryRepeated, SignalReceived
from reveille.ingress.domain.body_mac import LARGE, STEP, BodyMac
from reveille.ingress.domain.flood import MAX_SENDERS, Buckets, Rate
from reveille.ingress.domain.loops import marked_run
from reveille.ingress.domain.repetition import MAX_RECORDED, repeated
from reveille.ingress.entrypoints.http.cursors import Cursors
from reveille.ingress.entrypoints.http.guard import door_of, signed_by
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
    cursor = cursors.sign("signals", 123)
    assert cursors.position("signals", cursor) == 123
    assert cursors.position("signals", None) == 0
    assert cursors.sign("signals", 0) is None


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
    woken = signed_by(Settings(wake_tokens=(b"t",)))
    for path in ("/webhook/trigger/a", "/webhook/git", "/webhook/system/x", "/api/v1/events"):
        assert woken(path)


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
        ("REVEILLE_OPEN_READS", "maybe"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        read_settings(Settings, {name: value})


def test_settings_do_not_show_their_secrets() -> None:
    hidden = (b"hidden",)
    given: dict[str, Any] = {f"{name}_secrets": hidden for name in ("github", "gitlab", "jenkins", "ci", "prometheus")}
    assert "hidden" not in repr(Settings(**given, custom_secrets=(("a", b"hidden"),), wake_tokens=hidden))
