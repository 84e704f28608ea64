from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Hibernation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HIBERNATION_UNSPECIFIED: _ClassVar[Hibernation]
    HIBERNATION_BUDGET: _ClassVar[Hibernation]
    HIBERNATION_IDLE: _ClassVar[Hibernation]

class Failure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAILURE_UNSPECIFIED: _ClassVar[Failure]
    FAILURE_ERROR: _ClassVar[Failure]
    FAILURE_TIMEOUT: _ClassVar[Failure]
    FAILURE_INTERRUPTED: _ClassVar[Failure]
    FAILURE_TOKENS: _ClassVar[Failure]
    FAILURE_SKILL: _ClassVar[Failure]
    FAILURE_RETIRED: _ClassVar[Failure]
    FAILURE_CANCELLED: _ClassVar[Failure]
HIBERNATION_UNSPECIFIED: Hibernation
HIBERNATION_BUDGET: Hibernation
HIBERNATION_IDLE: Hibernation
FAILURE_UNSPECIFIED: Failure
FAILURE_ERROR: Failure
FAILURE_TIMEOUT: Failure
FAILURE_INTERRUPTED: Failure
FAILURE_TOKENS: Failure
FAILURE_SKILL: Failure
FAILURE_RETIRED: Failure
FAILURE_CANCELLED: Failure

class Work(_message.Message):
    __slots__ = ("run_id", "execution_id", "step", "attempt", "agent", "tokens", "priority", "ready", "max_instances", "remote", "session")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    MAX_INSTANCES_FIELD_NUMBER: _ClassVar[int]
    REMOTE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    execution_id: str
    step: str
    attempt: int
    agent: str
    tokens: int
    priority: _common_pb2.Priority
    ready: _common_pb2.EventRef
    max_instances: int
    remote: bool
    session: str
    def __init__(self, run_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., agent: _Optional[str] = ..., tokens: _Optional[int] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., ready: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., max_instances: _Optional[int] = ..., remote: bool = ..., session: _Optional[str] = ...) -> None: ...

class AgentConnected(_message.Message):
    __slots__ = ("agent", "session", "capacity")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CAPACITY_FIELD_NUMBER: _ClassVar[int]
    agent: str
    session: str
    capacity: int
    def __init__(self, agent: _Optional[str] = ..., session: _Optional[str] = ..., capacity: _Optional[int] = ...) -> None: ...

class AgentDisconnected(_message.Message):
    __slots__ = ("agent", "session", "reason", "until", "run_ids")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    RUN_IDS_FIELD_NUMBER: _ClassVar[int]
    agent: str
    session: str
    reason: str
    until: _timestamp_pb2.Timestamp
    run_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agent: _Optional[str] = ..., session: _Optional[str] = ..., reason: _Optional[str] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., run_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class RunResumed(_message.Message):
    __slots__ = ("work",)
    WORK_FIELD_NUMBER: _ClassVar[int]
    work: Work
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ...) -> None: ...

class RunAbandoned(_message.Message):
    __slots__ = ("work", "retired")
    WORK_FIELD_NUMBER: _ClassVar[int]
    RETIRED_FIELD_NUMBER: _ClassVar[int]
    work: Work
    retired: bool
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., retired: bool = ...) -> None: ...

class WorkRevoked(_message.Message):
    __slots__ = ("work", "queued")
    WORK_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    work: Work
    queued: bool
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., queued: bool = ...) -> None: ...

class AgentRetired(_message.Message):
    __slots__ = ("agent",)
    AGENT_FIELD_NUMBER: _ClassVar[int]
    agent: str
    def __init__(self, agent: _Optional[str] = ...) -> None: ...

class AgentReinstated(_message.Message):
    __slots__ = ("agent",)
    AGENT_FIELD_NUMBER: _ClassVar[int]
    agent: str
    def __init__(self, agent: _Optional[str] = ...) -> None: ...

class AgentHibernated(_message.Message):
    __slots__ = ("agent", "reason", "until")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    agent: str
    reason: Hibernation
    until: _timestamp_pb2.Timestamp
    def __init__(self, agent: _Optional[str] = ..., reason: _Optional[_Union[Hibernation, str]] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AgentRoused(_message.Message):
    __slots__ = ("agent", "idle_at")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    IDLE_AT_FIELD_NUMBER: _ClassVar[int]
    agent: str
    idle_at: _timestamp_pb2.Timestamp
    def __init__(self, agent: _Optional[str] = ..., idle_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AgentBudgetSpent(_message.Message):
    __slots__ = ("agent", "until")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    agent: str
    until: _timestamp_pb2.Timestamp
    def __init__(self, agent: _Optional[str] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class WorkHandedOn(_message.Message):
    __slots__ = ("work", "number", "agent", "priority", "content", "signal_ids", "signals", "fleet_revision", "trigger_id")
    WORK_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    work: Work
    number: int
    agent: str
    priority: _common_pb2.Priority
    content: _common_pb2.Sealed
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    fleet_revision: int
    trigger_id: str
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., number: _Optional[int] = ..., agent: _Optional[str] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., content: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., fleet_revision: _Optional[int] = ..., trigger_id: _Optional[str] = ...) -> None: ...

class TokensRequested(_message.Message):
    __slots__ = ("work", "request", "tokens")
    WORK_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    work: Work
    request: int
    tokens: int
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., request: _Optional[int] = ..., tokens: _Optional[int] = ...) -> None: ...

class TokensGranted(_message.Message):
    __slots__ = ("run_id", "request", "tokens")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    request: int
    tokens: int
    def __init__(self, run_id: _Optional[str] = ..., request: _Optional[int] = ..., tokens: _Optional[int] = ...) -> None: ...

class TokensRefused(_message.Message):
    __slots__ = ("run_id", "request", "left")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    request: int
    left: int
    def __init__(self, run_id: _Optional[str] = ..., request: _Optional[int] = ..., left: _Optional[int] = ...) -> None: ...

class RunAcknowledged(_message.Message):
    __slots__ = ("run_id", "session")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    session: str
    def __init__(self, run_id: _Optional[str] = ..., session: _Optional[str] = ...) -> None: ...

class UsageReported(_message.Message):
    __slots__ = ("run_id", "tokens_used")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    tokens_used: int
    def __init__(self, run_id: _Optional[str] = ..., tokens_used: _Optional[int] = ...) -> None: ...

class RunQueued(_message.Message):
    __slots__ = ("work",)
    WORK_FIELD_NUMBER: _ClassVar[int]
    work: Work
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ...) -> None: ...

