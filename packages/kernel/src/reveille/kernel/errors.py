"""What can go wrong, told apart by what to do about it."""

from traceback import walk_tb
from typing import Final

OURS: Final = "reveille."


class Transient(Exception):
    """It may go well later: the message is held, its partition with it, and tried again after `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unknown(Transient):
    """A write was sent and no answer came: it may have happened, it may still happen."""


class NotThere(Transient):
    """The log does not hold what was named, as far as it was seen; where it was seen far enough, it never will."""


class UnknownEventType(Transient):
    """The log holds an event that this build does not know; a newer build will decide on it."""

    def __init__(self, type_name: str, where: str) -> None:
        super().__init__(f"{where} holds an event of type {type_name}, which this build does not know", retry_after=5.0)
        self.type_name = type_name


class Poison(Exception):
    """It will never go well: the message is parked and what is behind it goes on."""


class Rejected(Exception):
    """The caller asked for something that the state of things does not allow; nothing is recorded."""


class Misconfigured(Exception):
    """The platform cannot start as it is set up. The message is one line for the person who started it."""


def said(error: BaseException) -> str:
    """Its text, or what it is where it has none, as a time-out."""
    return str(error) or type(error).__name__


def fault(error: BaseException) -> str:
    """What kind of bug it is, and where; not its text, which may quote what somebody wrote: the key that is missing."""
    places = [(frame.f_globals.get("__name__", ""), line) for frame, line in walk_tb(error.__traceback__)]
    ours = [one for one in places if one[0].startswith(OURS)]
    kind = type(error).__name__
    return " at ".join([kind, *(f"{module}:{line}" for module, line in (ours or places)[-1:])])
