from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRIORITY_UNSPECIFIED: _ClassVar[Priority]
    PRIORITY_LOW: _ClassVar[Priority]
    PRIORITY_MEDIUM: _ClassVar[Priority]
    PRIORITY_HIGH: _ClassVar[Priority]
    PRIORITY_CRITICAL: _ClassVar[Priority]
PRIORITY_UNSPECIFIED: Priority
PRIORITY_LOW: Priority
PRIORITY_MEDIUM: Priority
PRIORITY_HIGH: Priority
PRIORITY_CRITICAL: Priority

class Sealed(_message.Message):
    __slots__ = ("key_id", "data")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    data: bytes
    def __init__(self, key_id: _Optional[str] = ..., data: _Optional[bytes] = ...) -> None: ...

class Json(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class EventRef(_message.Message):
    __slots__ = ("stream", "revision")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    stream: str
    revision: int
    def __init__(self, stream: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class Signal(_message.Message):
    __slots__ = ("id", "source", "kind", "means", "verified", "hop", "received_at", "delivery", "fleet_revision", "target", "priority", "content", "enriching")
    ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MEANS_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    HOP_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ENRICHING_FIELD_NUMBER: _ClassVar[int]
    id: str
    source: str
    kind: str
    means: str
    verified: bool
    hop: int
    received_at: _timestamp_pb2.Timestamp
    delivery: str
    fleet_revision: int
    target: str
    priority: Priority
    content: Sealed
    enriching: bool
    def __init__(self, id: _Optional[str] = ..., source: _Optional[str] = ..., kind: _Optional[str] = ..., means: _Optional[str] = ..., verified: bool = ..., hop: _Optional[int] = ..., received_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., delivery: _Optional[str] = ..., fleet_revision: _Optional[int] = ..., target: _Optional[str] = ..., priority: _Optional[_Union[Priority, str]] = ..., content: _Optional[_Union[Sealed, _Mapping]] = ..., enriching: bool = ...) -> None: ...

class SignalContent(_message.Message):
    __slots__ = ("actor", "repository", "ref", "base_ref", "number", "title", "paths", "paths_known", "labels", "draft", "conclusion", "severity", "summary", "url", "before", "after", "clone", "payload", "payload_blob")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REPOSITORY_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    BASE_REF_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    PATHS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    CONCLUSION_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    CLONE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_BLOB_FIELD_NUMBER: _ClassVar[int]
    actor: str
    repository: str
    ref: str
    base_ref: str
    number: int
    title: str
    paths: _containers.RepeatedScalarFieldContainer[str]
    paths_known: bool
    labels: _containers.ScalarMap[str, str]
    draft: bool
    conclusion: str
    severity: str
    summary: str
    url: str
    before: str
    after: str
    clone: str
    payload: bytes
    payload_blob: str
    def __init__(self, actor: _Optional[str] = ..., repository: _Optional[str] = ..., ref: _Optional[str] = ..., base_ref: _Optional[str] = ..., number: _Optional[int] = ..., title: _Optional[str] = ..., paths: _Optional[_Iterable[str]] = ..., paths_known: bool = ..., labels: _Optional[_Mapping[str, str]] = ..., draft: bool = ..., conclusion: _Optional[str] = ..., severity: _Optional[str] = ..., summary: _Optional[str] = ..., url: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., clone: _Optional[str] = ..., payload: _Optional[bytes] = ..., payload_blob: _Optional[str] = ...) -> None: ...

class MessageParked(_message.Message):
    __slots__ = ("service", "partition", "event_id", "event_type", "event", "position", "error", "attempts", "record", "headers")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    PARTITION_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    service: str
    partition: int
    event_id: str
    event_type: str
    event: EventRef
    position: int
    error: str
    attempts: int
    record: Sealed
    headers: Sealed
    def __init__(self, service: _Optional[str] = ..., partition: _Optional[int] = ..., event_id: _Optional[str] = ..., event_type: _Optional[str] = ..., event: _Optional[_Union[EventRef, _Mapping]] = ..., position: _Optional[int] = ..., error: _Optional[str] = ..., attempts: _Optional[int] = ..., record: _Optional[_Union[Sealed, _Mapping]] = ..., headers: _Optional[_Union[Sealed, _Mapping]] = ...) -> None: ...

class Money(_message.Message):
    __slots__ = ("min", "max")
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    min: int
    max: int
    def __init__(self, min: _Optional[int] = ..., max: _Optional[int] = ...) -> None: ...

class DeadLetterRetried(_message.Message):
    __slots__ = ("service", "parked")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    service: str
    parked: EventRef
    def __init__(self, service: _Optional[str] = ..., parked: _Optional[_Union[EventRef, _Mapping]] = ...) -> None: ...

class DeadLetterDropped(_message.Message):
    __slots__ = ("service", "parked", "reason")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    service: str
    parked: EventRef
    reason: Sealed
    def __init__(self, service: _Optional[str] = ..., parked: _Optional[_Union[EventRef, _Mapping]] = ..., reason: _Optional[_Union[Sealed, _Mapping]] = ...) -> None: ...
