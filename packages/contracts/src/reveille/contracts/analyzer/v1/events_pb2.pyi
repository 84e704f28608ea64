from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Suppression(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPRESSION_UNSPECIFIED: _ClassVar[Suppression]
    SUPPRESSION_LOOP: _ClassVar[Suppression]
SUPPRESSION_UNSPECIFIED: Suppression
SUPPRESSION_LOOP: Suppression

class TriggerFired(_message.Message):
    __slots__ = ("trigger_id", "agent", "rule", "rules", "priority", "signal_ids", "signals", "fleet_revision")
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    trigger_id: str
    agent: str
    rule: str
    rules: _containers.RepeatedScalarFieldContainer[str]
    priority: _common_pb2.Priority
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    fleet_revision: int
    def __init__(self, trigger_id: _Optional[str] = ..., agent: _Optional[str] = ..., rule: _Optional[str] = ..., rules: _Optional[_Iterable[str]] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., fleet_revision: _Optional[int] = ...) -> None: ...

class TriggerSuppressed(_message.Message):
    __slots__ = ("trigger_id", "agent", "rule", "reason", "signal_ids", "detail")
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    trigger_id: str
    agent: str
    rule: str
    reason: Suppression
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    detail: str
    def __init__(self, trigger_id: _Optional[str] = ..., agent: _Optional[str] = ..., rule: _Optional[str] = ..., reason: _Optional[_Union[Suppression, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., detail: _Optional[str] = ...) -> None: ...
