"""How good a draft is, measured: its length, the words that it had to bring, what it says twice, and its parts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents.film.structure import Asked, structure_of
from reveille.agents.film.wording import listed, runs_of, sentences_in, stem, stems_in, words_in

_WEIGHTS: Final = {"coverage": 0.4, "structure": 0.3, "length": 0.15, "repetition": 0.15}
_RUN: Final = 4
_LEAST_CAP: Final = 50
_STRICT: Final = 1.5
_LEAST_SENTENCE: Final = 4
# Of the length from which on a text can be said to repeat itself, or not to.
_TELLING: Final = 30
_MOST_QUOTED: Final = 3
_MOST_MISSING: Final = 12
_MOST_CHARACTERS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Check:
    """score: from 0 to 100. advice: what would raise it, each in the words of notes.py; () where nothing is wrong."""

    name: str
    score: int
    reason: str
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    score: int
    checks: tuple[Check, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "score": self.score,
            "checks": [
                {"name": one.name, "score": one.score, "reason": one.reason, "advice": list(one.advice)}
                for one in self.checks
            ],
        }


def measure(
    text: str,
    *,
    must_mention: Sequence[str] = (),
    least: int = 40,
    most: int = 2_000,
    asked: Asked | None = None,
    parts: Sequence[Mapping[str, Any]] = (),
) -> Measured:
    """A text without words comes to 0, one that is about something else to 50 at most, however well it is made."""
    text = text[:_MOST_CHARACTERS]
    words = words_in(text)
    if not words:
        missing = ", ".join(must_mention[:_MOST_MISSING])
        nothing = tuple(Check(name, 0, "there is no text") for name in _WEIGHTS if name != "coverage")
        advice = (
            (f"mention {missing}", f"write some {least} words more") if missing else (f"write some {least} words more",)
        )
        return Measured(0, (Check("coverage", 0, "there is no text", advice), *nothing))
    score, reason, advised = structure_of(text, parts, asked or Asked())
    checks = (
        _coverage(text, must_mention),
        Check("structure", score, reason, advised),
        _length(len(words), least, most),
        _repetition(text, words),
    )
    # What is worthless in one way is not saved by the others: the right words over and over are no draft.
    cap = _LEAST_CAP + min(check.score for check in checks) / 2
    return Measured(round(min(cap, sum(_WEIGHTS[check.name] * check.score for check in checks))), checks)


def _coverage(text: str, must_mention: Sequence[str]) -> Check:
    wanted = list(dict.fromkeys(word for word in must_mention if words_in(word)))
    if not wanted:
        return Check("coverage", 100, "no word is asked for")
    there = set(stems_in(text))
    missing = [word for word in wanted if not all(stem(part) in there for part in words_in(word))]
    # Half of the words are less than half of what was asked for: what is left out is what makes it this scene.
    score = round(100 * ((len(wanted) - len(missing)) / len(wanted)) ** _STRICT)
    if not missing:
        return Check("coverage", 100, f"all {len(wanted)} words of the brief are in it")
    named = missing[:_MOST_MISSING]
    reason = f"{len(wanted) - len(missing)} of {len(wanted)} words of the brief are in it; missing: {', '.join(named)}"
    return Check("coverage", score, reason, (f"mention {listed(named)}",))


def _length(number: int, least: int, most: int) -> Check:
    if number < least:
        score = round(100 * number / least)
        return Check(
            "length", score, f"{number} words, at least {least} wanted", (f"write some {least - number} words more",)
        )
    if number > most:
        score = max(0, round(100 - 100 * (number - most) / most))
        return Check("length", score, f"{number} words, at most {most} wanted", (f"cut some {number - most} words",))
    return Check("length", 100, f"{number} words, between {least} and {most}")


def _repetition(text: str, words: Sequence[str]) -> Check:
    """Of sentences that stand twice, runs of four words that come again, and how few words differ."""
    sentences = [" ".join(words_in(one)) for one in sentences_in(text)]
    said = {" ".join(words_in(one)): one for one in reversed(sentences_in(text))}
    counts = Counter(one for one in sentences if len(one.split()) >= _LEAST_SENTENCE)
    twice = [said[one] for one, count in counts.items() if count > 1]
    again = sum(count - 1 for count in counts.values())
    runs = Counter(runs_of(words, _RUN))
    share = sum(count - 1 for count in runs.values()) / max(1, sum(runs.values()))
    # Of a hundred words of prose at least some forty are different; of longer texts fewer.
    different = len(set(words)) / len(words)
    poor = max(0.0, 0.4 * min(1.0, (100 / len(words)) ** 0.35) - different)
    score = max(0, round(100 - 25 * again - 150 * max(0.0, share - 0.04) - 250 * poor))
    if len(words) < _TELLING:
        score = round(score * len(words) / _TELLING)
    if twice:
        quoted = tuple(f'cut the repeated line "{one}"' for one in twice[:_MOST_QUOTED])
        return Check("repetition", score, f"{len(twice)} of its lines come again: {twice[0]}"[:200], quoted)
    if score < 100:
        reason = f"{share:.0%} of its runs of {_RUN} words come again, {different:.0%} of its words are different ones"
        return Check("repetition", score, reason)
    return Check("repetition", 100, "nothing is said twice")
