from google.protobuf import timestamp_pb2 as _timestamp_pb2
from reveille.contracts.common.v1 import common_pb2 as _common_pb2
from reveille.contracts.ingress.v1 import events_pb2 as _events_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Gathering(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GATHERING_UNSPECIFIED: _ClassVar[Gathering]
    GATHERING_BATCH: _ClassVar[Gathering]
    GATHERING_COOLDOWN: _ClassVar[Gathering]

class Detection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DETECTION_UNSPECIFIED: _ClassVar[Detection]
    DETECTION_COUNT: _ClassVar[Detection]
    DETECTION_SEQUENCE: _ClassVar[Detection]
    DETECTION_ABSENCE: _ClassVar[Detection]
    DETECTION_CRON: _ClassVar[Detection]

class Suppression(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPRESSION_UNSPECIFIED: _ClassVar[Suppression]
    SUPPRESSION_LOOP: _ClassVar[Suppression]

class ClassifiedBy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLASSIFIED_BY_UNSPECIFIED: _ClassVar[ClassifiedBy]
    CLASSIFIED_BY_WORDS: _ClassVar[ClassifiedBy]
    CLASSIFIED_BY_TAGS: _ClassVar[ClassifiedBy]
    CLASSIFIED_BY_MODEL: _ClassVar[ClassifiedBy]
GATHERING_UNSPECIFIED: Gathering
GATHERING_BATCH: Gathering
GATHERING_COOLDOWN: Gathering
DETECTION_UNSPECIFIED: Detection
DETECTION_COUNT: Detection
DETECTION_SEQUENCE: Detection
DETECTION_ABSENCE: Detection
DETECTION_CRON: Detection
SUPPRESSION_UNSPECIFIED: Suppression
SUPPRESSION_LOOP: Suppression
CLASSIFIED_BY_UNSPECIFIED: ClassifiedBy
CLASSIFIED_BY_WORDS: ClassifiedBy
CLASSIFIED_BY_TAGS: ClassifiedBy
CLASSIFIED_BY_MODEL: ClassifiedBy

class TriggerFired(_message.Message):
    __slots__ = ("trigger_id", "agent", "rule", "rules", "priority", "signal_ids", "signals", "fleet_revision", "look_at", "group", "handed_on_by", "cooldown_group", "cooldown_until", "agent_until", "cooldown_ms", "cooldown_groups", "start")
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    LOOK_AT_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    HANDED_ON_BY_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_GROUP_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_UNTIL_FIELD_NUMBER: _ClassVar[int]
    AGENT_UNTIL_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_MS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_GROUPS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    trigger_id: str
    agent: str
    rule: str
    rules: _containers.RepeatedScalarFieldContainer[str]
    priority: _common_pb2.Priority
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    fleet_revision: int
    look_at: _timestamp_pb2.Timestamp
    group: str
    handed_on_by: str
    cooldown_group: str
    cooldown_until: _timestamp_pb2.Timestamp
    agent_until: _timestamp_pb2.Timestamp
    cooldown_ms: int
    cooldown_groups: _containers.RepeatedScalarFieldContainer[str]
    start: _events_pb2.Start
    def __init__(self, trigger_id: _Optional[str] = ..., agent: _Optional[str] = ..., rule: _Optional[str] = ..., rules: _Optional[_Iterable[str]] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., fleet_revision: _Optional[int] = ..., look_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., group: _Optional[str] = ..., handed_on_by: _Optional[str] = ..., cooldown_group: _Optional[str] = ..., cooldown_until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., agent_until: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., cooldown_ms: _Optional[int] = ..., cooldown_groups: _Optional[_Iterable[str]] = ..., start: _Optional[_Union[_events_pb2.Start, _Mapping]] = ...) -> None: ...

class TriggerGathered(_message.Message):
    __slots__ = ("trigger_id", "agent", "rule", "rules", "group", "priority", "signal_ids", "signals", "fleet_revision", "reason", "ready_at", "look_at", "max", "agent_cooldown_ms", "cooldown_group", "cooldown_ms", "start")
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    READY_AT_FIELD_NUMBER: _ClassVar[int]
    LOOK_AT_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    AGENT_COOLDOWN_MS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_GROUP_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_MS_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    trigger_id: str
    agent: str
    rule: str
    rules: _containers.RepeatedScalarFieldContainer[str]
    group: str
    priority: _common_pb2.Priority
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    fleet_revision: int
    reason: Gathering
    ready_at: _timestamp_pb2.Timestamp
    look_at: _timestamp_pb2.Timestamp
    max: int
    agent_cooldown_ms: int
    cooldown_group: str
    cooldown_ms: int
    start: _events_pb2.Start
    def __init__(self, trigger_id: _Optional[str] = ..., agent: _Optional[str] = ..., rule: _Optional[str] = ..., rules: _Optional[_Iterable[str]] = ..., group: _Optional[str] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., fleet_revision: _Optional[int] = ..., reason: _Optional[_Union[Gathering, str]] = ..., ready_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., look_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., max: _Optional[int] = ..., agent_cooldown_ms: _Optional[int] = ..., cooldown_group: _Optional[str] = ..., cooldown_ms: _Optional[int] = ..., start: _Optional[_Union[_events_pb2.Start, _Mapping]] = ...) -> None: ...

class PatternArmed(_message.Message):
    __slots__ = ("rule", "fleet_revision", "due", "for_ms", "expression", "time_zone", "signal_id")
    RULE_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    FOR_MS_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    rule: str
    fleet_revision: int
    due: _timestamp_pb2.Timestamp
    for_ms: int
    expression: str
    time_zone: str
    signal_id: str
    def __init__(self, rule: _Optional[str] = ..., fleet_revision: _Optional[int] = ..., due: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., for_ms: _Optional[int] = ..., expression: _Optional[str] = ..., time_zone: _Optional[str] = ..., signal_id: _Optional[str] = ...) -> None: ...

class PatternDisarmed(_message.Message):
    __slots__ = ("rule",)
    RULE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    def __init__(self, rule: _Optional[str] = ...) -> None: ...

class PatternProgressed(_message.Message):
    __slots__ = ("rule", "group", "signal_id", "signal", "received_at", "within_ms", "steps", "length")
    RULE_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    WITHIN_MS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    rule: str
    group: str
    signal_id: str
    signal: _common_pb2.EventRef
    received_at: _timestamp_pb2.Timestamp
    within_ms: int
    steps: _containers.RepeatedScalarFieldContainer[int]
    length: int
    def __init__(self, rule: _Optional[str] = ..., group: _Optional[str] = ..., signal_id: _Optional[str] = ..., signal: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., received_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., within_ms: _Optional[int] = ..., steps: _Optional[_Iterable[int]] = ..., length: _Optional[int] = ...) -> None: ...

class PatternDetected(_message.Message):
    __slots__ = ("rule", "kind", "trigger_id", "group", "signal_ids", "signals", "fleet_revision", "due", "next")
    RULE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    DUE_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    rule: str
    kind: Detection
    trigger_id: str
    group: str
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    fleet_revision: int
    due: _timestamp_pb2.Timestamp
    next: _timestamp_pb2.Timestamp
    def __init__(self, rule: _Optional[str] = ..., kind: _Optional[_Union[Detection, str]] = ..., trigger_id: _Optional[str] = ..., group: _Optional[str] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., fleet_revision: _Optional[int] = ..., due: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., next: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TriggerSuppressed(_message.Message):
    __slots__ = ("trigger_id", "agent", "rule", "reason", "signal_ids", "detail", "blueprint")
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    trigger_id: str
    agent: str
    rule: str
    reason: Suppression
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    detail: str
    blueprint: str
    def __init__(self, trigger_id: _Optional[str] = ..., agent: _Optional[str] = ..., rule: _Optional[str] = ..., reason: _Optional[_Union[Suppression, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., detail: _Optional[str] = ..., blueprint: _Optional[str] = ...) -> None: ...

class CategoryScore(_message.Message):
    __slots__ = ("category", "confidence")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    category: str
    confidence: float
    def __init__(self, category: _Optional[str] = ..., confidence: _Optional[float] = ...) -> None: ...

class InputClassified(_message.Message):
    __slots__ = ("execution_id", "input_id", "categories", "by", "facts", "unknown_tags")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_TAGS_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    input_id: str
    categories: _containers.RepeatedCompositeFieldContainer[CategoryScore]
    by: ClassifiedBy
    facts: _common_pb2.Sealed
    unknown_tags: _common_pb2.Sealed
    def __init__(self, execution_id: _Optional[str] = ..., input_id: _Optional[str] = ..., categories: _Optional[_Iterable[_Union[CategoryScore, _Mapping]]] = ..., by: _Optional[_Union[ClassifiedBy, str]] = ..., facts: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., unknown_tags: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...

class AnalyzedInput(_message.Message):
    __slots__ = ("input_id", "ref", "categories", "confidence", "digest")
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    input_id: str
    ref: _common_pb2.EventRef
    categories: _containers.RepeatedScalarFieldContainer[str]
    confidence: float
    digest: str
    def __init__(self, input_id: _Optional[str] = ..., ref: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., categories: _Optional[_Iterable[str]] = ..., confidence: _Optional[float] = ..., digest: _Optional[str] = ...) -> None: ...

class Beginning(_message.Message):
    __slots__ = ("conversation_id", "rule", "trigger_id", "priority", "signal_ids", "signals", "from_execution", "at", "autopilot")
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_ID_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_IDS_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    FROM_EXECUTION_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    AUTOPILOT_FIELD_NUMBER: _ClassVar[int]
    conversation_id: str
    rule: str
    trigger_id: str
    priority: _common_pb2.Priority
    signal_ids: _containers.RepeatedScalarFieldContainer[str]
    signals: _containers.RepeatedCompositeFieldContainer[_common_pb2.EventRef]
    from_execution: str
    at: _common_pb2.EventRef
    autopilot: _events_pb2.Autopilot
    def __init__(self, conversation_id: _Optional[str] = ..., rule: _Optional[str] = ..., trigger_id: _Optional[str] = ..., priority: _Optional[_Union[_common_pb2.Priority, str]] = ..., signal_ids: _Optional[_Iterable[str]] = ..., signals: _Optional[_Iterable[_Union[_common_pb2.EventRef, _Mapping]]] = ..., from_execution: _Optional[str] = ..., at: _Optional[_Union[_common_pb2.EventRef, _Mapping]] = ..., autopilot: _Optional[_Union[_events_pb2.Autopilot, str]] = ...) -> None: ...

class Cancellation(_message.Message):
    __slots__ = ("reason", "by")
    REASON_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    reason: _common_pb2.Sealed
    by: str
    def __init__(self, reason: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., by: _Optional[str] = ...) -> None: ...

class InputsAnalyzed(_message.Message):
    __slots__ = ("execution_id", "blueprint", "fleet_revision", "inputs_revision", "inputs", "facts", "losing", "unclear", "beginning", "cancellation", "unclassified")
    EXECUTION_ID_FIELD_NUMBER: _ClassVar[int]
    BLUEPRINT_FIELD_NUMBER: _ClassVar[int]
    FLEET_REVISION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_REVISION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    LOSING_FIELD_NUMBER: _ClassVar[int]
    UNCLEAR_FIELD_NUMBER: _ClassVar[int]
    BEGINNING_FIELD_NUMBER: _ClassVar[int]
    CANCELLATION_FIELD_NUMBER: _ClassVar[int]
    UNCLASSIFIED_FIELD_NUMBER: _ClassVar[int]
    execution_id: str
    blueprint: str
    fleet_revision: int
    inputs_revision: int
    inputs: _containers.RepeatedCompositeFieldContainer[AnalyzedInput]
    facts: _common_pb2.Sealed
    losing: _containers.RepeatedScalarFieldContainer[str]
    unclear: _containers.RepeatedScalarFieldContainer[str]
    beginning: Beginning
    cancellation: Cancellation
    unclassified: _common_pb2.Sealed
    def __init__(self, execution_id: _Optional[str] = ..., blueprint: _Optional[str] = ..., fleet_revision: _Optional[int] = ..., inputs_revision: _Optional[int] = ..., inputs: _Optional[_Iterable[_Union[AnalyzedInput, _Mapping]]] = ..., facts: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ..., losing: _Optional[_Iterable[str]] = ..., unclear: _Optional[_Iterable[str]] = ..., beginning: _Optional[_Union[Beginning, _Mapping]] = ..., cancellation: _Optional[_Union[Cancellation, _Mapping]] = ..., unclassified: _Optional[_Union[_common_pb2.Sealed, _Mapping]] = ...) -> None: ...
