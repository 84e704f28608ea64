from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PathsUnknown(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PATHS_UNKNOWN_UNSPECIFIED: _ClassVar[PathsUnknown]
    PATHS_UNKNOWN_WAKE: _ClassVar[PathsUnknown]
    PATHS_UNKNOWN_SKIP: _ClassVar[PathsUnknown]

class WhenSpent(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WHEN_SPENT_UNSPECIFIED: _ClassVar[WhenSpent]
    WHEN_SPENT_DEFER: _ClassVar[WhenSpent]
    WHEN_SPENT_DROP: _ClassVar[WhenSpent]
    WHEN_SPENT_ASK: _ClassVar[WhenSpent]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_ORCHESTRATE: _ClassVar[Role]
    ROLE_BRIEF: _ClassVar[Role]
    ROLE_DRAFT: _ClassVar[Role]
    ROLE_REVIEW: _ClassVar[Role]
    ROLE_COMPOSE: _ClassVar[Role]

class Autopilot(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTOPILOT_UNSPECIFIED: _ClassVar[Autopilot]
    AUTOPILOT_MANUAL: _ClassVar[Autopilot]
    AUTOPILOT_ASSISTED: _ClassVar[Autopilot]
    AUTOPILOT_AUTO: _ClassVar[Autopilot]

class SourceScheme(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_SCHEME_UNSPECIFIED: _ClassVar[SourceScheme]
    SOURCE_SCHEME_STANDARD: _ClassVar[SourceScheme]
    SOURCE_SCHEME_HMAC: _ClassVar[SourceScheme]
    SOURCE_SCHEME_TOKEN: _ClassVar[SourceScheme]
PATHS_UNKNOWN_UNSPECIFIED: PathsUnknown
PATHS_UNKNOWN_WAKE: PathsUnknown
PATHS_UNKNOWN_SKIP: PathsUnknown
WHEN_SPENT_UNSPECIFIED: WhenSpent
WHEN_SPENT_DEFER: WhenSpent
WHEN_SPENT_DROP: WhenSpent
WHEN_SPENT_ASK: WhenSpent
ROLE_UNSPECIFIED: Role
ROLE_ORCHESTRATE: Role
ROLE_BRIEF: Role
ROLE_DRAFT: Role
ROLE_REVIEW: Role
ROLE_COMPOSE: Role
AUTOPILOT_UNSPECIFIED: Autopilot
AUTOPILOT_MANUAL: Autopilot
AUTOPILOT_ASSISTED: Autopilot
AUTOPILOT_AUTO: Autopilot
SOURCE_SCHEME_UNSPECIFIED: SourceScheme
SOURCE_SCHEME_STANDARD: SourceScheme
SOURCE_SCHEME_HMAC: SourceScheme
SOURCE_SCHEME_TOKEN: SourceScheme

class SignalReceived(_message.Message):
    __slots__ = ("signal", "body_digest")
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    BODY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    signal: _common_pb2.Signal
    body_digest: str
    def __init__(self, signal: _Optional[_Union[_common_pb2.Signal, _Mapping]] = ..., body_digest: _Optional[str] = ...) -> None: ...

class DeliveryContradicted(_message.Message):
    __slots__ = ("signal_id", "body_digest")
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    signal_id: str
    body_digest: str
    def __init__(self, signal_id: _Optional[str] = ..., body_digest: _Optional[str] = ...) -> None: ...

class DeliveryRepeated(_message.Message):
    __slots__ = ("signal_id",)
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    signal_id: str
    def __init__(self, signal_id: _Optional[str] = ...) -> None: ...

class SignalEnriched(_message.Message):
    __slots__ = ("signal", "detail")
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    signal: _common_pb2.Signal
    detail: str
    def __init__(self, signal: _Optional[_Union[_common_pb2.Signal, _Mapping]] = ..., detail: _Optional[str] = ...) -> None: ...

class ApprovalDecided(_message.Message):
    __slots__ = ("approval_id", "execution_id", "approved", "comment", "by")
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    APPROVED_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    approval_id: str
    execution_id: str
    approved: bool
    comment: _common_pb2.Sealed
    by: str
    def __init__(self, approval_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., approved: bool = ..., comment: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., by: _Optional[str] = ...) -> None: ...

class AgentBudget(_message.Message):
    __slots__ = ("tokens", "per_run", "when_spent", "warn_at", "answer_ms")
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    PER_RUN_FIELD_NUMBER: _ClassVar[int]
    WHEN_SPENT_FIELD_NUMBER: _ClassVar[int]
    WARN_AT_FIELD_NUMBER: _ClassVar[int]
    ANSWER_MS_FIELD_NUMBER: _ClassVar[int]
    tokens: int
    per_run: int
    when_spent: WhenSpent
    warn_at: _containers.RepeatedScalarFieldContainer[float]
    answer_ms: int
    def __init__(self, tokens: _Optional[int] = ..., per_run: _Optional[int] = ..., when_spent: _Optional[_Union[WhenSpent, str]] = ..., warn_at: _Optional[_Iterable[float]] = ..., answer_ms: _Optional[int] = ...) -> None: ...

class Agent(_message.Message):
    __slots__ = ("name", "title", "skill", "capabilities", "model", "budget", "max_instances", "timeout_ms", "attempts", "backoff_ms", "identities", "max_hops", "remote", "cooldown_ms", "heartbeat_ms")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SKILL_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    MAX_INSTANCES_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    IDENTITIES_FIELD_NUMBER: _ClassVar[int]
    MAX_HOPS_FIELD_NUMBER: _ClassVar[int]
    REMOTE_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_MS_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    skill: str
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    model: str
    budget: AgentBudget
    max_instances: int
    timeout_ms: int
    attempts: int
    backoff_ms: int
    identities: _containers.RepeatedScalarFieldContainer[str]
    max_hops: int
    remote: bool
    cooldown_ms: int
    heartbeat_ms: int
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., skill: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ..., model: _Optional[str] = ..., budget: _Optional[_Union[AgentBudget, _Mapping]] = ..., max_instances: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., attempts: _Optional[int] = ..., backoff_ms: _Optional[int] = ..., identities: _Optional[_Iterable[str]] = ..., max_hops: _Optional[int] = ..., remote: bool = ..., cooldown_ms: _Optional[int] = ..., heartbeat_ms: _Optional[int] = ...) -> None: ...

class Selector(_message.Message):
    __slots__ = ("sources", "kinds")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sources: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[str]] = ...) -> None: ...

class LabelValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ...) -> None: ...

