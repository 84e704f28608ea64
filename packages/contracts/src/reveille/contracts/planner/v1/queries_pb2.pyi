from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetExecutionRequest(_message.Message):
    __slots__ = ("tenant", "execution_id", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    execution_id: str
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., execution_id: _Optional[str] = ..., wait_for: _Optional[int] = ...) -> None: ...

class GetExecutionResponse(_message.Message):
    __slots__ = ("execution",)
    EXECUTION_FIELD_NUMBER: _ClassVar[int]
    execution: ExecutionView
    def __init__(self, execution: _Optional[_Union[ExecutionView, _Mapping]] = ...) -> None: ...

class CauseOfExecution(_message.Message):
    __slots__ = ("kind", "signal_ids", "rule")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    rule: str
    def __init__(self, kind: _Optional[str] = ..., signal_ids: _Optional[_Iterable[str]] = ..., rule: _Optional[str] = ...) -> None: ...

class Tokens(_message.Message):
    __slots__ = ("reserved", "used")
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    reserved: int
    used: int
    def __init__(self, reserved: _Optional[int] = ..., used: _Optional[int] = ...) -> None: ...

class StepView(_message.Message):
    __slots__ = ("name", "agent", "status", "attempt", "run_id", "result", "error", "tokens", "started_at", "ended_at", "after", "needs", "reads", "digest", "money", "reason", "changed", "of", "department", "role", "round", "review")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    MONEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    name: str
    agent: str
    status: str
    attempt: int
    run_id: str
    result: _common_pb2.Json
    error: _common_pb2.Json
    tokens: Tokens
    started_at: _timestamp_pb2.Timestamp
    ended_at: _timestamp_pb2.Timestamp
    after: _containers.RepeatedScalarFieldContainer[str]
    needs: _containers.RepeatedScalarFieldContainer[str]
    reads: _containers.RepeatedScalarFieldContainer[str]
    digest: str
    money: _common_pb2.Money
    reason: str
    changed: _containers.RepeatedScalarFieldContainer[str]
    of: str
    department: str
    role: str
    round: int
    review: ReviewView
    def __init__(self, name: _Optional[str] = ..., agent: _Optional[str] = ..., status: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., result: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., error: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., tokens: _Optional[_Union[Tokens, _Mapping]] = ..., started_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., ended_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., after: _Optional[_Iterable[str]] = ..., needs: _Optional[_Iterable[str]] = ..., reads: _Optional[_Iterable[str]] = ..., digest: _Optional[str] = ..., money: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ..., changed: _Optional[_Iterable[str]] = ..., of: _Optional[str] = ..., department: _Optional[str] = ..., role: _Optional[str] = ..., round: _Optional[int] = ..., review: _Optional[_Union[ReviewView, _Mapping]] = ...) -> None: ...

class ReviewView(_message.Message):
    __slots__ = ("status", "score", "reasons", "notes", "reviewer")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    status: str
    score: int
    reasons: _common_pb2.Json
    notes: str
    reviewer: str
    def __init__(self, status: _Optional[str] = ..., score: _Optional[int] = ..., reasons: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., notes: _Optional[str] = ..., reviewer: _Optional[str] = ...) -> None: ...

class DepartmentView(_message.Message):
    __slots__ = ("name", "title", "head", "specialists", "relevance", "status", "quality_score", "started_at", "ended_at")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    SPECIALISTS_FIELD_NUMBER: _ClassVar[int]
    RELEVANCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUALITY_SCORE_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    head: str
    specialists: _containers.RepeatedScalarFieldContainer[str]
    relevance: float
    status: str
    quality_score: int
    started_at: _timestamp_pb2.Timestamp
    ended_at: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., head: _Optional[str] = ..., specialists: _Optional[_Iterable[str]] = ..., relevance: _Optional[float] = ..., status: _Optional[str] = ..., quality_score: _Optional[int] = ..., started_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., ended_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class InputView(_message.Message):
    __slots__ = ("input_id", "categories", "confidence", "ref")
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    input_id: str
    categories: _containers.RepeatedScalarFieldContainer[str]
    confidence: float
    ref: _common_pb2.EventRef
    def __init__(self, input_id: _Optional[str] = ..., categories: _Optional[_Iterable[str]] = ..., confidence: _Optional[float] = ..., ref: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ...) -> None: ...

