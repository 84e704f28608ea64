from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.analyzer.v1 import events_pb2 as _events_pb2
from reveille.contracts.budget.v1 import events_pb2 as _events_pb2_1
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from reveille.contracts.ingress.v1 import events_pb2 as _events_pb2_1_1
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
    APPROVAL_KIND_GATE: _ClassVar[ApprovalKind]
APPROVAL_KIND_UNSPECIFIED: ApprovalKind
APPROVAL_KIND_TOKENS: ApprovalKind
APPROVAL_KIND_GATE: ApprovalKind

class ExecutionStarted(_message.Message):
    __slots__ = ("execution_id", "blueprint", "trigger_id", "rule", "priority", "signal_ids", "signals", "fleet_revision", "conversation_id", "from_execution", "autopilot")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_EXECUTION_FIELD_NUMBER: _ClassVar[int]
    AUTOPILOT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    blueprint: str
    trigger_id: str
    rule: str
    priority: _common_pb2.Priority
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    fleet_revision: int
    conversation_id: str
    from_execution: str
    autopilot: _events_pb2_1_1.Autopilot
    def __init__(self, execution_id: _Optional[str] = ..., blueprint: _Optional[str] = ..., trigger_id: _Optional[str] = ..., rule: _Optional[str] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., fleet_revision: _Optional[int] = ..., conversation_id: _Optional[str] = ..., from_execution: _Optional[str] = ..., autopilot: _Optional[_Union[_events_pb2_1_1.Autopilot, str]] = ...) -> None: ...

class StepTerms(_message.Message):
    __slots__ = ("step", "attempts", "backoff_ms", "timeout_ms", "tokens", "agent_digest", "compensation_timeout_ms", "compensation_tokens")
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    AGENT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    COMPENSATION_TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    COMPENSATION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    step: str
    attempts: int
    backoff_ms: int
    timeout_ms: int
    tokens: int
    agent_digest: str
    compensation_timeout_ms: int
    compensation_tokens: int
    def __init__(self, step: _Optional[str] = ..., attempts: _Optional[int] = ..., backoff_ms: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., tokens: _Optional[int] = ..., agent_digest: _Optional[str] = ..., compensation_timeout_ms: _Optional[int] = ..., compensation_tokens: _Optional[int] = ...) -> None: ...

class PlanDefined(_message.Message):
    __slots__ = ("execution_id", "fleet_revision", "blueprint", "terms")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    fleet_revision: int
    blueprint: _events_pb2_1_1.Blueprint
    terms: _containers.RepeatedCompositeFieldContainer[StepTerms]
    def __init__(self, execution_id: _Optional[str] = ..., fleet_revision: _Optional[int] = ..., blueprint: _Optional[_Union[_events_pb2_1_1.Blueprint, _Mapping]] = ..., terms: _Optional[_Iterable[_Union[StepTerms, _Mapping]]] = ...) -> None: ...

class InputsTaken(_message.Message):
    __slots__ = ("execution_id", "inputs_revision", "inputs", "facts", "fact_digests", "conditions", "unclassified")
    class FactDigestsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    INPUTS_REVISION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    FACT_DIGESTS_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    UNCLASSIFIED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    inputs_revision: int
    inputs: _containers.RepeatedCompositeFieldContainer[_events_pb2.AnalyzedInput]
    facts: _common_pb2.Sealed
    fact_digests: _containers.ScalarMap[str, str]
    conditions: _containers.RepeatedScalarFieldContainer[str]
    unclassified: _common_pb2.Sealed
    def __init__(self, execution_id: _Optional[str] = ..., inputs_revision: _Optional[int] = ..., inputs: _Optional[_Iterable[_Union[_events_pb2.AnalyzedInput, _Mapping]]] = ..., facts: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., fact_digests: _Optional[_Mapping[str, str]] = ..., conditions: _Optional[_Iterable[str]] = ..., unclassified: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...

class StepPlanned(_message.Message):
    __slots__ = ("execution_id", "step", "agent", "attempts", "backoff_ms", "timeout_ms", "tokens", "reason", "after", "needs", "of", "item", "item_digest")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    ITEM_DIGEST_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    agent: str
    attempts: int
    backoff_ms: int
    timeout_ms: int
    tokens: int
    reason: str
    after: _containers.RepeatedScalarFieldContainer[str]
    needs: _containers.RepeatedScalarFieldContainer[str]
    of: str
    item: _common_pb2.Sealed
    item_digest: str
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., agent: _Optional[str] = ..., attempts: _Optional[int] = ..., backoff_ms: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., tokens: _Optional[int] = ..., reason: _Optional[str] = ..., after: _Optional[_Iterable[str]] = ..., needs: _Optional[_Iterable[str]] = ..., of: _Optional[str] = ..., item: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., item_digest: _Optional[str] = ...) -> None: ...

class StepInvalidated(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "changed")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    changed: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., changed: _Optional[_Iterable[str]] = ...) -> None: ...

