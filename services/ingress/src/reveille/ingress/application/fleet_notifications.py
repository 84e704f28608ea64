"""The notifications of a fleet file: whom to tell of what happens, by webhooks."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from yaml.nodes import Node, ScalarNode, SequenceNode

from reveille.contracts.ingress.v1.events_pb2 import Blueprint, Notification
from reveille.ingress.application.fleet_document import FleetDocument, Read, Wrong, at, meant, shown, some
from reveille.ingress.application.fleet_values import NAME, SECOND_MS, choice, duration, whole
from reveille.ingress.domain.live.moments import TYPES
from reveille.ingress.domain.notifying import STATUSES

MAX_NOTIFICATIONS: Final = 100
MAX_NAMES: Final = 100
MAX_URL: Final = 2_000
# What a notification has that does not say otherwise.
ATTEMPTS: Final = 8
BACKOFF_MS: Final = 5 * SECOND_MS
TIMEOUT_MS: Final = 10 * SECOND_MS
_MINUTE_MS: Final = 60 * SECOND_MS


def notifications(document: FleetDocument) -> Read:
    several = document.several(_notification(document))

    def read(node: Node, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = several(node, path)
        if len(found) > MAX_NOTIFICATIONS:
            raise Wrong(f"it has {len(found)} notifications, at most {MAX_NOTIFICATIONS} are told")
        return found

    return read


def _notification(document: FleetDocument) -> Read:
    def names(read: Read) -> Read:
        return _distinct(document.several(read))

    retries = document.section({"attempts": whole(1, 20), "backoff": duration(1, 60 * _MINUTE_MS)})
    return document.section(
        {
            "name": NAME,
            "on": names(choice({one: one for one in TYPES})),
            "agents": names(NAME),
            "departments": names(NAME),
            "blueprints": names(NAME),
            "statuses": names(choice({one: one for one in STATUSES})),
            "url": _url,
            "retries": retries,
            "timeout": duration(1, 5 * _MINUTE_MS),
        },
        needed=("name", "url"),
    )


def as_notification(one: Mapping[str, Any]) -> Notification:
    retries = one.get("retries", {})
    return Notification(
        name=one["name"],
        types=one.get("on", []),
        agents=one.get("agents", []),
        departments=one.get("departments", []),
        blueprints=one.get("blueprints", []),
        statuses=one.get("statuses", []),
        url=one["url"],
        attempts=retries.get("attempts", ATTEMPTS),
        backoff_ms=retries.get("backoff", BACKOFF_MS),
        timeout_ms=one.get("timeout", TIMEOUT_MS),
    )


def check_notifications(
    document: FleetDocument,
    root: Node,
    notifications: Sequence[Notification],
    *,
    agents: Sequence[str],
    blueprints: Sequence[Blueprint],
) -> None:
    """Names that are nobody's would never be told of, and nobody would know why."""
    known: dict[str, Sequence[str]] = {
        "agents": agents,
        "departments": list(dict.fromkeys(one.name for plan in blueprints for one in plan.departments)),
        "blueprints": [one.name for one in blueprints],
    }
    seen: dict[str, int] = {}
    for index, one in enumerate(notifications):
        place, node = f"notifications[{index}]", at(root, "notifications", index, "name")
        if one.name in seen:
            told = f"notification {one.name!r} is there already, first in line {seen[one.name]}"
            document.wrong(node, f"{place}.name", told)
        seen.setdefault(one.name, node.start_mark.line + 1)
        for key, names in known.items():
            for number, name in enumerate(getattr(one, key)):
                if name not in names:
                    kind = key.removesuffix("s")
                    told = f"{kind} {name!r} is not in this fleet{meant(name, names)}"
                    where = at(root, "notifications", index, key, number)
                    document.wrong(where, f"{place}.{key}[{number}]", f"{told}, expected {_one_of(names)}")


def _one_of(names: Sequence[str]) -> str:
    return f"one of {some(names)}" if names else "none, as the fleet has none"


def _distinct(read: Read) -> Read:
    def read_list(node: Node, path: str) -> list[str]:
        if isinstance(node, SequenceNode) and not 1 <= len(node.value) <= MAX_NAMES:
            raise Wrong(f"it has {len(node.value)} names, expected 1 to {MAX_NAMES}; without it, it is whatever")
        found: list[str] = read(node, path)
        if len(set(found)) != len(found):
            raise Wrong(f"it is {', '.join(found)}, expected each name once")
        return found

    return read_list


def _url(node: Node, path: str) -> str:
    value = node.value if isinstance(node, ScalarNode) else ""
    try:
        url = urlsplit(value)
        there = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:  # a port that is none
        there = False
    if not there or len(value) > MAX_URL or not value.isascii() or not value.isprintable() or " " in value:
        raise Wrong(f"it is {shown(node)}, expected a URL like https://example.com/reveille")
    if url.username is not None or url.password is not None:
        # The fleet is recorded, and everybody may read it.
        raise Wrong("it has a user name or a password in it, expected none: the receiver knows us by the signature")
    if url.fragment:
        raise Wrong("it has a fragment, which is never sent, expected none")
    return str(value)
