"""What is refused at the door, told apart by what the sender should do about it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    path: str
    message: str


class Refusal(Exception):
    """`code` is for programs, the message for people."""

    def __init__(self, code: str, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.errors = tuple(errors)


class Malformed(Refusal):
    """It cannot be read at all."""


class Invalid(Refusal):
    """It can be read and asks for something that there is not."""


class Forbidden(Refusal):
    """It is not for this sender."""


class Conflicting(Refusal):
    """Something else stands already."""


class Missing(Refusal):
    """There is no such thing."""


class NoExecution(Missing):
    """There is no such execution, or none of the kind that is asked for."""

    def __init__(self, execution_id: str) -> None:
        super().__init__("not_found", f"there is no execution {execution_id[:100]}")


def each(**reads: Callable[[], Any]) -> dict[str, Any]:
    """What each of them reads, by name. Raises one Invalid that names all fields that are wrong."""
    found: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for name, read in reads.items():
        try:
            found[name] = read()
        except Invalid as error:
            wrong += error.errors
    if wrong:
        raise Invalid("invalid_body", "; ".join(f"{one.path}: {one.message}" for one in wrong), wrong)
    return found


def check_choice(name: str, given: str, choices: Iterable[str]) -> None:
    """Of a query; "" is none given. Raises Invalid with the choices."""
    if given and given not in (known := list(choices)):
        message = f"it is {given[:80]!r}, expected one of {', '.join(known)}"
        raise Invalid("invalid_query", f"{name}: {message}", [FieldError(name, message)])


def invalid_field(path: str, message: str) -> Invalid:
    return Invalid("invalid_body", f"{path}: {message}", [FieldError(path, message)])
