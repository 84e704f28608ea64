"""What a head asks a specialist to change, as a sentence that people read and the specialist understands."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.agents.film.telltale import telling
from reveille.agents.film.wording import words_in

_MENTION: Final = re.compile(r"\bmention (.+?)(?:;|\.\s|\.?$)", re.I | re.M)
_ADD: Final = re.compile(r"\badd (.+?) (?:after|before|between|at)\b", re.I)
_GIVE: Final = re.compile(r"\bgive (.+?) an? ([\w ]+?)(?:;|\.|$)", re.I | re.M)
_CUT: Final = re.compile(r"\bcut the repeated line [\"\u201c](.+?)[\"\u201d](?=;|\.?$|\.? )", re.I | re.M)
_VARY: Final = re.compile(r"\buse another size for (.+?)(?:;|\.|$)", re.I | re.M)
_LONGER: Final = re.compile(r"\bwrite (?:some )?(\d{1,4}) words more\b", re.I)
_SHORTER: Final = re.compile(r"\bcut (?:some )?(\d{1,4}) words\b", re.I)
_ANSWER: Final = re.compile(r"\blet (?:somebody|the other one) answer\b", re.I)
_BETWEEN_WORDS: Final = re.compile(r",\s*|\s+and\s+")
_MOST: Final = 40
_MOST_READ: Final = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """mention: words. add: parts that lack. give: by part, a field. cut: lines. vary: parts. more, less: words."""

    mention: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    give: tuple[tuple[str, str], ...] = ()
    cut: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    answer: bool = False
    more: int = 0
    less: int = 0

    def __bool__(self) -> bool:
        return any((self.mention, self.add, self.give, self.cut, self.vary, self.answer, self.more, self.less))


def notes_in(text: str) -> Notes:
    """What the sentences ask for; where they are in nobody's form, the words that they speak of are to be mentioned."""
    text = text[:_MOST_READ]
    found = Notes(
        mention=_some(
            word.strip("\"'\u201c\u201d ") for said in _MENTION.findall(text) for word in _BETWEEN_WORDS.split(said)
        ),
        add=_some(_ADD.findall(text)),
        give=tuple((who, what) for who, what in _GIVE.findall(text))[:_MOST],
        cut=_some(_CUT.findall(text)),
        vary=_some(_VARY.findall(text)),
        answer=bool(_ANSWER.search(text)),
        more=max(map(int, _LONGER.findall(text)), default=0),
        less=max(map(int, _SHORTER.findall(text)), default=0),
    )
    return found if found or not text.strip() else Notes(mention=tuple(telling(words_in(text)))[:6], more=30)


def _some(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in found if one))[:_MOST]


def told(advice: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(one for one in advice if one))
