from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ApprovalKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    APPROVAL_KIND_UNSPECIFIED: _ClassVar[ApprovalKind]
    APPROVAL_KIND_TOKENS: _ClassVar[ApprovalKind]
APPROVAL_KIND_UNSPECIFIED: ApprovalKind
APPROVAL_KIND_TOKENS: ApprovalKind

class ExecutionStarted(_message.Message):
    __slots__ = ("execution_id", "blueprint", "trigger_id", "rule", "priority", "signal_ids", "signals", "fleet_revision")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    blueprint: str
    trigger_id: str
    rule: str
    priority: _common_pb2.Priority
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    fleet_revision: int
    def __init__(self, execution_id: _Optional[str] = ..., blueprint: _Optional[str] = ..., trigger_id: _Optional[str] = ..., rule: _Optional[str] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., fleet_revision: _Optional[int] = ...) -> None: ...

class StepPlanned(_message.Message):
    __slots__ = ("execution_id", "step", "agent", "attempts", "backoff_ms", "timeout_ms", "tokens")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    agent: str
    attempts: int
    backoff_ms: int
    timeout_ms: int
    tokens: int
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., agent: _Optional[str] = ..., attempts: _Optional[int] = ..., backoff_ms: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., tokens: _Optional[int] = ...) -> None: ...

class StepReady(_message.Message):
    __slots__ = ("execution_id", "step", "agent", "attempt", "run_id", "tokens", "priority", "fleet_revision", "signals", "timeout_ms", "rule", "signal_ids")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    agent: str
    attempt: int
    run_id: str
    tokens: int
    priority: _common_pb2.Priority
    fleet_revision: int
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    timeout_ms: int
    rule: str
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., agent: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., tokens: _Optional[int] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., fleet_revision: _Optional[int] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., timeout_ms: _Optional[int] = ..., rule: _Optional[str] = ..., signal_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class StepWaiting(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "account", "until")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    account: str
    until: _timestamp_pb2.Timestamp
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., account: _Optional[str] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StepReleased(_message.Message):
    __slots__ = ("execution_id", "step", "attempt")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class ApprovalRequested(_message.Message):
    __slots__ = ("approval_id", "execution_id", "step", "attempt", "run_id", "kind", "question", "risk", "tokens", "deadline", "otherwise", "account")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    OTHERWISE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    execution_id: str
    step: str
    attempt: int
    run_id: str
    kind: ApprovalKind
    question: _common_pb2.Sealed
    risk: str
    tokens: int
    deadline: _timestamp_pb2.Timestamp
    otherwise: str
    account: str
    def __init__(self, approval_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., kind: _Optional[_Union[ApprovalKind, str]] = ..., question: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., risk: _Optional[str] = ..., tokens: _Optional[int] = ..., deadline: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., otherwise: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class ApprovalResolved(_message.Message):
    __slots__ = ("approval_id", "execution_id", "step", "run_id", "kind", "approved", "by", "how", "tokens")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    APPROVED_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    HOW_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    execution_id: str
    step: str
    run_id: str
    kind: ApprovalKind
    approved: bool
    by: str
    how: str
    tokens: int
    def __init__(self, approval_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., run_id: _Optional[str] = ..., kind: _Optional[_Union[ApprovalKind, str]] = ..., approved: bool = ..., by: _Optional[str] = ..., how: _Optional[str] = ..., tokens: _Optional[int] = ...) -> None: ...

class StepCompleted(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "run_id", "tokens_used", "result")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    run_id: str
    tokens_used: int
    result: _common_pb2.Sealed
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., tokens_used: _Optional[int] = ..., result: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...

class StepRetryScheduled(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "retry_at", "reason", "tokens_used", "interrupted")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RETRY_AT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    INTERRUPTED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    retry_at: _timestamp_pb2.Timestamp
    reason: str
    tokens_used: int
    interrupted: bool
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., retry_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., tokens_used: _Optional[int] = ..., interrupted: bool = ...) -> None: ...

class StepFailed(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "reason", "error", "tokens_used")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    reason: str
    error: _common_pb2.Sealed
    tokens_used: int
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., reason: _Optional[str] = ..., error: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., tokens_used: _Optional[int] = ...) -> None: ...

class ExecutionCompleted(_message.Message):
    __slots__ = ("execution_id", "tokens_used")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    tokens_used: int
    def __init__(self, execution_id: _Optional[str] = ..., tokens_used: _Optional[int] = ...) -> None: ...

class ExecutionFailed(_message.Message):
    __slots__ = ("execution_id", "reason", "tokens_used")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    reason: str
    tokens_used: int
    def __init__(self, execution_id: _Optional[str] = ..., reason: _Optional[str] = ..., tokens_used: _Optional[int] = ...) -> None: ...
