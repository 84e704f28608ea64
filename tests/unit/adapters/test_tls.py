"""What settings say about certificates is checked at start, and a failed handshake is one line."""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from reveille.adapters.kafka_security import FILES, KafkaSecurity
from reveille.adapters.tls import Pem, check_url, client_context, explained, names_of, server_context
from reveille.kernel.errors import Misconfigured
from tests.certificates import Authority, Pair

NAMES = ("THE_CERT", "THE_KEY", "THE_CA")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def pair(authority: Authority) -> Pair:
    return authority.issue("server")


def pem(cert: Path | None = None, key: Path | None = None, ca: Path | None = None) -> Pem:
    return Pem(cert=cert, key=key, ca=ca, names=NAMES)


def test_nothing_older_than_tls_1_2_is_spoken_on_either_side(authority: Authority, pair: Pair) -> None:
    served = server_context(pem(pair.cert, pair.key))
    assert served is not None
    assert served.minimum_version == client_context(pem()).minimum_version == ssl.TLSVersion.TLSv1_2


def test_clients_must_show_a_certificate_just_where_there_are_authorities(authority: Authority, pair: Pair) -> None:
    open_to_all = server_context(pem(pair.cert, pair.key))
    mutual = server_context(pem(pair.cert, pair.key, authority.cert))
    assert open_to_all
    assert mutual
    assert (open_to_all.verify_mode, mutual.verify_mode) == (ssl.CERT_NONE, ssl.CERT_REQUIRED)


def test_without_files_there_is_no_tls() -> None:
    assert server_context(pem()) is None


def test_a_certificate_without_its_key_names_both_settings(pair: Pair) -> None:
    with pytest.raises(Misconfigured, match="THE_CERT is set and THE_KEY is not"):
        server_context(pem(cert=pair.cert))
    with pytest.raises(Misconfigured, match="THE_KEY is set and THE_CERT is not"):
        server_context(pem(key=pair.key))
    with pytest.raises(Misconfigured, match="THE_CA is set and THE_CERT is not"):
        server_context(pem(ca=pair.cert))


def test_a_file_that_is_not_there_names_its_setting(tmp_path: Path, pair: Pair) -> None:
    away = tmp_path / "away"
    with pytest.raises(Misconfigured, match=f"THE_CERT names {away}, expected a file that can be read"):
        server_context(pem(away, pair.key))
    with pytest.raises(Misconfigured, match=r"THE_KEY names .*, expected a file that can be read"):
        server_context(pem(pair.cert, away))
    with pytest.raises(Misconfigured, match=r"THE_CA names .*, expected a file that can be read"):
        client_context(pem(ca=away))


def test_what_is_in_a_file_must_be_what_its_setting_says(tmp_path: Path, authority: Authority, pair: Pair) -> None:
    text = tmp_path / "text"
    text.write_text("nothing of the kind")
    with pytest.raises(Misconfigured, match=r"THE_CERT .* expected a certificate in PEM"):
        server_context(pem(text, pair.key))
    with pytest.raises(Misconfigured, match=r"THE_KEY .* expected a private key in PEM without a passphrase"):
        server_context(pem(pair.cert, text))
    with pytest.raises(Misconfigured, match=r"THE_CA .* expected certificates of authorities in PEM"):
        client_context(pem(ca=text))
    with pytest.raises(Misconfigured, match=r"THE_KEY .* expected the key of the certificate in THE_CERT"):
        server_context(pem(pair.cert, authority.issue("another").key))


def test_a_certificate_that_has_run_out_says_when(authority: Authority) -> None:
    old = authority.issue("old", expired=True)
    with pytest.raises(Misconfigured, match=r"THE_CERT names .*old.crt, which holds from .* to .* UTC"):
        server_context(pem(old.cert, old.key))