class ExecutionView(_message.Message):
    __slots__ = ("id", "tenant", "blueprint", "status", "version", "position", "conversation_id", "started_at", "ended_at", "cause", "steps", "agent", "tokens_used", "result", "approvals", "inputs", "facts", "plan", "inputs_revision", "from_execution", "plan_version", "required", "settled", "departments", "autopilot", "completion_percent")
    ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    INPUTS_REVISION_FIELD_NUMBER: _ClassVar[int]
    FROM_EXECUTION_FIELD_NUMBER: _ClassVar[int]
    PLAN_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENTS_FIELD_NUMBER: _ClassVar[int]
    AUTOPILOT_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_PERCENT_FIELD_NUMBER: _ClassVar[int]
    id: str
    tenant: str
    blueprint: str
    status: str
    version: int
    position: int
    conversation_id: str
    started_at: _timestamp_pb2.Timestamp
    ended_at: _timestamp_pb2.Timestamp
    cause: CauseOfExecution
    steps: _containers.RepeatedCompositeFieldContainer[StepView]
    agent: str
    tokens_used: int
    result: _common_pb2.Json
    approvals: _containers.RepeatedCompositeFieldContainer[ApprovalView]
    inputs: _containers.RepeatedCompositeFieldContainer[InputView]
    facts: _common_pb2.Json
    plan: _common_pb2.Json
    inputs_revision: int
    from_execution: str
    plan_version: int
    required: _containers.RepeatedScalarFieldContainer[str]
    settled: bool
    departments: _containers.RepeatedCompositeFieldContainer[DepartmentView]
    autopilot: str
    completion_percent: int
    def __init__(self, id: _Optional[str] = ..., tenant: _Optional[str] = ..., blueprint: _Optional[str] = ..., status: _Optional[str] = ..., version: _Optional[int] = ..., position: _Optional[int] = ..., conversation_id: _Optional[str] = ..., started_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., ended_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[_Union[CauseOfExecution, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[StepView, _Mapping]]] = ..., agent: _Optional[str] = ..., tokens_used: _Optional[int] = ..., result: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., approvals: _Optional[_Iterable[_Union[ApprovalView, _Mapping]]] = ..., inputs: _Optional[_Iterable[_Union[InputView, _Mapping]]] = ..., facts: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., plan: _Optional[_Union[_common_pb2.Json, _Mapping]] = ..., inputs_revision: _Optional[int] = ..., from_execution: _Optional[str] = ..., plan_version: _Optional[int] = ..., required: _Optional[_Iterable[str]] = ..., settled: bool = ..., departments: _Optional[_Iterable[_Union[DepartmentView, _Mapping]]] = ..., autopilot: _Optional[str] = ..., completion_percent: _Optional[int] = ...) -> None: ...

class ApprovalView(_message.Message):
    __slots__ = ("id", "execution_id", "step", "question", "risk", "cost", "deadline", "otherwise", "status", "agent", "by", "requested_at", "resolved_at", "kind")
    ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    OTHERWISE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_AT_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_AT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    id: str
    execution_id: str
    step: str
    question: str
    risk: str
    cost: int
    deadline: _timestamp_pb2.Timestamp
    otherwise: str
    status: str
    agent: str
    by: str
    requested_at: _timestamp_pb2.Timestamp
    resolved_at: _timestamp_pb2.Timestamp
    kind: str
    def __init__(self, id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., question: _Optional[str] = ..., risk: _Optional[str] = ..., cost: _Optional[int] = ..., deadline: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., otherwise: _Optional[str] = ..., status: _Optional[str] = ..., agent: _Optional[str] = ..., by: _Optional[str] = ..., requested_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., resolved_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[str] = ...) -> None: ...

class GetApprovalRequest(_message.Message):
    __slots__ = ("tenant", "approval_id", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    approval_id: str
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., approval_id: _Optional[str] = ..., wait_for: _Optional[int] = ...) -> None: ...

class GetApprovalResponse(_message.Message):
    __slots__ = ("approval",)
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    approval: ApprovalView
    def __init__(self, approval: _Optional[_Union[ApprovalView, _Mapping]] = ...) -> None: ...

class ListApprovalsRequest(_message.Message):
    __slots__ = ("tenant", "limit", "before", "status", "execution_id", "wait_for")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    limit: int
    before: int
    status: str
    execution_id: str
    wait_for: int
    def __init__(self, tenant: _Optional[str] = ..., limit: _Optional[int] = ..., before: _Optional[int] = ..., status: _Optional[str] = ..., execution_id: _Optional[str] = ..., wait_for: _Optional[int] = ...) -> None: ...

class ListApprovalsResponse(_message.Message):
    __slots__ = ("items", "next")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ApprovalView]
    next: int
    def __init__(self, items: _Optional[_Iterable[_Union[ApprovalView, _Mapping]]] = ..., next: _Optional[int] = ...) -> None: ...

class ListExecutionsRequest(_message.Message):
    __slots__ = ("tenant", "limit", "before", "status", "agent", "signal_id", "wait_for", "blueprint", "summary", "ids")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    IDS_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    limit: int
    before: int
    status: str
    agent: str
    signal_id: str
    wait_for: int
    blueprint: str
    summary: bool
    ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, tenant: _Optional[str] = ..., limit: _Optional[int] = ..., before: _Optional[int] = ..., status: _Optional[str] = ..., agent: _Optional[str] = ..., signal_id: _Optional[str] = ..., wait_for: _Optional[int] = ..., blueprint: _Optional[str] = ..., summary: bool = ..., ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListExecutionsResponse(_message.Message):
    __slots__ = ("items", "next")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ExecutionView]
    next: int
    def __init__(self, items: _Optional[_Iterable[_Union[ExecutionView, _Mapping]]] = ..., next: _Optional[int] = ...) -> None: ...