class Cooldown(_message.Message):
    __slots__ = ("by", "for_ms")
    BY_FIELD_NUMBER: _ClassVar[int]
    FOR_MS_FIELD_NUMBER: _ClassVar[int]
    by: _containers.RepeatedScalarFieldContainer[str]
    for_ms: int
    def __init__(self, by: _Optional[_Iterable[str]] = ..., for_ms: _Optional[int] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("by", "window_ms", "max")
    BY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    by: _containers.RepeatedScalarFieldContainer[str]
    window_ms: int
    max: int
    def __init__(self, by: _Optional[_Iterable[str]] = ..., window_ms: _Optional[int] = ..., max: _Optional[int] = ...) -> None: ...

class Pattern(_message.Message):
    __slots__ = ("steps", "count", "within_ms", "by")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    WITHIN_MS_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[Selector]
    count: int
    within_ms: int
    by: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, steps: _Optional[_Iterable[_Union[Selector, _Mapping]]] = ..., count: _Optional[int] = ..., within_ms: _Optional[int] = ..., by: _Optional[_Iterable[str]] = ...) -> None: ...

class Absence(_message.Message):
    __slots__ = ("of", "for_ms")
    OF_FIELD_NUMBER: _ClassVar[int]
    FOR_MS_FIELD_NUMBER: _ClassVar[int]
    of: Selector
    for_ms: int
    def __init__(self, of: _Optional[_Union[Selector, _Mapping]] = ..., for_ms: _Optional[int] = ...) -> None: ...

