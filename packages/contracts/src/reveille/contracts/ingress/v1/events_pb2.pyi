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
PATHS_UNKNOWN_UNSPECIFIED: PathsUnknown
PATHS_UNKNOWN_WAKE: PathsUnknown
PATHS_UNKNOWN_SKIP: PathsUnknown
WHEN_SPENT_UNSPECIFIED: WhenSpent
WHEN_SPENT_DEFER: WhenSpent
WHEN_SPENT_DROP: WhenSpent

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

class AgentBudget(_message.Message):
    __slots__ = ("tokens", "per_run", "when_spent")
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    PER_RUN_FIELD_NUMBER: _ClassVar[int]
    WHEN_SPENT_FIELD_NUMBER: _ClassVar[int]
    tokens: int
    per_run: int
    when_spent: WhenSpent
    def __init__(self, tokens: _Optional[int] = ..., per_run: _Optional[int] = ..., when_spent: _Optional[_Union[WhenSpent, str]] = ...) -> None: ...

class Agent(_message.Message):
    __slots__ = ("name", "title", "skill", "capabilities", "model", "budget", "max_instances", "timeout_ms", "attempts", "backoff_ms", "identities", "max_hops")
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
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., skill: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ..., model: _Optional[str] = ..., budget: _Optional[_Union[AgentBudget, _Mapping]] = ..., max_instances: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., attempts: _Optional[int] = ..., backoff_ms: _Optional[int] = ..., identities: _Optional[_Iterable[str]] = ..., max_hops: _Optional[int] = ...) -> None: ...

class Rule(_message.Message):
    __slots__ = ("name", "order", "sources", "kinds", "where", "paths", "paths_unknown", "wake", "priority")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    WHERE_FIELD_NUMBER: _ClassVar[int]
    PATHS_FIELD_NUMBER: _ClassVar[int]
    PATHS_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    WAKE_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    order: int
    sources: _containers.RepeatedScalarFieldContainer[str]
    kinds: _containers.RepeatedScalarFieldContainer[str]
    where: str
    paths: _containers.RepeatedScalarFieldContainer[str]
    paths_unknown: PathsUnknown
    wake: str
    priority: _common_pb2.Priority
    def __init__(self, name: _Optional[str] = ..., order: _Optional[int] = ..., sources: _Optional[_Iterable[str]] = ..., kinds: _Optional[_Iterable[str]] = ..., where: _Optional[str] = ..., paths: _Optional[_Iterable[str]] = ..., paths_unknown: _Optional[_Union[PathsUnknown, str]] = ..., wake: _Optional[str] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("tenant_tokens", "execution_tokens", "currency", "per_million_tokens")
    TENANT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_FIELD_NUMBER: _ClassVar[int]
    PER_MILLION_TOKENS_FIELD_NUMBER: _ClassVar[int]
    tenant_tokens: int
    execution_tokens: int
    currency: str
    per_million_tokens: float
    def __init__(self, tenant_tokens: _Optional[int] = ..., execution_tokens: _Optional[int] = ..., currency: _Optional[str] = ..., per_million_tokens: _Optional[float] = ...) -> None: ...

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

class LimitsDefined(_message.Message):
    __slots__ = ("limits",)
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    limits: Limits
    def __init__(self, limits: _Optional[_Union[Limits, _Mapping]] = ...) -> None: ...

class FleetApplied(_message.Message):
    __slots__ = ("digest", "agents", "rules")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    digest: str
    agents: int
    rules: int
    def __init__(self, digest: _Optional[str] = ..., agents: _Optional[int] = ..., rules: _Optional[int] = ...) -> None: ...
