"""The `erase` and `encryption` commands: let a person be forgotten; which keys wrap what, and change them."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from rich.markup import escape

from reveille.adapters.settings import read_settings
from reveille.cli.asking import Platform
from reveille.cli.encrypting import cluster_encryption, embedded_encryption
from reveille.cli.settings import POSTGRES, ServeSettings, UpSettings
from reveille.cli.showing import figure, print_json, rows, say, table
from reveille.kernel.errors import Misconfigured

if TYPE_CHECKING:
    from reveille.adapters.encrypting import Encryption

# A log of ten million events is read in so long.
SECONDS: Final = 600.0
VIEWS: Final = "REVEILLE_VIEWS"
DATA: Final = "REVEILLE_DATA"
# Keys are looked at; nobody's name is digested.
NO_KEY: Final = bytes(32)


def erase(platform: Platform, subject: str, *, tenant: str, as_json: bool) -> None:
    body = {"subject": subject, **({"tenant": tenant} if tenant else {})}
    answer = platform.post("/api/v1/erasures", body, seconds=SECONDS)
    if as_json:
        return print_json(answer)
    plans, cancelled = len(answer["execution_ids"]), len(answer["cancelled"])
    say(f"keys destroyed: {figure(answer['keys'])}; what they encrypted reads as \\[erased] from now on")
    say(f"executions that had a part of it: {figure(plans)}; of these cancelled: {figure(cancelled)}")
    return None


def status(environment: Mapping[str, str], *, data: str, as_json: bool) -> None:
    current, masters = asyncio.run(_status(environment, data))
    if as_json:
        return print_json({"current": current, "wrapped": {name: n for name, n in masters.items() if name}})
    made = table("master key", "data keys", "")
    for name, count in sorted(masters.items()):
        if name:
            made.add_row(escape(name), figure(count), "wraps new ones" if name == current else "rotate, then remove it")
    rows(made, f"no data key yet; {escape(current)} wraps the first one")
    if erased := masters.get(""):
        say(f"[dim]{figure(erased)} data keys are erased[/dim]")
    return None


def rotate(environment: Mapping[str, str], *, data: str) -> None:
    current, done = asyncio.run(_rotate(environment, data))
    say(f"{figure(done)} data keys are wrapped anew: all are under {escape(current)} now")


async def _status(environment: Mapping[str, str], data: str) -> tuple[str, Mapping[str, int]]:
    opened = await _opened(environment, data)
    try:
        return await opened.ring.current(), await opened.ring.rows.masters()
    finally:
        await opened.close()


async def _rotate(environment: Mapping[str, str], data: str) -> tuple[str, int]:
    opened = await _opened(environment, data)
    try:
        return await opened.ring.current(), await opened.ring.rotate()
    finally:
        await opened.close()


async def _opened(environment: Mapping[str, str], data: str) -> "Encryption":
    """Of a cluster where REVEILLE_VIEWS names one's database, else of a data folder. Raises Misconfigured."""
    found: Encryption | None
    if environment.get(VIEWS, "").startswith(POSTGRES):
        if data:
            raise Misconfigured(f"--data names {data}, but {VIEWS} a cluster's views, expected one of them")
        serve = read_settings(ServeSettings, environment)
        found = await cluster_encryption(serve, serve.blobs_url, NO_KEY, name="reveille encryption")
    else:
        up = read_settings(UpSettings, {**environment, **({DATA: data} if data else {})})
        if not up.log_file.exists():
            raise Misconfigured(f"there is no log {up.log_file}")
        found = await embedded_encryption(up, up.data, NO_KEY)
    if found is None:
        raise Misconfigured("REVEILLE_ENCRYPTION_KEYS is not set, expected the file of keys: nothing is encrypted")
    return found
