"""Events as the log holds them: the message, and the metadata that says where it comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from google.protobuf.message import Message

# Larger content is a blob.
MAX_EVENT_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about: it stays with the work, also while the work waits for something else to release it."""

    correlation: str
    trace: str = ""  # W3C traceparent; "" where nobody traces
    hop: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """The cause of an event. A sender of "" is no bus message (an outside act, a timer, a report)."""

    cause: bytes = b""
    sender: str = ""
    partition: int = 0
    position: int = 0


NO_ORIGIN: Final = Origin()


# Not frozen: a frozen dataclass takes three times as long to make, and these are made for every event.
@dataclass(slots=True)
class Meta:
    """time: microseconds since 1970. replica: the process that decided."""

    time: int
    about: About
    origin: Origin = NO_ORIGIN
    replica: str = ""


@dataclass(slots=True, eq=False)
class New:
    """An event that is to be appended; `data` is `msg`, serialised once."""

    id: bytes
    type: str
    data: bytes
    meta: Meta
    msg: Message


@dataclass(slots=True, eq=False)
class Recorded:
    """An event of the log. Positions rise over the whole log, revisions count from 0 within a stream.

    keys: ids of what its text is encrypted with in the log; `data` is as the log has it, `msg` is open. unreadable: why
    there is no message, where that is not for its type; "" else.
    """

    id: bytes
    type: str
    data: bytes
    meta: Meta
    msg: Message | None  # None: a type that this build does not know, or what `unreadable` says
    position: int
    stream: str
    revision: int
    keys: tuple[str, ...] = ()
    unreadable: str = ""


def new_event(id: bytes, msg: Message, meta: Meta) -> New:
    return New(id, msg.DESCRIPTOR.full_name, msg.SerializeToString(), meta, msg)


class EventTypes:
    """All event types of this build, by their full names."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._classes: dict[str, type[Message]] = {}
        for module in modules:
            for name in module.DESCRIPTOR.message_types_by_name:
                cls: type[Message] = getattr(module, name)
                self._classes[cls.DESCRIPTOR.full_name] = cls

    def decode(self, type_name: str, data: bytes) -> Message | None:
        cls = self._classes.get(type_name)
        return None if cls is None else cls.FromString(data)

    def as_mapping(self) -> Mapping[str, type[Message]]:
        return self._classes


def service_of(type_name: str) -> str:
    """`reveille.agent_runner.v1.RunStarted` → `agent-runner`: the one service that writes this type."""
    return type_name.split(".", 2)[1].replace("_", "-")


def stream_name(tenant: str, category: str, key: str = "") -> str:
    return f"{tenant}.{category}-{key}" if key else f"{tenant}.{category}"


def tenant_of(stream: str) -> str:
    return stream[: stream.index(".")]


def is_of(stream: str, tenant: str) -> bool:
    """Also of what is no stream's name."""
    return stream.startswith(f"{tenant}.")


def category_of(stream: str) -> str:
    """`default.signal-1f…` → `signal`, `default.ledger` → `ledger`."""
    return stream[stream.index(".") + 1 :].partition("-")[0]


def key_of(stream: str) -> str:
    return stream[stream.index(".") + 1 :].partition("-")[2]
