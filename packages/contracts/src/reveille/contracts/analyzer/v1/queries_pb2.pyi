from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExplainRequest(_message.Message):
    __slots__ = ("tenant", "signal_id", "agent", "signal_position", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_POSITION_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    signal_id: str
    agent: str
    signal_position: int
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., signal_id: _Optional[str] = ..., agent: _Optional[str] = ..., signal_position: _Optional[int] = ..., wait_for: _Optional[int] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("signal_id", "agent", "woke", "reason", "detail", "rule", "fleet_revision", "execution_id", "until")
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    WOKE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    signal_id: str
    agent: str
    woke: bool
    reason: str
    detail: str
    rule: str
    fleet_revision: int
    execution_id: str
    until: _timestamp_pb2.Timestamp
    def __init__(self, signal_id: _Optional[str] = ..., agent: _Optional[str] = ..., woke: bool = ..., reason: _Optional[str] = ..., detail: _Optional[str] = ..., rule: _Optional[str] = ..., fleet_revision: _Optional[int] = ..., execution_id: _Optional[str] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