def test_a_certificate_knows_what_it_is_for(authority: Authority) -> None:
    assert names_of(authority.issue("named", ("one.example", "127.0.0.1")).cert) == ["one.example", "127.0.0.1"]
    assert names_of(authority.issue("nameless", ()).cert) == []


@pytest.mark.parametrize(
    "query",
    ["sslmode=verify-full&sslrootcert={}", "ssl_ca_certs={}", "tls=true&tlsCaFile={}"],
    ids=["PostgreSQL", "Redis", "EventStoreDB"],
)
def test_a_url_that_names_a_file_which_is_not_there_is_refused_without_its_password(query: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r" in THE_URL names .*away") as refused:
        check_url("THE_URL", "scheme://user:sesame@host/place?" + query.format(tmp_path / "away"))
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "redis://host:6379/0", "postgresql://[::1/x", "esdb://a,b,c?tls=false"])
def test_a_url_without_files_is_for_others_to_judge(url: str) -> None:
    check_url("THE_URL", url)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)",
            "the server's certificate does not hold: certificate has expired",
        ),
        (
            "SSL_ERROR_SSL: error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED: unable to get it",
            "the server's certificate does not hold: unable to get it",
        ),
        ("UNKNOWN: ipv4:127.0.0.1:1: Peer name a is not in peer certificate", "the server's certificate is not for a"),
        (
            "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)",
            "the server refuses this side's certificate: certificate required",
        ),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "the server does not speak TLS there"),
        ("Connection refused", ""),
    ],
)
def test_a_handshake_that_failed_is_explained(error: str, told: str) -> None:
    assert explained(error) == told


def test_what_led_to_an_error_explains_it() -> None:
    error = ConnectionError("no connection")
    error.__cause__ = ssl.SSLError("[SSL: WRONG_VERSION_NUMBER] wrong version number")
    assert explained(error) == "the server does not speak TLS there"


KAFKA = Pem(names=FILES)


def test_kafkas_settings_must_go_together(pair: Pair) -> None:
    with pytest.raises(Misconfigured, match="KAFKA_SECURITY is sasl_ssl and REVEILLE_KAFKA_SASL is not set"):
        KafkaSecurity.of("sasl_ssl", pem=KAFKA)
    with pytest.raises(Misconfigured, match="KAFKA_SECURITY is sasl_plaintext and REVEILLE_KAFKA_PASSWORD is not set"):
        KafkaSecurity.of("sasl_plaintext", pem=KAFKA, mechanism="plain", user="carol")
    with pytest.raises(Misconfigured, match="REVEILLE_KAFKA_CERT is set and REVEILLE_KAFKA_SECURITY is plaintext"):
        KafkaSecurity.of("plaintext", pem=Pem(cert=pair.cert, key=pair.key, names=FILES))
    with pytest.raises(Misconfigured, match=r"REVEILLE_KAFKA_PASSWORD is set and .* is ssl") as refused:
        KafkaSecurity.of("ssl", pem=KAFKA, password="sesame")
    assert "sesame" not in str(refused.value)


def test_kafkas_password_is_not_shown() -> None:
    security = KafkaSecurity.of("sasl_plaintext", pem=KAFKA, mechanism="plain", user="carol", password="sesame")
    assert "sesame" not in repr(security)


def test_what_an_edge_is_told_is_checked_however_python_is_started(pair: Pair, tmp_path: Path) -> None:
    """`-O` takes assertions out."""
    away = tmp_path / "away"
    with pytest.raises(Misconfigured, match="THE_CA names"):
        pem(pair.cert, pair.key, away).check()
    program = f"""
from pathlib import Path
from reveille.adapters.tls import Pem
Pem(cert=Path({str(pair.cert)!r}), key=Path({str(pair.key)!r}), ca=Path({str(away)!r}), names={NAMES!r}).check()
"""
    done = subprocess.run([sys.executable, "-O", "-c", program], capture_output=True, text=True, check=False)
    assert f"Misconfigured: THE_CA names {away}" in done.stderr
