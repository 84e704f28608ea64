"""Whom commands trust by HTTPS and what they show there, by REVEILLE_CA, REVEILLE_CLIENT_CERT and REVEILLE_CLIENT_KEY.

`reveille --ca FILE …` and its like set the same variables.
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

CA: Final = "REVEILLE_CA"
CERT: Final = "REVEILLE_CLIENT_CERT"
KEY: Final = "REVEILLE_CLIENT_KEY"
NAMES: Final = (CERT, KEY, CA)


def trusted(environment: Mapping[str, str]) -> ssl.SSLContext | None:
    """None: as usual, which is what the system trusts, or SSL_CERT_FILE. Raises Misconfigured."""
    from reveille.adapters.tls import Pem, client_context

    cert, key, ca = (Path(value) if (value := environment.get(name)) else None for name in NAMES)
    if not (cert or key or ca):
        return None
    return client_context(Pem(cert=cert, key=key, ca=ca, names=NAMES))


def tell_version(asked: bool) -> None:
    """Which build it is: before an upgrade, and where two stand side by side."""
    if asked:
        from importlib.metadata import version

        typer.echo(f"reveille {version('reveille')}")
        raise typer.Exit


def options_of_all(
    ca: Annotated[Path | None, typer.Option("--ca", help=f"Authorities to trust by HTTPS [{CA}].")] = None,
    cert: Annotated[Path | None, typer.Option("--cert", help=f"A certificate to show there [{CERT}].")] = None,
    key: Annotated[Path | None, typer.Option("--cert-key", help=f"Its key [{KEY}].")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=tell_version, is_eager=True, help="Say the version, and end.")
    ] = False,
) -> None:
    for name, value in ((CA, ca), (CERT, cert), (KEY, key)):
        if value is not None:
            os.environ[name] = str(value)
