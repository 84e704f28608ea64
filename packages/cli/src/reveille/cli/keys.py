"""The `keys` and `audit` commands: who may come in, and who did what."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from rich.markup import escape

from reveille.cli.analytics import begins
from reveille.cli.asking import Platform
from reveille.cli.showing import coloured, moment, one_line, print_json, rows, say, table
from reveille.kernel.errors import Misconfigured

_UNITS: Final = {"m": 60, "h": 3_600, "d": 86_400}
_LASTS: Final = re.compile(r"([1-9][0-9]{0,5})([mhd])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    name: str
    roles: Sequence[str]
    agents: Sequence[str]
    sources: Sequence[str]
    expires: str
    tenant: str

    @property
    def body(self) -> dict[str, Any]:
        """Raises Misconfigured."""
        told: dict[str, Any] = {"name": self.name, "roles": list(self.roles)}
        told |= {"agents": list(self.agents)} if self.agents else {}
        told |= {"sources": list(self.sources)} if self.sources else {}
        told |= {"tenant": self.tenant} if self.tenant else {}
        if self.expires:
            found = _LASTS.fullmatch(self.expires)
            if found is None:
                raise Misconfigured(f"--expires is {self.expires!r}, expected 45m, 12h or 90d")
            told["expires_in"] = int(found[1]) * _UNITS[found[2]]
        return told


def say_aside(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def listed(platform: Platform, *, status: str, limit: int, tenant: str, as_json: bool) -> None:
    answer = platform.get("/api/v1/keys", status=status, limit=limit, tenant=tenant)
    if as_json:
        return print_json(answer)
    made = table("key", "status", "name", "roles", "only", "issued by", "at (UTC)", "expires (UTC)")
    for one in answer["items"]:
        only = ", ".join([*one["agents"], *one["sources"]])
        made.add_row(
            escape(one["key_id"]),
            coloured(one["status"]),
            escape(one["name"]),
            ", ".join(one["roles"]),
            escape(only),
            escape(one["issued_by"]),
            moment(one["issued_at"]),
            moment(one["expires_at"], never="never"),
        )
    rows(made, f"no key is {escape(status)}" if status else "no key was ever issued")
    if answer["next"]:
        say(f"[dim]the newest {limit}; --limit shows more[/dim]")
    return None


def created(platform: Platform, wanted: Wanted, *, as_json: bool) -> None:
    """The key stands alone on standard output, so that it can be piped to where it is kept."""
    answer = platform.post("/api/v1/keys", wanted.body)
    if as_json:
        return print_json(answer)
    print(answer["key"])
    until = f" until {moment(answer['expires_at'])} UTC" if answer["expires_at"] else ""
    say_aside(f"{answer['name']} may come in with it{until}, as {', '.join(answer['roles'])} of {answer['tenant']}.")
    say_aside(f"It is not shown again; `reveille keys revoke {answer['key_id']}` takes it back.")
    return None


def revoked(platform: Platform, id: str, *, tenant: str) -> None:
    platform.delete(f"/api/v1/keys/{id}", tenant=tenant)
    say(f"key {escape(id)} is revoked")


def audited(platform: Platform, *, by: str, since: str, limit: int, as_json: bool) -> None:
    begin = begins(since, datetime.now(UTC)).isoformat() if since else ""
    answer = platform.get("/api/v1/audit", by=by, since=begin, limit=limit)
    if as_json:
        return print_json(answer)
    made = table("at (UTC)", "by", "key", "answer", "act", "path", "from")
    for one in answer["items"]:
        told = str(one["status"])
        made.add_row(
            moment(one["at"]),
            escape(one_line(one["by"])),
            escape(one["key_id"] or ""),
            f"[red]{told}[/red]" if one["status"] >= 400 else told,
            escape(one["act"]),
            escape(one_line(one["path"])),
            one["address"],
        )
    rows(made, "nothing of it is on record")
    if answer["next"]:
        say(f"[dim]the newest {limit}; --limit shows more[/dim]")
    return None
