"""What a checker finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """`promise`: its number in DESIGN.md, section 7; 0: an invariant that they rest on, or what a plan must come to."""

    promise: int
    what: str

    def __str__(self) -> str:
        return f"promise {self.promise}: {self.what}"
