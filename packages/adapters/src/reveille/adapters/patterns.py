"""File patterns in the manner of gitignore: the last pattern that matches a path decides, `!` takes paths out."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

# A fleet has at most some thousand; those of older fleets are forgotten.
KEPT: Final = 5_000


@lru_cache(maxsize=KEPT)
def paths(patterns: tuple[str, ...]) -> Callable[[Sequence[str]], bool]:
    """Whether any path matches. Raises ValueError for a pattern that is none, and where they are too large together.

    RE2 runs in time linear in the path; with Python's own engine one evil pattern ran for seconds.
    """
    import re2  # type: ignore[import-untyped]
    from pathspec import PathSpec

    try:
        spec = PathSpec.from_lines("gitignore", patterns, backend="re2")
    except re2.error as error:
        raise ValueError(f"{len(patterns)} patterns are too large together: {error}") from error
    return lambda names: any(spec.match_file(name) for name in names)