class Cron(_message.Message):
    __slots__ = ("expression", "time_zone")
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    expression: str
    time_zone: str
    def __init__(self, expression: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class Rule(_message.Message):
    __slots__ = ("name", "order", "sources", "kinds", "where", "paths", "paths_unknown", "wake", "priority", "labels", "cooldown", "batch", "pattern", "absence", "cron", "start")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: LabelValues
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[LabelValues, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    PATHS_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    WAKE_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    ABSENCE_FIELD_NUMBER: _ClassVar[int]
    CRON_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    name: str
    order: int
    sources: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    where: str
    paths: _containers.RepeatedScalarFieldContainer[str]
    paths_unknown: PathsUnknown
    wake: str
    priority: _common_pb2.Priority
    labels: _containers.MessageMap[str, LabelValues]
    cooldown: Cooldown
    batch: Batch
    pattern: Pattern
    absence: Absence
    cron: Cron
    start: Start
    def __init__(self, name: _Optional[str] = ..., order: _Optional[int] = ..., sources: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[str]] = ..., where: _Optional[str] = ..., paths: _Optional[_Iterable[str]] = ..., paths_unknown: _Optional[_Union[PathsUnknown, str]] = ..., wake: _Optional[str] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., labels: _Optional[_Mapping[str, LabelValues]] = ..., cooldown: _Optional[_Union[Cooldown, _Mapping]] = ..., batch: _Optional[_Union[Batch, _Mapping]] = ..., pattern: _Optional[_Union[Pattern, _Mapping]] = ..., absence: _Optional[_Union[Absence, _Mapping]] = ..., cron: _Optional[_Union[Cron, _Mapping]] = ..., start: _Optional[_Union[Start, _Mapping]] = ...) -> None: ...

class Start(_message.Message):
    __slots__ = ("blueprint", "prompt")
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    blueprint: str
    prompt: str
    def __init__(self, blueprint: _Optional[str] = ..., prompt: _Optional[str] = ...) -> None: ...

class Category(_message.Message):
    __slots__ = ("words", "every")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    EVERY_FIELD_NUMBER: _ClassVar[int]
    words: _containers.RepeatedScalarFieldContainer[str]
    every: bool
    def __init__(self, words: _Optional[_Iterable[str]] = ..., every: bool = ...) -> None: ...

class BlueprintStep(_message.Message):
    __slots__ = ("name", "title", "agent", "priority", "after", "needs", "reads", "always", "when", "category", "for_each", "optional", "timeout_ms", "attempts", "backoff_ms", "compensate", "ask", "department", "role", "round")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    NEEDS_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    ALWAYS_FIELD_NUMBER: _ClassVar[int]
    WHEN_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    FOR_EACH_FIELD_NUMBER: _ClassVar[int]
    OPTIONAL_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    COMPENSATE_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    agent: str
    priority: int
    after: _containers.RepeatedScalarFieldContainer[str]
    needs: _containers.RepeatedScalarFieldContainer[str]
    reads: _containers.RepeatedScalarFieldContainer[str]
    always: bool
    when: str
    category: Category
    for_each: str
    optional: bool
    timeout_ms: int
    attempts: int
    backoff_ms: int
    compensate: str
    ask: str
    department: str
    role: Role
    round: int
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., agent: _Optional[str] = ..., priority: _Optional[int] = ..., after: _Optional[_Iterable[str]] = ..., needs: _Optional[_Iterable[str]] = ..., reads: _Optional[_Iterable[str]] = ..., always: bool = ..., when: _Optional[str] = ..., category: _Optional[_Union[Category, _Mapping]] = ..., for_each: _Optional[str] = ..., optional: bool = ..., timeout_ms: _Optional[int] = ..., attempts: _Optional[int] = ..., backoff_ms: _Optional[int] = ..., compensate: _Optional[str] = ..., ask: _Optional[str] = ..., department: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., round: _Optional[int] = ...) -> None: ...

class Department(_message.Message):
    __slots__ = ("name", "title", "head", "specialists", "words")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    SPECIALISTS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    head: str
    specialists: _containers.RepeatedScalarFieldContainer[str]
    words: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., head: _Optional[str] = ..., specialists: _Optional[_Iterable[str]] = ..., words: _Optional[_Iterable[str]] = ...) -> None: ...

class Gate(_message.Message):
    __slots__ = ("before", "ask", "within_ms", "otherwise", "risk")
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    WITHIN_MS_FIELD_NUMBER: _ClassVar[int]
    OTHERWISE_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    before: str
    ask: str
    within_ms: int
    otherwise: str
    risk: str
    def __init__(self, before: _Optional[str] = ..., ask: _Optional[str] = ..., within_ms: _Optional[int] = ..., otherwise: _Optional[str] = ..., risk: _Optional[str] = ...) -> None: ...

