from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.ingress.v1 import events_pb2 as _events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

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

class WhatIfRequest(_message.Message):
    __slots__ = ("tenant", "hours", "agents", "rules", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    hours: int
    agents: _containers.RepeatedCompositeFieldContainer[_events_pb2.Agent]
    rules: _containers.RepeatedCompositeFieldContainer[_events_pb2.Rule]
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., hours: _Optional[int] = ..., agents: _Optional[_Iterable[_Union[_events_pb2.Agent, _Mapping]]] = ..., rules: _Optional[_Iterable[_Union[_events_pb2.Rule, _Mapping]]] = ..., wait_for: _Optional[int] = ...) -> None: ...

class WhatIfChange(_message.Message):
    __slots__ = ("signal_id", "agent", "before", "after", "rule", "summary")
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    signal_id: str
    agent: str
    before: str
    after: str
    rule: str
    summary: str
    def __init__(self, signal_id: _Optional[str] = ..., agent: _Optional[str] = ..., before: _Optional[str] = ..., after: _Optional[str] = ..., rule: _Optional[str] = ..., summary: _Optional[str] = ...) -> None: ...

class WhatIfWakes(_message.Message):
    __slots__ = ("agent", "before", "after")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    agent: str
    before: int
    after: int
    def __init__(self, agent: _Optional[str] = ..., before: _Optional[int] = ..., after: _Optional[int] = ...) -> None: ...

class WhatIfResponse(_message.Message):
    __slots__ = ("signals", "wakes", "changes", "changed", "cut")
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    WAKES_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    signals: int
    wakes: _containers.RepeatedCompositeFieldContainer[WhatIfWakes]
    changes: _containers.RepeatedCompositeFieldContainer[WhatIfChange]
    changed: int
    cut: bool
    def __init__(self, signals: _Optional[int] = ..., wakes: _Optional[_Iterable[_Union[WhatIfWakes, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[WhatIfChange, _Mapping]]] = ..., changed: _Optional[int] = ..., cut: bool = ...) -> None: ...
