from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetSignalRequest(_message.Message):
    __slots__ = ("tenant", "signal_id", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    signal_id: str
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., signal_id: _Optional[str] = ..., wait_for: _Optional[int] = ...) -> None: ...

class GetSignalResponse(_message.Message):
    __slots__ = ("signal",)
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    signal: SignalView
    def __init__(self, signal: _Optional[_Union[SignalView, _Mapping]] = ...) -> None: ...

class SignalView(_message.Message):
    __slots__ = ("id", "tenant", "source", "kind", "means", "actor", "repository", "ref", "base_ref", "number", "title", "paths", "labels", "draft", "conclusion", "severity", "summary", "url", "verified", "hop", "correlation_id", "received_at", "position", "target", "contradicted", "fleet_revision", "repetitions", "enrichment", "before", "after")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MEANS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REPOSITORY_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    BASE_REF_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    CONCLUSION_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    HOP_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CONTRADICTED_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    REPETITIONS_FIELD_NUMBER: _ClassVar[int]
    ENRICHMENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    id: str
    tenant: str
    source: str
    kind: str
    means: str
    actor: str
    repository: str
    ref: str
    base_ref: str
    number: int
    title: str
    paths: _common_pb2.Json
    labels: _containers.ScalarMap[str, str]
    draft: bool
    conclusion: str
    severity: str
    summary: str
    url: str
    verified: bool
    hop: int
    correlation_id: str
    received_at: _timestamp_pb2.Timestamp
    position: int
    target: str
    contradicted: bool
    fleet_revision: int
    repetitions: int
    enrichment: str
    before: str
    after: str
    def __init__(self, id: _Optional[str] = ..., tenant: _Optional[str] = ..., source: _Optional[str] = ..., kind: _Optional[str] = ..., means: _Optional[str] = ..., actor: _Optional[str] = ..., repository: _Optional[str] = ..., ref: _Optional[str] = ..., base_ref: _Optional[str] = ..., number: _Optional[int] = ..., title: _Optional[str] = ..., paths: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., draft: bool = ..., conclusion: _Optional[str] = ..., severity: _Optional[str] = ..., summary: _Optional[str] = ..., url: _Optional[str] = ..., verified: bool = ..., hop: _Optional[int] = ..., correlation_id: _Optional[str] = ..., received_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., position: _Optional[int] = ..., target: _Optional[str] = ..., contradicted: bool = ..., fleet_revision: _Optional[int] = ..., repetitions: _Optional[int] = ..., enrichment: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ...) -> None: ...

class ListSignalsRequest(_message.Message):
    __slots__ = ("tenant", "limit", "before", "source", "kind", "wait_for", "repository", "means")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    REPOSITORY_FIELD_NUMBER: _ClassVar[int]
    MEANS_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    limit: int
    before: int
    source: str
    kind: str
    wait_for: int
    repository: str
    means: str
    def __init__(self, tenant: _Optional[str] = ..., limit: _Optional[int] = ..., before: _Optional[int] = ..., source: _Optional[str] = ..., kind: _Optional[str] = ..., wait_for: _Optional[int] = ..., repository: _Optional[str] = ..., means: _Optional[str] = ...) -> None: ...

class ListSignalsResponse(_message.Message):
    __slots__ = ("items", "next")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[SignalView]
    next: int
    def __init__(self, items: _Optional[_Iterable[_Union[SignalView, _Mapping]]] = ..., next: _Optional[int] = ...) -> None: ...

class GetCausesRequest(_message.Message):
    __slots__ = ("tenant", "execution_id", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    execution_id: str
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., execution_id: _Optional[str] = ..., wait_for: _Optional[int] = ...) -> None: ...

class GetCausesResponse(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[CauseView]
    def __init__(self, events: _Optional[_Iterable[_Union[CauseView, _Mapping]]] = ...) -> None: ...

class CauseView(_message.Message):
    __slots__ = ("id", "causation_id", "type", "service", "stream", "revision", "position", "at", "trace_id", "summary")
    ID_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    id: str
    causation_id: str
    type: str
    service: str
    stream: str
    revision: int
    position: int
    at: _timestamp_pb2.Timestamp
    trace_id: str
    summary: str
    def __init__(self, id: _Optional[str] = ..., causation_id: _Optional[str] = ..., type: _Optional[str] = ..., service: _Optional[str] = ..., stream: _Optional[str] = ..., revision: _Optional[int] = ..., position: _Optional[int] = ..., at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., trace_id: _Optional[str] = ..., summary: _Optional[str] = ...) -> None: ...