class StepRestored(_message.Message):
    __slots__ = ("execution_id", "step")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ...) -> None: ...

class StepRemoved(_message.Message):
    __slots__ = ("execution_id", "step", "agent", "reason")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    agent: str
    reason: str
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., agent: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class StepSkipped(_message.Message):
    __slots__ = ("execution_id", "step", "reason")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    reason: str
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class StepRevoked(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "run_id", "agent")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    run_id: str
    agent: str
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., agent: _Optional[str] = ...) -> None: ...

class ResultDiscarded(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "run_id", "tokens_used", "completed")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    run_id: str
    tokens_used: int
    completed: bool
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., tokens_used: _Optional[int] = ..., completed: bool = ...) -> None: ...

class StepReady(_message.Message):
    __slots__ = ("execution_id", "step", "agent", "attempt", "run_id", "tokens", "priority", "fleet_revision", "signals", "timeout_ms", "rule", "signal_ids", "blueprint", "digest", "inputs", "facts", "results", "item", "undoes", "basis", "department", "role", "round")
    class BasisEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
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
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    UNDOES_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
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
    blueprint: str
    digest: str
    inputs: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    facts: _common_pb2.Sealed
    results: _containers.RepeatedCompositeFieldContainer[StepResult]
    item: _common_pb2.Sealed
    undoes: _common_pb2.EventRef
    basis: _containers.ScalarMap[str, str]
    department: str
    role: _events_pb2_1_1.Role
    round: int
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., agent: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., tokens: _Optional[int] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., fleet_revision: _Optional[int] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., timeout_ms: _Optional[int] = ..., rule: _Optional[str] = ..., signal_ids: _Optional[_Iterable[str]] = ..., blueprint: _Optional[str] = ..., digest: _Optional[str] = ..., inputs: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., facts: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., results: _Optional[_Iterable[_Union[StepResult, _Mapping]]] = ..., item: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., undoes: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., basis: _Optional[_Mapping[str, str]] = ..., department: _Optional[str] = ..., role: _Optional[_Union[_events_pb2_1_1.Role, str]] = ..., round: _Optional[int] = ...) -> None: ...

class DepartmentStarted(_message.Message):
    __slots__ = ("execution_id", "department", "head", "relevance", "digest")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    RELEVANCE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    department: str
    head: str
    relevance: float
    digest: str
    def __init__(self, execution_id: _Optional[str] = ..., department: _Optional[str] = ..., head: _Optional[str] = ..., relevance: _Optional[float] = ..., digest: _Optional[str] = ...) -> None: ...

class QualityChecked(_message.Message):
    __slots__ = ("execution_id", "department", "step", "agent", "round", "score", "reasons", "passed")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    department: str
    step: str
    agent: str
    round: int
    score: int
    reasons: _common_pb2.Sealed
    passed: bool
    def __init__(self, execution_id: _Optional[str] = ..., department: _Optional[str] = ..., step: _Optional[str] = ..., agent: _Optional[str] = ..., round: _Optional[int] = ..., score: _Optional[int] = ..., reasons: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., passed: bool = ...) -> None: ...

