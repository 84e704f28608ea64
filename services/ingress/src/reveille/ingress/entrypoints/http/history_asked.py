"""What requests for events ask for, read out of their queries."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from fastapi import Query

from reveille.ingress.application.live import Chosen
from reveille.ingress.application.projections.timeline import NAMES, Wanted
from reveille.ingress.domain.live.moments import TYPES
from reveille.ingress.domain.refusals import FieldError, Invalid
from reveille.ingress.entrypoints.http.reads import MAX_POSITION
from reveille.ingress.entrypoints.http.times import microseconds

_FULL: Final = {short: full for full, short in NAMES.items()}
_MANY: Final = 2_000

LogTypes = Annotated[
    str, Query(alias="type", max_length=_MANY, description="Names like StepReady; several with commas.")
]
Types = Annotated[
    str,
    Query(
        alias="type",
        max_length=_MANY,
        description="Live events like agent-start, or events of the log like StepReady; several of a kind with commas.",
    ),
]
LiveTypes = Annotated[
    str, Query(alias="types", max_length=_MANY, description="Live events like agent-start; several with commas.")
]
Agents = Annotated[str, Query(max_length=_MANY, description="Whose; several with commas.")]
Departments = Annotated[str, Query(max_length=_MANY, description="Of which department; several with commas.")]
After = Annotated[int, Query(ge=0, le=MAX_POSITION, description="Only what comes behind this sequence.")]
From = Annotated[str, Query(alias="from", max_length=40, description="RFC 3339: nothing before it.")]
To = Annotated[str, Query(max_length=40, description="RFC 3339: nothing at it or behind it.")]
OfLog = Annotated[bool, Query(description="Events of the log in place of live events; plans only.")]


def asks_log(types: str) -> bool:
    """Whether these are types of the log's events. Raises Invalid for one of no kind, and for some of each kind."""
    names = split(types)
    for name in names:
        if name not in TYPES and NAMES.get(name, name) not in _FULL:
            raise invalid("type", f"it is {name[:80]!r}, expected of {', '.join((*sorted(_FULL), *TYPES))}")
    live = [name for name in names if name in TYPES]
    if live and len(live) < len(names):
        other = next(name for name in names if name not in TYPES)
        message = f"it is {live[0]} and {other[:80]!r}, expected live events alone, or events of the log alone"
        raise invalid("type", message)
    return bool(names) and not live


def wanted(types: str, since: str, to: str) -> Wanted:
    """Of the log's events. Raises Invalid."""
    return Wanted(types=_log_types(types), since=microseconds("from", since), until=microseconds("to", to))


def chosen(name: str, types: str, agents: str, departments: str, since: str = "", to: str = "") -> Chosen:
    """Of live events; name: of the query's field that has the types. Raises Invalid."""
    for given in (names := split(types)):
        if given not in TYPES:
            raise invalid(name, f"it is {given[:80]!r}, expected of {', '.join(TYPES)}")
    return Chosen(
        types=frozenset(names),
        agents=frozenset(split(agents)),
        departments=frozenset(split(departments)),
        since=microseconds("from", since),
        until=microseconds("to", to),
    )


def check_log_only(given: Mapping[str, str]) -> None:
    """Raises Invalid where something is asked of the log's events by which only live events are found."""
    for name, value in given.items():
        if value:
            raise invalid(name, "events of the log are not found by it, expected live events with it")


def split(given: str) -> list[str]:
    return [name.strip() for name in given.split(",") if name.strip()]


def invalid(name: str, message: str) -> Invalid:
    return Invalid("invalid_query", f"{name}: {message}", [FieldError(name, message)])


def _log_types(given: str) -> Sequence[str]:
    short = [NAMES.get(name, name) for name in split(given)]
    for name in short:
        if name not in _FULL:
            raise invalid("type", f"it is {name[:80]!r}, expected of {', '.join(sorted(_FULL))}")
    return short
