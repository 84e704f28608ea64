"""What a review finds."""

from dataclasses import dataclass
from typing import Any, Final

SEVERITIES: Final = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """line: in the new file; None where the remark is about the file or the whole change."""

    rule: str
    severity: str
    path: str
    line: int | None
    message: str

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "severity": self.severity,
            "path": self.path,
            "line": self.line,
            "message": self.message,
        }


def order(finding: Finding) -> tuple[int, str, int, str, str]:
    """The most serious first, then in the order of the files."""
    return SEVERITIES.index(finding.severity), finding.path, finding.line or 0, finding.rule, finding.message