class Blueprint(_message.Message):
    __slots__ = ("name", "title", "steps", "required", "money_from", "facts", "departments", "min_relevance", "min_quality", "max_revisions", "gates", "autopilot")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    MONEY_FROM_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENTS_FIELD_NUMBER: _ClassVar[int]
    MIN_RELEVANCE_FIELD_NUMBER: _ClassVar[int]
    MIN_QUALITY_FIELD_NUMBER: _ClassVar[int]
    MAX_REVISIONS_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    AUTOPILOT_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    steps: _containers.RepeatedCompositeFieldContainer[BlueprintStep]
    required: _containers.RepeatedScalarFieldContainer[str]
    money_from: _containers.RepeatedScalarFieldContainer[str]
    facts: _containers.RepeatedScalarFieldContainer[str]
    departments: _containers.RepeatedCompositeFieldContainer[Department]
    min_relevance: float
    min_quality: int
    max_revisions: int
    gates: _containers.RepeatedCompositeFieldContainer[Gate]
    autopilot: Autopilot
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[BlueprintStep, _Mapping]]] = ..., required: _Optional[_Iterable[str]] = ..., money_from: _Optional[_Iterable[str]] = ..., facts: _Optional[_Iterable[str]] = ..., departments: _Optional[_Iterable[_Union[Department, _Mapping]]] = ..., min_relevance: _Optional[float] = ..., min_quality: _Optional[int] = ..., max_revisions: _Optional[int] = ..., gates: _Optional[_Iterable[_Union[Gate, _Mapping]]] = ..., autopilot: _Optional[_Union[Autopilot, str]] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("name", "scheme", "header", "fields")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCHEME_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    scheme: SourceScheme
    header: str
    fields: _containers.ScalarMap[str, str]
    def __init__(self, name: _Optional[str] = ..., scheme: _Optional[_Union[SourceScheme, str]] = ..., header: _Optional[str] = ..., fields: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ModelPrice(_message.Message):
    __slots__ = ("model", "input", "output")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    model: str
    input: float
    output: float
    def __init__(self, model: _Optional[str] = ..., input: _Optional[float] = ..., output: _Optional[float] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("tenant_tokens", "execution_tokens", "currency", "per_million_tokens", "models", "warn_at", "time_zone", "poll_every_ms", "tokens_per_poll")
    TENANT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PER_MILLION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    WARN_AT_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    POLL_EVERY_MS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_PER_POLL_FIELD_NUMBER: _ClassVar[int]
    tenant_tokens: int
    execution_tokens: int
    currency: str
    per_million_tokens: float
    models: _containers.RepeatedCompositeFieldContainer[ModelPrice]
    warn_at: _containers.RepeatedScalarFieldContainer[float]
    time_zone: str
    poll_every_ms: int
    tokens_per_poll: int
    def __init__(self, tenant_tokens: _Optional[int] = ..., execution_tokens: _Optional[int] = ..., currency: _Optional[str] = ..., per_million_tokens: _Optional[float] = ..., models: _Optional[_Iterable[_Union[ModelPrice, _Mapping]]] = ..., warn_at: _Optional[_Iterable[float]] = ..., time_zone: _Optional[str] = ..., poll_every_ms: _Optional[int] = ..., tokens_per_poll: _Optional[int] = ...) -> None: ...

class AgentDefined(_message.Message):
    __slots__ = ("agent",)
    AGENT_FIELD_NUMBER: _ClassVar[int]
    agent: Agent
    def __init__(self, agent: _Optional[_Union[Agent, _Mapping]] = ...) -> None: ...

class AgentRemoved(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class RuleDefined(_message.Message):
    __slots__ = ("rule",)
    RULE_FIELD_NUMBER: _ClassVar[int]
    rule: Rule
    def __init__(self, rule: _Optional[_Union[Rule, _Mapping]] = ...) -> None: ...

class RuleRemoved(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class SourceDefined(_message.Message):
    __slots__ = ("source",)
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    source: Source
    def __init__(self, source: _Optional[_Union[Source, _Mapping]] = ...) -> None: ...

class SourceRemoved(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class BlueprintDefined(_message.Message):
    __slots__ = ("blueprint",)
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    blueprint: Blueprint
    def __init__(self, blueprint: _Optional[_Union[Blueprint, _Mapping]] = ...) -> None: ...

class BlueprintRemoved(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class Notification(_message.Message):
    __slots__ = ("name", "types", "agents", "departments", "blueprints", "statuses", "url", "attempts", "backoff_ms", "timeout_ms")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENTS_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINTS_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BACKOFF_MS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    name: str
    types: _containers.RepeatedScalarFieldContainer[str]
    agents: _containers.RepeatedScalarFieldContainer[str]
    departments: _containers.RepeatedScalarFieldContainer[str]
    blueprints: _containers.RepeatedScalarFieldContainer[str]
    statuses: _containers.RepeatedScalarFieldContainer[str]
    url: str
    attempts: int
    backoff_ms: int
    timeout_ms: int
    def __init__(self, name: _Optional[str] = ..., types: _Optional[_Iterable[str]] = ..., agents: _Optional[_Iterable[str]] = ..., departments: _Optional[_Iterable[str]] = ..., blueprints: _Optional[_Iterable[str]] = ..., statuses: _Optional[_Iterable[str]] = ..., url: _Optional[str] = ..., attempts: _Optional[int] = ..., backoff_ms: _Optional[int] = ..., timeout_ms: _Optional[int] = ...) -> None: ...

class NotificationDefined(_message.Message):
    __slots__ = ("notification",)
    NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    notification: Notification
    def __init__(self, notification: _Optional[_Union[Notification, _Mapping]] = ...) -> None: ...

class NotificationRemoved(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class NotificationDelivered(_message.Message):
    __slots__ = ("notification_id", "notification", "execution_id", "position", "sequence", "type", "attempts", "status_code")
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    notification_id: str
    notification: str
    execution_id: str
    position: int
    sequence: int
    type: str
    attempts: int
    status_code: int
    def __init__(self, notification_id: _Optional[str] = ..., notification: _Optional[str] = ..., execution_id: _Optional[str] = ..., position: _Optional[int] = ..., sequence: _Optional[int] = ..., type: _Optional[str] = ..., attempts: _Optional[int] = ..., status_code: _Optional[int] = ...) -> None: ...

class NotificationFailed(_message.Message):
    __slots__ = ("notification_id", "notification", "execution_id", "position", "sequence", "type", "attempts", "status_code", "error")
    NOTIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    notification_id: str
    notification: str
    execution_id: str
    position: int
    sequence: int
    type: str
    attempts: int
    status_code: int
    error: _common_pb2.Sealed
    def __init__(self, notification_id: _Optional[str] = ..., notification: _Optional[str] = ..., execution_id: _Optional[str] = ..., position: _Optional[int] = ..., sequence: _Optional[int] = ..., type: _Optional[str] = ..., attempts: _Optional[int] = ..., status_code: _Optional[int] = ..., error: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...

class LimitsDefined(_message.Message):
    __slots__ = ("limits",)
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    limits: Limits
    def __init__(self, limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class FleetApplied(_message.Message):
    __slots__ = ("digest", "agents", "rules", "previous", "blueprints")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINTS_FIELD_NUMBER: _ClassVar[int]
    digest: str
    agents: int
    rules: int
    previous: int
    blueprints: int
    def __init__(self, digest: _Optional[str] = ..., agents: _Optional[int] = ..., rules: _Optional[int] = ..., previous: _Optional[int] = ..., blueprints: _Optional[int] = ...) -> None: ...

class ExecutionRequested(_message.Message):
    __slots__ = ("execution_id", "blueprint", "conversation_id", "parameters", "autopilot")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    AUTOPILOT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    blueprint: str
    conversation_id: str
    parameters: _common_pb2.Sealed
    autopilot: Autopilot
    def __init__(self, execution_id: _Optional[str] = ..., blueprint: _Optional[str] = ..., conversation_id: _Optional[str] = ..., parameters: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., autopilot: _Optional[_Union[Autopilot, str]] = ...) -> None: ...

class ExecutionAdopted(_message.Message):
    __slots__ = ("execution_id", "blueprint", "trigger")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    blueprint: str
    trigger: _common_pb2.EventRef
    def __init__(self, execution_id: _Optional[str] = ..., blueprint: _Optional[str] = ..., trigger: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ...) -> None: ...

class ExecutionForked(_message.Message):
    __slots__ = ("execution_id", "blueprint", "conversation_id", "from_execution", "at", "parameters", "autopilot")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_EXECUTION_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    AUTOPILOT_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    blueprint: str
    conversation_id: str
    from_execution: str
    at: _common_pb2.EventRef
    parameters: _common_pb2.Sealed
    autopilot: Autopilot
    def __init__(self, execution_id: _Optional[str] = ..., blueprint: _Optional[str] = ..., conversation_id: _Optional[str] = ..., from_execution: _Optional[str] = ..., at: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., parameters: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., autopilot: _Optional[_Union[Autopilot, str]] = ...) -> None: ...

class InputContent(_message.Message):
    __slots__ = ("text", "source_type", "tags", "added_by")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_TYPE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    ADDED_BY_FIELD_NUMBER: _ClassVar[int]
    text: str
    source_type: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    added_by: str
    def __init__(self, text: _Optional[str] = ..., source_type: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ..., added_by: _Optional[str] = ...) -> None: ...

class InputAdded(_message.Message):
    __slots__ = ("execution_id", "input_id", "content", "digest")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    input_id: str
    content: _common_pb2.Sealed
    digest: str
    def __init__(self, execution_id: _Optional[str] = ..., input_id: _Optional[str] = ..., content: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., digest: _Optional[str] = ...) -> None: ...

class InputRemoved(_message.Message):
    __slots__ = ("execution_id", "input_id")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    input_id: str
    def __init__(self, execution_id: _Optional[str] = ..., input_id: _Optional[str] = ...) -> None: ...

class CancelRequested(_message.Message):
    __slots__ = ("execution_id", "reason", "by")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    reason: _common_pb2.Sealed
    by: str
    def __init__(self, execution_id: _Optional[str] = ..., reason: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., by: _Optional[str] = ...) -> None: ...

class InputsChanged(_message.Message):
    __slots__ = ("execution_id", "blueprint", "fleet_revision", "added", "removed", "request_key", "request_digest")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_KEY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_DIGEST_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    blueprint: str
    fleet_revision: int
    added: int
    removed: int
    request_key: str
    request_digest: str
    def __init__(self, execution_id: _Optional[str] = ..., blueprint: _Optional[str] = ..., fleet_revision: _Optional[int] = ..., added: _Optional[int] = ..., removed: _Optional[int] = ..., request_key: _Optional[str] = ..., request_digest: _Optional[str] = ...) -> None: ...

class KeyIssued(_message.Message):
    __slots__ = ("key_id", "name", "roles", "agents", "sources", "digest", "expires_at", "by")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    name: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    agents: _containers.RepeatedScalarFieldContainer[str]
    sources: _containers.RepeatedScalarFieldContainer[str]
    digest: bytes
    expires_at: _timestamp_pb2.Timestamp
    by: str
    def __init__(self, key_id: _Optional[str] = ..., name: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., agents: _Optional[_Iterable[str]] = ..., sources: _Optional[_Iterable[str]] = ..., digest: _Optional[bytes] = ..., expires_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., by: _Optional[str] = ...) -> None: ...

class KeyRevoked(_message.Message):
    __slots__ = ("key_id", "by")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    by: str
    def __init__(self, key_id: _Optional[str] = ..., by: _Optional[str] = ...) -> None: ...

class ActDone(_message.Message):
    __slots__ = ("by", "key_id", "act", "path", "status", "address")
    BY_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    ACT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    by: str
    key_id: str
    act: str
    path: str
    status: int
    address: str
    def __init__(self, by: _Optional[str] = ..., key_id: _Optional[str] = ..., act: _Optional[str] = ..., path: _Optional[str] = ..., status: _Optional[int] = ..., address: _Optional[str] = ...) -> None: ...

class SubjectErased(_message.Message):
    __slots__ = ("subject_digest", "key_ids", "execution_ids", "by")
    SUBJECT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    KEY_IDS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_IDS_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    subject_digest: str
    key_ids: _containers.RepeatedScalarFieldContainer[str]
    execution_ids: _containers.RepeatedScalarFieldContainer[str]
    by: str
    def __init__(self, subject_digest: _Optional[str] = ..., key_ids: _Optional[_Iterable[str]] = ..., execution_ids: _Optional[_Iterable[str]] = ..., by: _Optional[str] = ...) -> None: ...
