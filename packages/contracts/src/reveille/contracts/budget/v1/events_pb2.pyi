from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LimitsUpdated(_message.Message):
    __slots__ = ("fleet_revision", "limits", "warn_at", "time_zone")
    class LimitsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class WarnAtEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: Thresholds
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[Thresholds, _Mapping]] = ...) -> None: ...
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    WARN_AT_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    fleet_revision: int
    limits: _containers.ScalarMap[str, int]
    warn_at: _containers.MessageMap[str, Thresholds]
    time_zone: str
    def __init__(self, fleet_revision: _Optional[int] = ..., limits: _Optional[_Mapping[str, int]] = ..., warn_at: _Optional[_Mapping[str, Thresholds]] = ..., time_zone: _Optional[str] = ...) -> None: ...

class Thresholds(_message.Message):
    __slots__ = ("parts",)
    PARTS_FIELD_NUMBER: _ClassVar[int]
    parts: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, parts: _Optional[_Iterable[float]] = ...) -> None: ...

class Reservation(_message.Message):
    __slots__ = ("run_id", "execution_id", "step", "attempt", "agent", "tokens", "priority", "ready", "max_instances", "defer", "ask", "answer_ms", "remote")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    MAX_INSTANCES_FIELD_NUMBER: _ClassVar[int]
    DEFER_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    ANSWER_MS_FIELD_NUMBER: _ClassVar[int]
    REMOTE_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    execution_id: str
    step: str
    attempt: int
    agent: str
    tokens: int
    priority: _common_pb2.Priority
    ready: _common_pb2.EventRef
    max_instances: int
    defer: bool
    ask: bool
    answer_ms: int
    remote: bool
    def __init__(self, run_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., agent: _Optional[str] = ..., tokens: _Optional[int] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., ready: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., max_instances: _Optional[int] = ..., defer: bool = ..., ask: bool = ..., answer_ms: _Optional[int] = ..., remote: bool = ...) -> None: ...

class TokensReserved(_message.Message):
    __slots__ = ("reservation", "accounts")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    reservation: Reservation
    accounts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, reservation: _Optional[_Union[Reservation, _Mapping]] = ..., accounts: _Optional[_Iterable[str]] = ...) -> None: ...

class ReservationDeferred(_message.Message):
    __slots__ = ("reservation", "account", "left", "until")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    reservation: Reservation
    account: str
    left: int
    until: _timestamp_pb2.Timestamp
    def __init__(self, reservation: _Optional[_Union[Reservation, _Mapping]] = ..., account: _Optional[str] = ..., left: _Optional[int] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReservationAdmitted(_message.Message):
    __slots__ = ("run_id", "execution_id", "step", "attempt")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    execution_id: str
    step: str
    attempt: int
    def __init__(self, run_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ...) -> None: ...

class ReservationWithdrawn(_message.Message):
    __slots__ = ("run_id", "agent")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    agent: str
    def __init__(self, run_id: _Optional[str] = ..., agent: _Optional[str] = ...) -> None: ...

class LimitRaised(_message.Message):
    __slots__ = ("account", "tokens", "run_id", "approval_id")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_ID_FIELD_NUMBER: _ClassVar[int]
    account: str
    tokens: int
    run_id: str
    approval_id: str
    def __init__(self, account: _Optional[str] = ..., tokens: _Optional[int] = ..., run_id: _Optional[str] = ..., approval_id: _Optional[str] = ...) -> None: ...

class TopUpReserved(_message.Message):
    __slots__ = ("run_id", "agent", "request", "tokens")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    agent: str
    request: int
    tokens: int
    def __init__(self, run_id: _Optional[str] = ..., agent: _Optional[str] = ..., request: _Optional[int] = ..., tokens: _Optional[int] = ...) -> None: ...

class TopUpDenied(_message.Message):
    __slots__ = ("run_id", "agent", "request", "tokens", "account", "left")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    agent: str
    request: int
    tokens: int
    account: str
    left: int
    def __init__(self, run_id: _Optional[str] = ..., agent: _Optional[str] = ..., request: _Optional[int] = ..., tokens: _Optional[int] = ..., account: _Optional[str] = ..., left: _Optional[int] = ...) -> None: ...

class BudgetThresholdReached(_message.Message):
    __slots__ = ("account", "part", "used", "limit")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    account: str
    part: float
    used: int
    limit: int
    def __init__(self, account: _Optional[str] = ..., part: _Optional[float] = ..., used: _Optional[int] = ..., limit: _Optional[int] = ...) -> None: ...

class BudgetExhausted(_message.Message):
    __slots__ = ("account", "used", "limit", "until")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    account: str
    used: int
    limit: int
    until: _timestamp_pb2.Timestamp
    def __init__(self, account: _Optional[str] = ..., used: _Optional[int] = ..., limit: _Optional[int] = ..., until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UsageAdded(_message.Message):
    __slots__ = ("run_id", "tokens", "accounts")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    tokens: int
    accounts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, run_id: _Optional[str] = ..., tokens: _Optional[int] = ..., accounts: _Optional[_Iterable[str]] = ...) -> None: ...

class PeriodOpened(_message.Message):
    __slots__ = ("day", "next")
    DAY_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    day: str
    next: _timestamp_pb2.Timestamp
    def __init__(self, day: _Optional[str] = ..., next: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TokensDenied(_message.Message):
    __slots__ = ("reservation", "account", "limit", "left")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    reservation: Reservation
    account: str
    limit: int
    left: int
    def __init__(self, reservation: _Optional[_Union[Reservation, _Mapping]] = ..., account: _Optional[str] = ..., limit: _Optional[int] = ..., left: _Optional[int] = ...) -> None: ...

class TokensSettled(_message.Message):
    __slots__ = ("run_id", "used", "overrun")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    USED_FIELD_NUMBER: _ClassVar[int]
    OVERRUN_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    used: int
    overrun: int
    def __init__(self, run_id: _Optional[str] = ..., used: _Optional[int] = ..., overrun: _Optional[int] = ...) -> None: ...

class TokensReleased(_message.Message):
    __slots__ = ("run_id", "tokens")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    tokens: int
    def __init__(self, run_id: _Optional[str] = ..., tokens: _Optional[int] = ...) -> None: ...

class AccountClosed(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class ReservationRevoked(_message.Message):
    __slots__ = ("run_id", "execution_id", "agent")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    execution_id: str
    agent: str
    def __init__(self, run_id: _Optional[str] = ..., execution_id: _Optional[str] = ..., agent: _Optional[str] = ...) -> None: ...

class BudgetUpdated(_message.Message):
    __slots__ = ("execution_id", "by_step", "total", "limit", "over_by", "over_at_least", "driver")
    class ByStepEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _common_pb2.Money
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_common_pb2.Money, _Mapping]] = ...) -> None: ...
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BY_STEP_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    OVER_BY_FIELD_NUMBER: _ClassVar[int]
    OVER_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    by_step: _containers.MessageMap[str, _common_pb2.Money]
    total: _common_pb2.Money
    limit: int
    over_by: int
    over_at_least: int
    driver: str
    def __init__(self, execution_id: _Optional[str] = ..., by_step: _Optional[_Mapping[str, _common_pb2.Money]] = ..., total: _Optional[_Union[_common_pb2.Money, _Mapping]] = ..., limit: _Optional[int] = ..., over_by: _Optional[int] = ..., over_at_least: _Optional[int] = ..., driver: _Optional[str] = ...) -> None: ...
