"""Amounts in texts, and whole numbers in facts of whatever type."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents.reading import folded

# More than any of it can mean.
_MOST: Final = 10**9
_DEEPEST: Final = 4
_NUMBER: Final = r"\d{1,12}(?:[.,]\d{1,9}){0,3}"
_DIGITS: Final = re.compile(_NUMBER)
_AMOUNT: Final = re.compile(
    rf"(?:(?P<sign>[$€£]|usd|eur|gbp)\s*(?P<first>{_NUMBER})\s*(?P<thousands>k\b)?"
    rf"|(?P<second>{_NUMBER})\s*(?P<thousand>k\b)?\s*(?:[$€£]|usd\b|eur\b|gbp\b|dollars?\b|euros?\b|pounds?\b|bucks\b))"
    r"(?:\s*(?:per|a|an|each|/)\s*(?P<unit>guest|person|head|child|kid|plate|serving|slice|hour)\b|\s*(?P<pp>pp)\b)?"
)
_MARKS: Final = ",;!?\n"
_OF_ALL: Final = re.compile(r"\b(?:budgets?|total|overall|altogether|everything|in all|to spend)\b")
# By which of them a fact that is no plain number can say what it is; the most that somebody has comes first.
_KEYS: Final = ("max", "amount", "value", "count", "total", "min")


@dataclass(frozen=True, slots=True)
class Limit:
    """unit: `guest` or `hour` where it is for each of them; "" is for all together."""

    amount: int
    unit: str = ""


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def limit_in(texts: Sequence[str], *, step: str = "") -> Limit | None:
    """The last amount of money that anybody named for this step; what is said of a whole budget is for all of them."""
    found = None
    for text in texts:
        said = folded(text)
        for match in _AMOUNT.finditer(said):
            clause = _clause(said, match.start(), match.end())
            if _OF_ALL.search(clause) and not (step and re.search(rf"\b{re.escape(step)} budget\b", clause)):
                continue
            amount = _value(match["first"] or match["second"])
            if match["thousands"] or match["thousand"]:
                amount *= 1000
            if 0 < amount <= _MOST:
                per = match["unit"] or match["pp"]
                found = Limit(int(amount) or 1, "hour" if per == "hour" else "guest" if per else "")
    return found


def _clause(text: str, start: int, end: int) -> str:
    first = max(text.rfind(mark, 0, start) for mark in _MARKS) + 1
    last = min((at for mark in _MARKS if (at := text.find(mark, end)) >= 0), default=len(text))
    return text[first:last]


def whole(value: Any, *, least: int = 1, most: int = _MOST, _depth: int = 0) -> int | None:
    """None where it says no number between these two."""
    if isinstance(value, bool) or _depth > _DEEPEST:
        return None
    if isinstance(value, int):
        return value if least <= value <= most else None
    if isinstance(value, float):
        return whole(int(value), least=least, most=most) if math.isfinite(value) else None
    if isinstance(value, str):
        match = _DIGITS.search(value[:200])
        if match is None or value[max(0, match.start() - 1) : match.start()] == "-":
            return None
        return whole(_value(match[0]), least=least, most=most)
    if isinstance(value, Mapping):
        found = (whole(value[key], least=least, most=most, _depth=_depth + 1) for key in _KEYS if key in value)
        return next((number for number in found if number is not None), None)
    if isinstance(value, Sequence) and value:
        return whole(value[-1], least=least, most=most, _depth=_depth + 1)
    return None


def _value(digits: str) -> float:
    """`1,200`, `1.200` and `1200.50` alike."""
    head, *groups = re.split(r"[.,]", digits)
    if groups and all(len(group) == 3 for group in groups) and len(head) <= 3 and head != "0":
        return float("".join((head, *groups)))
    if len(groups) == 1:
        return float(f"{head}.{groups[0]}")
    return float("".join((head, *groups[:-1])) + "." + groups[-1]) if groups else float(head)
