"""How good a draft is, as a tool: `text.measure`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.film.checks import measure as measured
from reveille.agents.film.structure import Asked
from reveille.agents.tool import ToolFailed

MAX_CHARACTERS: Final = 60_000
_MOST_WORDS: Final = 5_000


async def measure(
    *,
    text: str,
    must_mention: Sequence[str] = (),
    least: int = 40,
    most: int = 2_000,
    kind: str = "",
    parts: Sequence[str] = (),
    voices: int = 2,
    entries: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """`{score, checks: [{name, score, reason, advice}]}`, each score from 0 to 100.

    least, most: words. kind: of the craft (`plot`), whose parts are asked for by name and given as entries.
    """
    if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
        raise ToolFailed(f"text is {_told(text)}, expected a text of at most {MAX_CHARACTERS} characters")
    if not (_is_number(least) and _is_number(most) and 1 <= least <= most <= _MOST_WORDS):
        raise ToolFailed(f"least is {least!r} and most {most!r}, expected 1 <= least <= most <= {_MOST_WORDS}")
    wanted = tuple(one for one in must_mention if isinstance(one, str))
    asked = Asked(kind=kind, parts=tuple(one for one in parts if isinstance(one, str)), voices=voices)
    given = [one for one in entries if isinstance(one, Mapping)]
    return measured(text, must_mention=wanted, least=least, most=most, asked=asked, parts=given).as_json()


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _told(text: object) -> str:
    return f"one of {len(text)}" if isinstance(text, str) else f"a {type(text).__name__}"
