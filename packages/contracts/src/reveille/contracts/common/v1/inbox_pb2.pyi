from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetInboxRequest(_message.Message):
    __slots__ = ("service", "tenant")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    service: str
    tenant: str
    def __init__(self, service: _Optional[str] = ..., tenant: _Optional[str] = ...) -> None: ...

class GetInboxResponse(_message.Message):
    __slots__ = ("service", "topic", "published", "delivered", "failed", "parked", "since")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    service: str
    topic: str
    published: int
    delivered: int
    failed: int
    parked: int
    since: _timestamp_pb2.Timestamp
    def __init__(self, service: _Optional[str] = ..., topic: _Optional[str] = ..., published: _Optional[int] = ..., delivered: _Optional[int] = ..., failed: _Optional[int] = ..., parked: _Optional[int] = ..., since: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RetryDeadLetterRequest(_message.Message):
    __slots__ = ("parked", "service")
    PARKED_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    parked: _common_pb2.EventRef
    service: str
    def __init__(self, parked: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., service: _Optional[str] = ...) -> None: ...

class RetryDeadLetterResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: int
    def __init__(self, position: _Optional[int] = ...) -> None: ...

class DropDeadLetterRequest(_message.Message):
    __slots__ = ("parked", "reason", "service")
    PARKED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    parked: _common_pb2.EventRef
    reason: str
    service: str
    def __init__(self, parked: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., reason: _Optional[str] = ..., service: _Optional[str] = ...) -> None: ...

class DropDeadLetterResponse(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: int
    def __init__(self, position: _Optional[int] = ...) -> None: ...