class AgentWoken(_message.Message):
    __slots__ = ("work", "waited")
    WORK_FIELD_NUMBER: _ClassVar[int]
    WAITED_FIELD_NUMBER: _ClassVar[int]
    work: Work
    waited: bool
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., waited: bool = ...) -> None: ...

class AgentSlept(_message.Message):
    __slots__ = ("agent", "run_id", "idle_at", "adrift")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    IDLE_AT_FIELD_NUMBER: _ClassVar[int]
    ADRIFT_FIELD_NUMBER: _ClassVar[int]
    agent: str
    run_id: str
    idle_at: _timestamp_pb2.Timestamp
    adrift: bool
    def __init__(self, agent: _Optional[str] = ..., run_id: _Optional[str] = ..., idle_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., adrift: bool = ...) -> None: ...

class RunLeft(_message.Message):
    __slots__ = ("agent", "run_id", "adrift")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    ADRIFT_FIELD_NUMBER: _ClassVar[int]
    agent: str
    run_id: str
    adrift: bool
    def __init__(self, agent: _Optional[str] = ..., run_id: _Optional[str] = ..., adrift: bool = ...) -> None: ...

class RunStarted(_message.Message):
    __slots__ = ("work", "deadline")
    WORK_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    work: Work
    deadline: _timestamp_pb2.Timestamp
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., deadline: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AgentThinking(_message.Message):
    __slots__ = ("run_id", "text", "dropped")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    text: _common_pb2.Sealed
    dropped: int
    def __init__(self, run_id: _Optional[str] = ..., text: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., dropped: _Optional[int] = ...) -> None: ...

class ModelCalled(_message.Message):
    __slots__ = ("run_id", "call", "model", "cap")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CAP_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    call: int
    model: str
    cap: int
    def __init__(self, run_id: _Optional[str] = ..., call: _Optional[int] = ..., model: _Optional[str] = ..., cap: _Optional[int] = ...) -> None: ...

class ModelAnswered(_message.Message):
    __slots__ = ("run_id", "call", "model", "input_tokens", "output_tokens", "estimated", "error")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    call: int
    model: str
    input_tokens: int
    output_tokens: int
    estimated: bool
    error: str
    def __init__(self, run_id: _Optional[str] = ..., call: _Optional[int] = ..., model: _Optional[str] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., estimated: bool = ..., error: _Optional[str] = ...) -> None: ...

class LateUsageFound(_message.Message):
    __slots__ = ("work", "tokens")
    WORK_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    work: Work
    tokens: int
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., tokens: _Optional[int] = ...) -> None: ...

class ToolCalled(_message.Message):
    __slots__ = ("run_id", "call", "tool", "arguments")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    call: int
    tool: str
    arguments: _common_pb2.Sealed
    def __init__(self, run_id: _Optional[str] = ..., call: _Optional[int] = ..., tool: _Optional[str] = ..., arguments: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...

class ToolReturned(_message.Message):
    __slots__ = ("run_id", "call", "tool", "result", "error", "result_blob")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    TOOL_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    RESULT_BLOB_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    call: int
    tool: str
    result: _common_pb2.Sealed
    error: _common_pb2.Sealed
    result_blob: str
    def __init__(self, run_id: _Optional[str] = ..., call: _Optional[int] = ..., tool: _Optional[str] = ..., result: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., error: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., result_blob: _Optional[str] = ...) -> None: ...

class RunCompleted(_message.Message):
    __slots__ = ("work", "tokens_used", "result", "partial", "dropped")
    WORK_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    work: Work
    tokens_used: int
    result: _common_pb2.Sealed
    partial: bool
    dropped: int
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., tokens_used: _Optional[int] = ..., result: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., partial: bool = ..., dropped: _Optional[int] = ...) -> None: ...

class RunFailed(_message.Message):
    __slots__ = ("work", "tokens_used", "reason", "error", "retry", "dropped")
    WORK_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    RETRY_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    work: Work
    tokens_used: int
    reason: Failure
    error: _common_pb2.Sealed
    retry: bool
    dropped: int
    def __init__(self, work: _Optional[_Union[Work, _Mapping]] = ..., tokens_used: _Optional[int] = ..., reason: _Optional[_Union[Failure, str]] = ..., error: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., retry: bool = ..., dropped: _Optional[int] = ...) -> None: ...
