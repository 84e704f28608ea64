"""What an issue or a change is about, how urgent it is, and what its author has left out: by rules, with reasons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents.task import Signal

# What a word in the title counts, against one in the body.
_IN_TITLE: Final = 3
_MOST_READ: Final = 20_000
# The first of two that weigh the same wins: what is overlooked there costs most.
_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "security": (
        r"vulnerab\w+", r"cve-\d+", r"injection", r"xss", r"csrf", r"exploit\w*", r"credentials?", r"privilege\w*",
        r"(?:secret|token|password|key)s? (?:\w+ ){0,2}(?:leak\w*|exposed|visible|logged)",
    ),
    "bug": (
        r"bugs?", r"errors?", r"exceptions?", r"traceback", r"crash\w*", r"fail(?:s|ed|ing|ure)?", r"broken", r"wrong",
        r"regress\w+", r"hangs?", r"freez\w+", r"panic\w*", r"segfault\w*", r"does(?:n't| not) work",
        r"stopped working",
    ),
    "infrastructure": (
        r"deploy\w*", r"kubernetes", r"k8s", r"helm", r"docker", r"terraform", r"outage", r"downtime", r"dns", r"disk",
        r"certificate\w*", r"pipelines?", r"latency", r"out of memory", r"oom\w*", r"cluster", r"rollback",
    ),
    "feature": (
        r"features?", r"add(?:ing)?", r"support(?:ing)? for", r"allow\w*", r"enhancement",
        r"would be (?:nice|great|good)", r"please (?:add|make)", r"proposal", r"request",
    ),
    "documentation": (r"docs?", r"documentation", r"readme", r"typos?", r"spelling", r"tutorial", r"examples?"),
    "question": (r"how (?:do|can|to|should)", r"question", r"why (?:does|is|do)", r"is it possible", r"what is"),
}  # fmt: skip
_PATTERNS: Final = {
    kind: re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) for kind, words in _WORDS.items()
}
# What the author has called it goes before what it sounds like.
_BY_LABEL: Final = {
    "bug": "bug",
    "regression": "bug",
    "security": "security",
    "enhancement": "feature",
    "feature": "feature",
    "documentation": "documentation",
    "docs": "documentation",
    "question": "question",
    "infrastructure": "infrastructure",
    "ci": "infrastructure",
}
_URGENT: Final = re.compile(
    r"(?<!\w)(?:production|outage|down for|data loss|lost data|all users|every user|urgent|critical|blocker|"
    r"cannot log ?in|payments?)(?!\w)",
    re.IGNORECASE,
)
_STEPS: Final = re.compile(
    r"(?:steps? to reproduce|reproduc\w+|repro\b|```|^\s*\d+[.)] )", re.IGNORECASE | re.MULTILINE
)
_VERSION: Final = re.compile(r"(?:version|release|commit|\bv?\d+\.\d+(?:\.\d+)?\b)", re.IGNORECASE)
_EXPECTED: Final = re.compile(r"(?:expected|should|instead of|actual)", re.IGNORECASE)
# Who takes what: a capability that some agent of the fleet has.
TAKES: Final[Mapping[str, str]] = {
    "security": "review",
    "bug": "develop",
    "feature": "develop",
    "infrastructure": "infrastructure",
    "change": "review",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """kind: one of security, bug, infrastructure, feature, documentation, question, change, other."""

    signal: Signal
    kind: str
    priority: str
    reasons: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def capability(self) -> str:
        """Of whoever should take it; "" where nobody need."""
        return "" if self.signal.draft else TAKES.get(self.kind, "")

    def as_json(self) -> dict[str, Any]:
        return {
            "signal_id": self.signal.id,
            "number": self.signal.number,
            "title": self.signal.title,
            "url": self.signal.url,
            "kind": self.kind,
            "priority": self.priority,
            "labels": [self.kind, f"priority-{self.priority}"],
            "reasons": list(self.reasons),
            "missing": list(self.missing),
        }


def body_of(signal: Signal) -> str:
    """What its author wrote: the whole of it where the payload has it."""
    for home in ("issue", "pull_request", "object_attributes", "comment", "review"):
        inner = signal.payload.get(home)
        text = inner.get("body", inner.get("description")) if isinstance(inner, Mapping) else None
        if isinstance(text, str) and text:
            return text[:_MOST_READ]
    return signal.summary


def sort(signal: Signal) -> Sorted:
    body = body_of(signal)
    kind, reasons = _kind(signal, body)
    urgent = sorted({found.lower() for found in _URGENT.findall(f"{signal.title}\n{body}")})
    if kind == "security" or urgent:
        priority = "high"
    else:
        priority = "medium" if kind in ("bug", "infrastructure", "change") else "low"
    if urgent:
        reasons = (*reasons, f"urgent: {', '.join(urgent[:3])}")
    return Sorted(
        signal=signal,
        kind=kind,
        priority=priority,
        reasons=reasons,
        missing=_missing(body) if kind == "bug" and signal.means.startswith("issue") else (),
    )


def _kind(signal: Signal, body: str) -> tuple[str, tuple[str, ...]]:
    if signal.means.startswith("change."):
        return "change", (f"{signal.kind} of {signal.ref or 'a branch'} into {signal.base_ref or 'another'}",)
    for label in sorted(signal.labels):
        if kind := _BY_LABEL.get(label.lower()):
            return kind, (f"labelled {label}",)
    weights: dict[str, int] = {}
    found: dict[str, list[str]] = {}
    for kind, pattern in _PATTERNS.items():
        in_title, in_body = pattern.findall(signal.title), pattern.findall(body)
        weights[kind] = _IN_TITLE * len(in_title) + len(in_body)
        found[kind] = list(dict.fromkeys(word.lower() for word in (*in_title, *in_body)))
    best = max(weights, key=lambda kind: weights[kind])
    if not weights[best]:
        return "other", ("nothing in its words says what it is",)
    return best, (f"it says {', '.join(found[best][:4])}",)


def _missing(body: str) -> tuple[str, ...]:
    looked_for = {
        "steps to reproduce": _STEPS,
        "version": _VERSION,
        "what was expected": _EXPECTED,
    }
    return tuple(name for name, pattern in looked_for.items() if not pattern.search(body))
