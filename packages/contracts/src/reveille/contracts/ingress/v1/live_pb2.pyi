from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LiveEvent(_message.Message):
    __slots__ = ("execution_id", "conversation_id", "agent_id", "department", "sequence", "timestamp", "trace_id", "orchestration_start", "orchestration_complete", "department_start", "department_complete", "agent_start", "agent_thinking", "agent_complete", "tool_call", "tool_result", "quality_check", "review_status")
    class OrchestrationStart(_message.Message):
        __slots__ = ("project_id", "user_prompt", "complexity", "blueprint")
        PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
        USER_PROMPT_FIELD_NUMBER: _ClassVar[int]
        COMPLEXITY_FIELD_NUMBER: _ClassVar[int]
        BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
        project_id: str
        user_prompt: str
        complexity: str
        blueprint: str
        def __init__(self, project_id: _Optional[str] = ..., user_prompt: _Optional[str] = ..., complexity: _Optional[str] = ..., blueprint: _Optional[str] = ...) -> None: ...
    class OrchestrationComplete(_message.Message):
        __slots__ = ("status", "result", "metrics", "error")
        STATUS_FIELD_NUMBER: _ClassVar[int]
        RESULT_FIELD_NUMBER: _ClassVar[int]
        METRICS_FIELD_NUMBER: _ClassVar[int]
        ERROR_FIELD_NUMBER: _ClassVar[int]
        status: str
        result: _common_pb2.Json
        metrics: LiveEvent.Metrics
        error: str
        def __init__(self, status: _Optional[str] = ..., result: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., metrics: _Optional[_Union[LiveEvent.Metrics, _Mapping]] = ..., error: _Optional[str] = ...) -> None: ...
    class Metrics(_message.Message):
        __slots__ = ("execution_time", "tokens_used", "agents", "runs", "departments", "revisions", "quality_score")
        EXECUTION_TIME_FIELD_NUMBER: _ClassVar[int]
        TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
        AGENTS_FIELD_NUMBER: _ClassVar[int]
        RUNS_FIELD_NUMBER: _ClassVar[int]
        DEPARTMENTS_FIELD_NUMBER: _ClassVar[int]
        REVISIONS_FIELD_NUMBER: _ClassVar[int]
        QUALITY_SCORE_FIELD_NUMBER: _ClassVar[int]
        execution_time: float
        tokens_used: int
        agents: int
        runs: int
        departments: int
        revisions: int
        quality_score: float
        def __init__(self, execution_time: _Optional[float] = ..., tokens_used: _Optional[int] = ..., agents: _Optional[int] = ..., runs: _Optional[int] = ..., departments: _Optional[int] = ..., revisions: _Optional[int] = ..., quality_score: _Optional[float] = ...) -> None: ...
    class DepartmentStart(_message.Message):
        __slots__ = ("department_name", "relevance")
        DEPARTMENT_NAME_FIELD_NUMBER: _ClassVar[int]
        RELEVANCE_FIELD_NUMBER: _ClassVar[int]
        department_name: str
        relevance: float
        def __init__(self, department_name: _Optional[str] = ..., relevance: _Optional[float] = ...) -> None: ...
    class DepartmentComplete(_message.Message):
        __slots__ = ("outputs", "quality_score", "execution_time", "status")
        OUTPUTS_FIELD_NUMBER: _ClassVar[int]
        QUALITY_SCORE_FIELD_NUMBER: _ClassVar[int]
        EXECUTION_TIME_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        outputs: _common_pb2.Json
        quality_score: float
        execution_time: float
        status: str
        def __init__(self, outputs: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., quality_score: _Optional[float] = ..., execution_time: _Optional[float] = ..., status: _Optional[str] = ...) -> None: ...
    class AgentStart(_message.Message):
        __slots__ = ("step", "run_id", "attempt", "role", "round")
        STEP_FIELD_NUMBER: _ClassVar[int]
        RUN_ID_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        ROLE_FIELD_NUMBER: _ClassVar[int]
        ROUND_FIELD_NUMBER: _ClassVar[int]
        step: str
        run_id: str
        attempt: int
        role: str
        round: int
        def __init__(self, step: _Optional[str] = ..., run_id: _Optional[str] = ..., attempt: _Optional[int] = ..., role: _Optional[str] = ..., round: _Optional[int] = ...) -> None: ...
    class AgentThinking(_message.Message):
        __slots__ = ("step", "text", "run_id", "dropped")
        STEP_FIELD_NUMBER: _ClassVar[int]
        TEXT_FIELD_NUMBER: _ClassVar[int]
        RUN_ID_FIELD_NUMBER: _ClassVar[int]
        DROPPED_FIELD_NUMBER: _ClassVar[int]
        step: str
        text: str
        run_id: str
        dropped: int
        def __init__(self, step: _Optional[str] = ..., text: _Optional[str] = ..., run_id: _Optional[str] = ..., dropped: _Optional[int] = ...) -> None: ...
    class AgentComplete(_message.Message):
        __slots__ = ("status", "output", "tokens_used", "execution_time", "step", "run_id", "attempt", "error", "dropped")
        STATUS_FIELD_NUMBER: _ClassVar[int]
        OUTPUT_FIELD_NUMBER: _ClassVar[int]
        TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
        EXECUTION_TIME_FIELD_NUMBER: _ClassVar[int]
        STEP_FIELD_NUMBER: _ClassVar[int]
        RUN_ID_FIELD_NUMBER: _ClassVar[int]
        ATTEMPT_FIELD_NUMBER: _ClassVar[int]
        ERROR_FIELD_NUMBER: _ClassVar[int]
        DROPPED_FIELD_NUMBER: _ClassVar[int]
        status: str
        output: _common_pb2.Json
        tokens_used: int
        execution_time: float
        step: str
        run_id: str
        attempt: int
        error: str
        dropped: int
        def __init__(self, status: _Optional[str] = ..., output: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., tokens_used: _Optional[int] = ..., execution_time: _Optional[float] = ..., step: _Optional[str] = ..., run_id: _Optional[str] = ..., attempt: _Optional[int] = ..., error: _Optional[str] = ..., dropped: _Optional[int] = ...) -> None: ...
    class ToolCall(_message.Message):
        __slots__ = ("tool_name", "arguments", "run_id", "call")
        TOOL_NAME_FIELD_NUMBER: _ClassVar[int]
        ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
        RUN_ID_FIELD_NUMBER: _ClassVar[int]
        CALL_FIELD_NUMBER: _ClassVar[int]
        tool_name: str
        arguments: _common_pb2.Json
        run_id: str
        call: int
        def __init__(self, tool_name: _Optional[str] = ..., arguments: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., run_id: _Optional[str] = ..., call: _Optional[int] = ...) -> None: ...
    class ToolResult(_message.Message):
        __slots__ = ("tool_name", "result", "error", "execution_time", "run_id", "call")
        TOOL_NAME_FIELD_NUMBER: _ClassVar[int]
        RESULT_FIELD_NUMBER: _ClassVar[int]
        ERROR_FIELD_NUMBER: _ClassVar[int]
        EXECUTION_TIME_FIELD_NUMBER: _ClassVar[int]
        RUN_ID_FIELD_NUMBER: _ClassVar[int]
        CALL_FIELD_NUMBER: _ClassVar[int]
        tool_name: str
        result: _common_pb2.Json
        error: str
        execution_time: float
        run_id: str
        call: int
        def __init__(self, tool_name: _Optional[str] = ..., result: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., error: _Optional[str] = ..., execution_time: _Optional[float] = ..., run_id: _Optional[str] = ..., call: _Optional[int] = ...) -> None: ...
    class QualityCheck(_message.Message):
        __slots__ = ("score", "reasons", "passed", "step", "round")
        SCORE_FIELD_NUMBER: _ClassVar[int]
        REASONS_FIELD_NUMBER: _ClassVar[int]
        PASSED_FIELD_NUMBER: _ClassVar[int]
        STEP_FIELD_NUMBER: _ClassVar[int]
        ROUND_FIELD_NUMBER: _ClassVar[int]
        score: float
        reasons: _containers.RepeatedScalarFieldContainer[str]
        passed: bool
        step: str
        round: int
        def __init__(self, score: _Optional[float] = ..., reasons: _Optional[_Iterable[str]] = ..., passed: bool = ..., step: _Optional[str] = ..., round: _Optional[int] = ...) -> None: ...
    class ReviewStatus(_message.Message):
        __slots__ = ("status", "round", "notes", "reviewer_id", "step")
        STATUS_FIELD_NUMBER: _ClassVar[int]
        ROUND_FIELD_NUMBER: _ClassVar[int]
        NOTES_FIELD_NUMBER: _ClassVar[int]
        REVIEWER_ID_FIELD_NUMBER: _ClassVar[int]
        STEP_FIELD_NUMBER: _ClassVar[int]
        status: str
        round: int
        notes: str
        reviewer_id: str
        step: str
        def __init__(self, status: _Optional[str] = ..., round: _Optional[int] = ..., notes: _Optional[str] = ..., reviewer_id: _Optional[str] = ..., step: _Optional[str] = ...) -> None: ...
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    ORCHESTRATION_START_FIELD_NUMBER: _ClassVar[int]
    ORCHESTRATION_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_START_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    AGENT_START_FIELD_NUMBER: _ClassVar[int]
    AGENT_THINKING_FIELD_NUMBER: _ClassVar[int]
    AGENT_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    TOOL_CALL_FIELD_NUMBER: _ClassVar[int]
    TOOL_RESULT_FIELD_NUMBER: _ClassVar[int]
    QUALITY_CHECK_FIELD_NUMBER: _ClassVar[int]
    REVIEW_STATUS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    conversation_id: str
    agent_id: str
    department: str
    sequence: int
    timestamp: _timestamp_pb2.Timestamp
    trace_id: str
    orchestration_start: LiveEvent.OrchestrationStart
    orchestration_complete: LiveEvent.OrchestrationComplete
    department_start: LiveEvent.DepartmentStart
    department_complete: LiveEvent.DepartmentComplete
    agent_start: LiveEvent.AgentStart
    agent_thinking: LiveEvent.AgentThinking
    agent_complete: LiveEvent.AgentComplete
    tool_call: LiveEvent.ToolCall
    tool_result: LiveEvent.ToolResult
    quality_check: LiveEvent.QualityCheck
    review_status: LiveEvent.ReviewStatus
    def __init__(self, execution_id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., agent_id: _Optional[str] = ..., department: _Optional[str] = ..., sequence: _Optional[int] = ..., timestamp: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., trace_id: _Optional[str] = ..., orchestration_start: _Optional[_Union[LiveEvent.OrchestrationStart, _Mapping]] = ..., orchestration_complete: _Optional[_Union[LiveEvent.OrchestrationComplete, _Mapping]] = ..., department_start: _Optional[_Union[LiveEvent.DepartmentStart, _Mapping]] = ..., department_complete: _Optional[_Union[LiveEvent.DepartmentComplete, _Mapping]] = ..., agent_start: _Optional[_Union[LiveEvent.AgentStart, _Mapping]] = ..., agent_thinking: _Optional[_Union[LiveEvent.AgentThinking, _Mapping]] = ..., agent_complete: _Optional[_Union[LiveEvent.AgentComplete, _Mapping]] = ..., tool_call: _Optional[_Union[LiveEvent.ToolCall, _Mapping]] = ..., tool_result: _Optional[_Union[LiveEvent.ToolResult, _Mapping]] = ..., quality_check: _Optional[_Union[LiveEvent.QualityCheck, _Mapping]] = ..., review_status: _Optional[_Union[LiveEvent.ReviewStatus, _Mapping]] = ...) -> None: ...
