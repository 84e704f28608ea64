from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConnectRequest(_message.Message):
    __slots__ = ("tenant", "agent", "session", "capacity", "text")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    agent: str
    session: str
    capacity: int
    text: str
    def __init__(self, tenant: _Optional[str] = ..., agent: _Optional[str] = ..., session: _Optional[str] = ..., capacity: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...

class ConnectResponse(_message.Message):
    __slots__ = ("text", "close_code", "close_reason")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CLOSE_CODE_FIELD_NUMBER: _ClassVar[int]
    CLOSE_REASON_FIELD_NUMBER: _ClassVar[int]
    text: str
    close_code: int
    close_reason: str
    def __init__(self, text: _Optional[str] = ..., close_code: _Optional[int] = ..., close_reason: _Optional[str] = ...) -> None: ...

class ListUsageRequest(_message.Message):
    __slots__ = ("tenant", "since", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    since: int
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., since: _Optional[int] = ..., wait_for: _Optional[int] = ...) -> None: ...

class UsageView(_message.Message):
    __slots__ = ("agent", "model", "input_tokens", "output_tokens", "other_tokens")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OTHER_TOKENS_FIELD_NUMBER: _ClassVar[int]
    agent: str
    model: str
    input_tokens: int
    output_tokens: int
    other_tokens: int
    def __init__(self, agent: _Optional[str] = ..., model: _Optional[str] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., other_tokens: _Optional[int] = ...) -> None: ...

class ListUsageResponse(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[UsageView]
    def __init__(self, items: _Optional[_Iterable[_Union[UsageView, _Mapping]]] = ...) -> None: ...

class ListAgentsRequest(_message.Message):
    __slots__ = ("tenant", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., wait_for: _Optional[int] = ...) -> None: ...

class AgentView(_message.Message):
    __slots__ = ("id", "title", "state", "running", "queued", "wakes", "last_wake", "why", "tokens_used", "capabilities", "remote", "connections", "hibernates", "until")
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    WAKES_FIELD_NUMBER: _ClassVar[int]
    LAST_WAKE_FIELD_NUMBER: _ClassVar[int]
    WHY_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    REMOTE_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    HIBERNATES_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    state: str
    running: int
    queued: int
    wakes: int
    last_wake: _timestamp_pb2.Timestamp
    why: str
    tokens_used: int
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    remote: bool
    connections: int
    hibernates: str
    until: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., state: _Optional[str] = ..., running: _Optional[int] = ..., queued: _Optional[int] = ..., wakes: _Optional[int] = ..., last_wake: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., why: _Optional[str] = ..., tokens_used: _Optional[int] = ..., capabilities: _Optional[_Iterable[str]] = ..., remote: bool = ..., connections: _Optional[int] = ..., hibernates: _Optional[str] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListAgentsResponse(_message.Message):
    __slots__ = ("items",)
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[AgentView]
    def __init__(self, items: _Optional[_Iterable[_Union[AgentView, _Mapping]]] = ...) -> None: ...
