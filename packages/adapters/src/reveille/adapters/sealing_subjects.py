"""Whose data key encrypts a text: the person's who wrote it, else the plan's that it is about, else the tenant's.

What a plan came to is the plan's: with a person's part in it, all of it is erased.
"""

from collections.abc import Callable
from typing import Final

from google.protobuf.message import DecodeError, Message

from reveille.adapters.key_rows import EXECUTION, PERSON, TENANT, Subject
from reveille.contracts.common.v1.common_pb2 import MessageParked, Sealed, SignalContent
from reveille.contracts.ingress.v1.events_pb2 import InputContent
from reveille.kernel.digests import Digests
from reveille.kernel.events import category_of, key_of, tenant_of

# Streams that are named after a plan.
OF_EXECUTIONS: Final = frozenset({"execution", "inputs", "analysis", "estimate"})
RUN: Final = "run"


def _actor(data: bytes) -> str:
    return SignalContent.FromString(data).actor


def _added_by(data: bytes) -> str:
    return InputContent.FromString(data).added_by


# Who wrote it stands in the text itself.
_AUTHORS: Final[dict[str, Callable[[bytes], str]]] = {
    "reveille.common.v1.Signal.content": _actor,
    "reveille.ingress.v1.InputAdded.content": _added_by,
}


class Subjects:
    """digests: of people's names, which stand nowhere else than in what is encrypted."""

    def __init__(self, digests: Digests) -> None:
        self._digests = digests

    def person(self, tenant: str, name: str) -> Subject:
        return Subject(tenant, f"{PERSON}{self._digests.of_bytes(name.encode())}")

    def of(self, stream: str, full_name: str, holder: Message, sealed: Sealed, execution_id: str) -> Subject:
        """holder: the message whose field it is; execution_id: "" where it is about none."""
        tenant = tenant_of(stream)
        if name := _author(full_name, holder, sealed):
            return self.person(tenant, name)
        return execution(tenant, execution_id) if execution_id else Subject(tenant, TENANT)


def execution(tenant: str, execution_id: str) -> Subject:
    return Subject(tenant, f"{EXECUTION}{execution_id}")


def execution_of(stream: str, msg: Message | None) -> str:
    """By its stream's name or its own fields; "" where these do not say it."""
    if isinstance(msg, MessageParked):
        return execution_of(msg.event.stream, None) if "." in msg.event.stream else ""
    if category_of(stream) in OF_EXECUTIONS:
        return key_of(stream)
    if msg is None:
        return ""
    fields = msg.DESCRIPTOR.fields_by_name
    if "execution_id" in fields:
        return str(msg.execution_id)  # type: ignore[attr-defined]
    if "work" in fields:
        return str(msg.work.execution_id)  # type: ignore[attr-defined]
    return ""


def _author(full_name: str, holder: Message, sealed: Sealed) -> str:
    in_text = _AUTHORS.get(full_name)
    if in_text is not None:
        try:
            return in_text(sealed.data)
        except DecodeError:
            return ""
    by = getattr(holder, "by", "")
    return by if isinstance(by, str) else ""