class WorkReviewed(_message.Message):
    __slots__ = ("execution_id", "department", "step", "agent", "reviewer", "round", "status", "notes")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    department: str
    step: str
    agent: str
    reviewer: str
    round: int
    status: str
    notes: _common_pb2.Sealed
    def __init__(self, execution_id: _Optional[str] = ..., department: _Optional[str] = ..., step: _Optional[str] = ..., agent: _Optional[str] = ..., reviewer: _Optional[str] = ..., round: _Optional[int] = ..., status: _Optional[str] = ..., notes: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...

class DepartmentOutput(_message.Message):
    __slots__ = ("agent", "step", "ref", "round", "score", "status")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    agent: str
    step: str
    ref: _common_pb2.EventRef
    round: int
    score: int
    status: str
    def __init__(self, agent: _Optional[str] = ..., step: _Optional[str] = ..., ref: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., round: _Optional[int] = ..., score: _Optional[int] = ..., status: _Optional[str] = ...) -> None: ...

class DepartmentCompleted(_message.Message):
    __slots__ = ("execution_id", "department", "outputs", "quality_score", "status", "digest")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    QUALITY_SCORE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    department: str
    outputs: _containers.RepeatedCompositeFieldContainer[DepartmentOutput]
    quality_score: int
    status: str
    digest: str
    def __init__(self, execution_id: _Optional[str] = ..., department: _Optional[str] = ..., outputs: _Optional[_Iterable[_Union[DepartmentOutput, _Mapping]]] = ..., quality_score: _Optional[int] = ..., status: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class StepResult(_message.Message):
    __slots__ = ("step", "ref")
    STEP_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    step: str
    ref: _common_pb2.EventRef
    def __init__(self, step: _Optional[str] = ..., ref: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("approval_id", "execution_id", "step", "attempt", "run_id", "kind", "question", "risk", "tokens", "deadline", "otherwise", "account", "digest")
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
    DIGEST_FIELD_NUMBER: _ClassVar[int]
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
    digest: str
    def __init__(self, approval_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., kind: _Optional[_Union[ApprovalKind, str]] = ..., question: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., risk: _Optional[str] = ..., tokens: _Optional[int] = ..., deadline: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., otherwise: _Optional[str] = ..., account: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class ApprovalResolved(_message.Message):
    __slots__ = ("approval_id", "execution_id", "step", "run_id", "kind", "approved", "by", "how", "tokens", "digest")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    APPROVED_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    HOW_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    execution_id: str
    step: str
    run_id: str
    kind: ApprovalKind
    approved: bool
    by: str
    how: str
    tokens: int
    digest: str
    def __init__(self, approval_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., run_id: _Optional[str] = ..., kind: _Optional[_Union[ApprovalKind, str]] = ..., approved: bool = ..., by: _Optional[str] = ..., how: _Optional[str] = ..., tokens: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class StepCompleted(_message.Message):
    __slots__ = ("execution_id", "step", "attempt", "run_id", "tokens_used", "result", "ref", "digest", "result_digest", "money", "recommendations", "items")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESULT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    MONEY_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATIONS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    step: str
    attempt: int
    run_id: str
    tokens_used: int
    result: _common_pb2.Sealed
    ref: _common_pb2.EventRef
    digest: str
    result_digest: str
    money: _common_pb2.Money
    recommendations: _common_pb2.Sealed
    items: _containers.RepeatedCompositeFieldContainer[Items]
    def __init__(self, execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., run_id: _Optional[str] = ..., tokens_used: _Optional[int] = ..., result: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., ref: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., digest: _Optional[str] = ..., result_digest: _Optional[str] = ..., money: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., recommendations: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., items: _Optional[_Iterable[_Union[Items, _Mapping]]] = ...) -> None: ...

class Items(_message.Message):
    __slots__ = ("key", "items")
    KEY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    key: str
    items: _containers.RepeatedCompositeFieldContainer[Item]
    def __init__(self, key: _Optional[str] = ..., items: _Optional[_Iterable[_Union[Item, _Mapping]]] = ...) -> None: ...

class Item(_message.Message):
    __slots__ = ("name", "digest", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    digest: str
    value: _common_pb2.Sealed
    def __init__(self, name: _Optional[str] = ..., digest: _Optional[str] = ..., value: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...

class StepAdopted(_message.Message):
    __slots__ = ("completed", "basis")
    class BasisEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    completed: StepCompleted
    basis: _containers.ScalarMap[str, str]
    def __init__(self, completed: _Optional[_Union[StepCompleted, _Mapping]] = ..., basis: _Optional[_Mapping[str, str]] = ...) -> None: ...

class MoneyPlanned(_message.Message):
    __slots__ = ("execution_id", "by_step", "limit")
    class ByStepEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _common_pb2.Money
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_common_pb2.Money, _Mapping]] = ...) -> None: ...
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BY_STEP_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    by_step: _containers.MessageMap[str, _common_pb2.Money]
    limit: int
    def __init__(self, execution_id: _Optional[str] = ..., by_step: _Optional[_Mapping[str, _common_pb2.Money]] = ..., limit: _Optional[int] = ...) -> None: ...

class PlanUpdated(_message.Message):
    __slots__ = ("execution_id", "version", "status", "completion_percent", "plan", "budget")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_PERCENT_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    version: int
    status: str
    completion_percent: int
    plan: _common_pb2.Sealed
    budget: _events_pb2_1.BudgetUpdated
    def __init__(self, execution_id: _Optional[str] = ..., version: _Optional[int] = ..., status: _Optional[str] = ..., completion_percent: _Optional[int] = ..., plan: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., budget: _Optional[_Union[_events_pb2_1.BudgetUpdated, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("execution_id", "tokens_used", "living")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    LIVING_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    tokens_used: int
    living: bool
    def __init__(self, execution_id: _Optional[str] = ..., tokens_used: _Optional[int] = ..., living: bool = ...) -> None: ...

class ExecutionCancelled(_message.Message):
    __slots__ = ("execution_id", "tokens_used", "reason", "by")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    tokens_used: int
    reason: _common_pb2.Sealed
    by: str
    def __init__(self, execution_id: _Optional[str] = ..., tokens_used: _Optional[int] = ..., reason: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., by: _Optional[str] = ...) -> None: ...

class ExecutionCancelling(_message.Message):
    __slots__ = ("execution_id", "reason", "by")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    reason: _common_pb2.Sealed
    by: str
    def __init__(self, execution_id: _Optional[str] = ..., reason: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., by: _Optional[str] = ...) -> None: ...

class ExecutionFailed(_message.Message):
    __slots__ = ("execution_id", "reason", "tokens_used")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TOKENS_USED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    reason: str
    tokens_used: int
    def __init__(self, execution_id: _Optional[str] = ..., reason: _Optional[str] = ..., tokens_used: _Optional[int] = ...) -> None: ...
