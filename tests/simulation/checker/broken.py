"""What a checker finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """`promise`: its number in DESIGN.md, section 7; 0: an invariant that all of them rest on."""

    promise: int
    what: str

    def __str__(self) -> str:
        return f"promise {self.promise}: {self.what}"
