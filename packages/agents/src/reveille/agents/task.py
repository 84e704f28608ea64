"""What an agent is woken for: a task, and the signals behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# What a skill returns: JSON-serialisable, at most 128 KiB as JSON.
Result: TypeAlias = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One outside happening. Everything in it but id, source, kind and means is what an outsider wrote.

    paths: None where the sender named no files. before, after: the range of commits, where it is about one; forty zeros
    for a side that does not exist. clone: the path of a local git clone, or "". payload: the JSON as it came.
    """

    id: str
    source: str
    kind: str
    means: str = "other"
    actor: str = ""
    repository: str = ""
    ref: str = ""
    base_ref: str = ""
    number: int = 0
    title: str = ""
    paths: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    draft: bool = False
    conclusion: str = ""
    severity: str = ""
    summary: str = ""
    url: str = ""
    verified: bool = False
    hop: int = 0
    before: str = ""
    after: str = ""
    clone: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOn:
    """What another agent, `by`, says of the work that it hands on."""

    by: str
    note: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What somebody wants of a plan, in his own words."""

    id: str
    text: str
    source_type: str = ""
    tags: tuple[str, ...] = ()
    added_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One attempt at one step. tokens: what the ledger reserved for it; priority: critical, high, medium or low.

    rule: which one woke the agent; "" where somebody named it. signals: none where the rule watches the time.
    Of a plan's step: blueprint; inputs: those of its category, in order; facts: those that it reads and that are known;
    results: by step, of those that it waits for and that are done, a list of them for a step that is done for each of a
    list; item: what it is for, where it is one of several; undoes: the result that it is to undo.
    Of a step of a hierarchy: department; role: orchestrate, brief, draft, review or compose; round, from 1, of a draft
    and of a review; facts hold what the role works by.
    """

    run_id: str
    execution_id: str
    agent: str
    step: str
    attempt: int
    priority: str
    tokens: int
    signals: tuple[Signal, ...] = ()
    rule: str = ""
    handed_on: HandedOn | None = None
    blueprint: str = ""
    inputs: tuple[Input, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    item: Any = None
    undoes: Mapping[str, Any] | None = None
    department: str = ""
    role: str = ""
    round: int = 0
