"""What happens in a day: what a provider tells of it, and what it is in truth, for whoever judges."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

REVIEWER: Final = "cursor-ide-agent"
LEADER: Final = "claude-code-cli"
OPERATOR: Final = "claude-desktop-agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """into: the branch that it is to be merged into. files: all that it touches by now."""

    action: str
    repository: str
    number: int
    into: str
    draft: bool
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """topic: what it is about in truth; its words only show it."""

    action: str
    repository: str
    topic: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRun:
    """outcome: "" while it runs."""

    repository: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    status: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chatter:
    """Pushes, comments, stars, and the like: nobody is to do anything about them."""

    what: str
    by: str


Truth: TypeAlias = Change | Issue | PipelineRun | Alert | Chatter


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """at: seconds from midnight. key: what its provider calls the delivery. again: when it is delivered again.

    event: GitHub's name of it, or the source at the custom door. body: the webhook's JSON.
    """

    key: str
    at: float
    door: str
    event: str
    body: Mapping[str, Any]
    truth: Truth
    again: tuple[float, ...] = ()
