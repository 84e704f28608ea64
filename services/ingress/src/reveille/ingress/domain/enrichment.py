"""What a payload did not say and its provider knows: which files changed. And whether any rule wants to know it."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.contracts.ingress.v1.events_pb2 import Rule, Selector

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NOTHING: Final = re.compile(r"0+")
# By provider: what the kinds of its signals about a proposed change begin with. Those have its number.
_CHANGES: Final = {"github": ("pull_request.", "pull_request_"), "gitlab": ("merge_request.",)}
# Names come from outside, and a path is made of them.
_REPOSITORY: Final = {
    "github": re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}"),
    "gitlab": re.compile(r"[A-Za-z0-9_.-]{1,255}(/[A-Za-z0-9_.-]{1,255}){1,20}"),
}
_DOTS: Final = (".", "..")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which files changed in pull or merge request `number`; where it is 0, between two commits."""

    provider: str
    repository: str
    number: int = 0
    before: str = ""
    after: str = ""


class Unlearned(Exception):
    """The provider did not tell. The message has no word of what it said; away: it did not answer at all."""

    def __init__(self, message: str, *, away: bool = False) -> None:
        super().__init__(message)
        self.away = away


def question_of(source: str, kind: str, content: SignalContent) -> Question | None:
    """None: the files are known, or no provider knows them."""
    if content.paths_known or source not in _CHANGES or not _is_repository(source, content.repository):
        return None
    if kind.startswith(_CHANGES[source]):
        return (
            Question(provider=source, repository=content.repository, number=content.number) if content.number else None
        )
    if kind != "push" or not (_is_commit(content.before) and _is_commit(content.after)):
        return None
    return Question(provider=source, repository=content.repository, before=content.before, after=content.after)


def watched_files(rules: Iterable[Rule]) -> frozenset[tuple[str, str]]:
    """The sources and kinds of rules with `paths`; "" is any."""
    return frozenset(
        (source, kind)
        for rule in rules
        if rule.paths
        for one in _selectors(rule)
        for source in one.sources or [""]
        for kind in one.kinds or [""]
    )


def _selectors(rule: Rule) -> list[Selector]:
    if rule.HasField("pattern"):
        return list(rule.pattern.steps)
    if rule.HasField("absence"):
        return [rule.absence.of]
    return [Selector(sources=rule.sources, kinds=rule.kinds)]


def is_watched(watched: Collection[tuple[str, str]], source: str, kind: str, means: str) -> bool:
    return any((one, name) in watched for one in (source, "") for name in (kind, means, ""))


def _is_repository(source: str, name: str) -> bool:
    return bool(_REPOSITORY[source].fullmatch(name)) and not any(part in _DOTS for part in name.split("/"))


def _is_commit(name: str) -> bool:
    """A branch that is new has no commit before."""
    return bool(_COMMIT.fullmatch(name)) and not _NOTHING.fullmatch(name)
