"""TLS: what the settings name is read and checked at start, and what a handshake failed of is one line.

Whoever replaces a file restarts the process: nothing is read again. The oldest protocol anywhere is TLS 1.2.
"""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from reveille.kernel.errors import Misconfigured

# gRPC's core and OpenSSL say the same in capitals.
_ALERT: Final = re.compile(r"(?:TLSV1|TLSV13|SSLV3)_ALERT_([A-Z_]+)")
_VERIFY: Final = re.compile(r"CERTIFICATE_VERIFY_FAILED[:\]]* *(?:certificate verify failed: )?([^:(\"}]*)")
_OTHER_NAME: Final = re.compile(r"Peer name (\S+) is not in peer certificate")
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")

# Of PostgreSQL, Redis and EventStoreDB: what names certificate, key and authorities in a URL.
URL_FILES: Final = (
    ("sslcert", "sslkey", "sslrootcert"),
    ("ssl_certfile", "ssl_keyfile", "ssl_ca_certs"),
    ("userCertFile", "userKeyFile", "tlsCaFile"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pem:
    """The PEM files of one edge. names: of the settings that say where cert, key and ca are, for what is wrong."""

    cert: Path | None = None
    key: Path | None = None
    ca: Path | None = None
    names: tuple[str, str, str]

    @property
    def identity(self) -> tuple[Path, Path] | None:
        """Certificate and key. Raises Misconfigured where one of them is missing, does not fit or has run out."""
        if self.cert is None and self.key is None:
            return None
        cert_name, key_name, _ = self.names
        if self.cert is None or self.key is None:
            given, other = (key_name, cert_name) if self.cert is None else (cert_name, key_name)
            raise Misconfigured(f"{given} is set and {other} is not, expected both or none")
        _check_dates(cert_name, self.cert)
        _load_pair(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), self.cert, self.key, names=(cert_name, key_name))
        return self.cert, self.key

    @property
    def authorities(self) -> Path | None:
        """Raises Misconfigured where the file holds no certificate."""
        if self.ca is not None:
            _trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), self.ca, self.names[2])
        return self.ca

    def check(self) -> None:
        """Raises Misconfigured for what the other two would."""
        _ = self.identity
        _ = self.authorities


def server_context(pem: Pem) -> ssl.SSLContext | None:
    """None: no TLS. Where there are authorities, clients must show a certificate of theirs. Raises Misconfigured."""
    identity = pem.identity
    if identity is None:
        if pem.ca is not None:
            raise Misconfigured(
                f"{pem.names[2]} is set and {pem.names[0]} is not, expected a certificate to serve with"
            )
        return None
    context = _oldest(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    _load_pair(context, *identity, names=pem.names[:2])
    if pem.authorities is not None:
        _trust(context, pem.authorities, pem.names[2])
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(pem: Pem) -> ssl.SSLContext:
    """Servers must be of the authorities, else of those that the system trusts. Raises Misconfigured."""
    context = _oldest(ssl.create_default_context(cafile=None if pem.authorities is None else str(pem.authorities)))
    if (identity := pem.identity) is not None:
        _load_pair(context, *identity, names=pem.names[:2])
    return context


def check_url(setting: str, url: str) -> None:
    """Raises Misconfigured for a file that a database's URL names and that is not there, or of no use."""
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
    except ValueError:  # whoever connects says what is wrong with it
        return
    for names in URL_FILES:
        cert, key, ca = (Path(query[name.lower()]) if name.lower() in query else None for name in names)
        pem = Pem(cert=cert, key=key, ca=ca, names=_in_url(setting, names))
        # Redis takes both in one file, and a key may have a passphrase of its own setting.
        if cert and key and not query.keys() & {"sslpassword", "ssl_password"}:
            _ = pem.identity
        _ = pem.authorities


def _in_url(setting: str, names: tuple[str, str, str]) -> tuple[str, str, str]:
    cert, key, ca = (f"{name} in {setting}" for name in names)
    return cert, key, ca


def names_of(cert: Path) -> list[str]:
    """The names and addresses that a certificate is for."""
    from cryptography import x509

    try:
        found = _first(cert).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]


def explained(error: BaseException | str) -> str:
    """What a handshake failed of, from an error or what led to it, or from gRPC's text; "" where it was no TLS."""
    for text in [error] if isinstance(error, str) else _texts(error):
        if other := _OTHER_NAME.search(text):
            return f"the server's certificate is not for {other[1]}"
        if failed := _VERIFY.search(text):
            reason = failed[1].strip().rstrip(".")
            return f"the server's certificate does not hold: {reason or 'it cannot be verified'}"
        if alert := _ALERT.search(text):
            said = alert[1].lower().replace("_", " ")
            return f"the server refuses this side's certificate: {said}"
        if any(one in text.upper() for one in _NO_TLS):
            return "the server does not speak TLS there"
    return ""


def _texts(error: BaseException | None) -> Iterator[str]:
    """Of the error and whatever led to it; the innermost knows most."""
    seen: list[str] = []
    while error is not None and len(seen) < 10:
        seen.append(str(error))
        error = error.__cause__ or error.__context__
    yield from reversed(seen)


def _oldest(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _load_pair(context: ssl.SSLContext, cert: Path, key: Path, *, names: tuple[str, ...]) -> None:
    _readable(names[1], key)
    try:
        # An encrypted key would ask for its passphrase on the terminal.
        context.load_cert_chain(cert, key, password=b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        if "KEY_VALUES_MISMATCH" in str(error):
            raise Misconfigured(f"{names[1]} names {key}, expected the key of the certificate in {names[0]}") from error
        raise Misconfigured(f"{names[1]} names {key}, expected a private key in PEM without a passphrase") from error


def _trust(context: ssl.SSLContext, ca: Path, name: str) -> None:
    _readable(name, ca)
    try:
        context.load_verify_locations(ca)
    except (ssl.SSLError, OSError) as error:
        raise Misconfigured(f"{name} names {ca}, expected certificates of authorities in PEM") from error


def _check_dates(name: str, cert: Path) -> None:
    _readable(name, cert)
    try:
        found = _first(cert)
    except ValueError as error:
        raise Misconfigured(f"{name} names {cert}, expected a certificate in PEM") from error
    now, begin, end = datetime.now(UTC), found.not_valid_before_utc, found.not_valid_after_utc
    if not begin <= now <= end:
        raise Misconfigured(
            f"{name} names {cert}, which holds from {begin:%F %T} to {end:%F %T} UTC, expected one of now"
        )


def _first(cert: Path) -> Any:
    # Imported late: only those pay for it who use TLS.
    from cryptography import x509

    return x509.load_pem_x509_certificate(cert.read_bytes())


def _readable(name: str, file: Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{name} names {file}, expected a file that can be read: {error.strerror}") from error
