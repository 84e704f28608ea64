"""A prompt as the film agents read it: who, where, when, what happens, and how people want it told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from reveille.agents.film.lexicon import entries, things, verbs, wordlist
from reveille.agents.film.people import Mention, Token, people_in, tokens_of
from reveille.agents.film.telltale import STOP, telling
from reveille.agents.film.wording import words_in
from reveille.agents.reading import clean

MOST_CHARACTERS: Final = 6_000
_MOST_WORDS: Final = 16
_PREPOSITIONS: Final = wordlist("prepositions")
_ARTICLES: Final = frozenset(["a", "an", "the", "his", "her", "their", "its", "my", "our", "one"])
_ASKING: Final = (
    r"(?:please\s+|can you\s+|could you\s+|i want(?: you to)?\s+|i need\s+|i'd like\s+|let's\s+|we need\s+)*"
    r"(?:write|compose|create|make|give|draft|generate|film|shoot|imagine|describe|stage|produce|plan|design|"
    r"develop|script|tell|i want|i need|we need)\b"
)
_FORM: Final = (
    r"(?:scenes?|stor(?:y|ies)|dialogues?|dialogs?|monologues?|comed(?:y|ies)|dramas?|thrillers?|films?|movies?|"
    r"romances?|shot list|storyboards?|screenplays?|scripts?|sequence|moment|treatment|short|tale|sketch|lighting|"
    r"lighting plan|western|mystery|horror|fantasy|crime|noir|sci-fi|science fiction|adventure|"
    r"argument|conversation|opening|ending)"
)
_JOINING: Final = r"(?:where|in which|about|of|when|featuring|for|between|set|with|that|:|,|-)"
_ASKED: Final = re.compile(rf"^\s*{_ASKING}[^.!?\n]{{0,120}}?\b{_FORM}\b\W*(?:{_JOINING}\s+)?", re.I)
_TITLED: Final = re.compile(
    rf"^\s*(?:(?:an?|the|one)\s+)?(?:[\w'-]+\s+){{0,3}}?{_FORM}(?:\s+(?:and|with)\s+(?:[\w'-]+\s+){{0,2}}?{_FORM})?"
    rf"\s*(?:{_JOINING}|set in|takes place)(?:\s+|$)",
    re.I,
)
_GENRE_PREFIX: Final = re.compile(r"^\s*(?:genre|tone|style|title|prompt|logline)\s*:\s*", re.I)
_TIMED: Final = re.compile(r"\b(\d{1,5})\s*(?:-\s*)?(words?|minutes?|pages?|lines?)\b", re.I)
_CAST: Final = re.compile(
    r"\b(one|single|two|three|four|1|2|3|4)\s+(?:characters?|people|persons?|actors?|roles?)\b", re.I
)
_NUMBERS: Final = {"one": 1, "single": 1, "two": 2, "three": 3, "four": 4}
_ENDINGS: Final = {
    "twist": "twist surprise surprising surprised unexpected shocking reveal",
    "sad": "sad tragic tragedy heartbreaking unhappy bleak bittersweet",
    "happy": "happy hopeful uplifting heartwarming feel-good joyful",
    "open": "ambiguous open-ended unresolved cliffhanger",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """text: all of the prompt; body: without what asks for it. words: those that say something, in order.

    at: `on the rocks`, place: `the rocks`, "" where none is named; setting: the key of a known one, "" likewise.
    ending: twist, sad, happy, open or "". cast: how many were asked for, 0 for as many as it takes. length: in words.
    """

    text: str
    body: str
    words: tuple[str, ...]
    people: tuple[Mention, ...]
    at: str
    place: str
    setting: str
    time: str
    weather: str
    genre: str
    thing: str
    ending: str
    twist: bool
    silent: bool
    cast: int
    length: int
    wishes: tuple[str, ...]


@lru_cache(maxsize=256)
def premise_of(prompt: str) -> Premise:
    text = "\n".join(line for one in prompt.splitlines() if (line := clean(one, MOST_CHARACTERS)))[:MOST_CHARACTERS]
    body = _body(text)
    spoken = words_in(text)
    known = frozenset(spoken)
    people = tuple(people_in(body))
    at, place, setting = _place(body, spoken)
    endings = [name for name, named in _ENDINGS.items() if known.intersection(named.split())]
    silent = bool(
        re.search(r"\b(?:no|without(?: any)?|zero)\s+(?:spoken\s+)?(?:dialogues?|dialogs?|words|speech)\b", text, re.I)
    )
    silent = silent or bool(
        re.search(r"\b(?:silent (?:film|scene)|wordless|nobody speaks|no one speaks)\b", text, re.I)
    )
    cast, length = _cast(text), _length(text)
    wishes = [f"{name} ending" if name != "twist" else "a twist" for name in endings]
    wishes += ["no dialogue"] * silent
    wishes += [f"{cast} in the cast"] if cast else []
    wishes += [f"about {length} words"] if length else []
    return Premise(
        text=text,
        body=body,
        words=tuple(telling(words_in(body)))[:_MOST_WORDS],
        people=people,
        at=at,
        place=place,
        setting=setting,
        time=_first_named(entries("sky")["times"], spoken),
        weather=_first_named(entries("sky")["weather"], spoken),
        genre=_most_named(spoken),
        thing=_thing(body),
        ending=next((name for name in endings if name != "twist"), ""),
        twist="twist" in endings,
        silent=silent,
        cast=cast,
        length=length,
        wishes=tuple(wishes),
    )


def _body(text: str) -> str:
    """Without `Write a scene in which`, line by line."""
    lines = []
    for line in text.splitlines():
        line = _GENRE_PREFIX.sub("", line)
        if match := _ASKED.match(line):
            line = line[match.end() :]
        if (match := _TITLED.match(line)) and not people_in(match[0]):
            line = line[match.end() :]
        if line.strip():
            lines.append(line.strip())
    return "\n".join(lines)


def _place(body: str, spoken: Sequence[str]) -> tuple[str, str, str]:
    """What stands behind `in` or `on` and is known to be a place; or else what any word of it means."""
    named = _setting_words()
    tokens = tokens_of(body)
    for at, token in enumerate(tokens):
        if token.word not in _PREPOSITIONS:
            continue
        head = _head(tokens, at + 1, body)
        for last in range(head, at, -1):
            if key := named.get(_singular(tokens[last].word)):
                phrase = _phrase(tokens[at + 1 : last + 1])
                return f"{token.word} {phrase}", phrase, key
    counts: dict[str, int] = {}
    for word in spoken:
        if key := named.get(_singular(word)):
            counts[key] = counts.get(key, 0) + 1
    if not counts:
        return "", "", ""
    key = max(counts, key=lambda one: counts[one])
    last = next((i for i, token in enumerate(tokens) if named.get(_singular(token.word)) == key), -1)
    # `a rainy street`: a place of its own where nobody is, of whom it could be said.
    if last >= 0 and not any(mention.start <= tokens[last].start < mention.end for mention in people_in(body)):
        first = _start(tokens, last, body)
        acts = last + 1 < len(tokens) and tokens[last + 1].word in verbs()
        acted_on = first > 0 and tokens[first - 1].word in verbs()
        if not acts and not acted_on and (first < last or tokens[first].word not in verbs()):
            phrase = _phrase(tokens[first : last + 1])
            setting = next(one for one in entries("settings") if one["key"] == key)
            return f"{setting['at'].split()[0]} {phrase}", phrase, key
    return "", "", key


def _head(tokens: Sequence[Token], first: int, text: str) -> int:
    """The last word of the phrase that begins here."""
    last = first - 1
    for at in range(first, min(first + 5, len(tokens))):
        word = tokens[at].word
        if at > first and (text[tokens[at - 1].end : tokens[at].start].strip() or word in _ARTICLES):
            break
        if word in STOP and word not in _ARTICLES:
            break
        last = at
    return last


def _start(tokens: Sequence[Token], last: int, text: str) -> int:
    first = last
    for at in range(last - 1, max(-1, last - 4), -1):
        word = tokens[at].word
        if text[tokens[at].end : tokens[at + 1].start].strip() or (word in STOP and word not in _ARTICLES):
            break
        if word in verbs():
            break
        first = at
        if word in _ARTICLES:
            break
    return first


def _phrase(tokens: Sequence[Token]) -> str:
    """With `the` for any other article: it has been named now."""
    words = [token.text for token in tokens]
    if words and words[0].lower() in _ARTICLES:
        return f"the {' '.join(words[1:])}"
    return f"{'' if words and words[0][:1].isupper() else 'the '}{' '.join(words)}"


def _thing(body: str) -> str:
    """Something that can be held: `the last oxygen tank`."""
    tokens = tokens_of(body)
    for at in range(len(tokens)):
        word = _singular(tokens[at].word)
        if word not in things() and tokens[at].word not in things():
            continue
        if at + 1 < len(tokens) and _singular(tokens[at + 1].word) in things():
            continue
        first = _start(tokens, at, body)
        if first == at and word in verbs():
            continue
        return _phrase(tokens[first : at + 1])
    return ""


def _first_named(entries_by_name: Mapping[str, Any], spoken: Sequence[str]) -> str:
    named = {word: name for name, entry in entries_by_name.items() for word in entry["words"]}
    return next((named[word] for word in spoken if word in named), "")


def _most_named(spoken: Sequence[str]) -> str:
    # The first two of its words are what people call it: `a comedy about a vampire` is one.
    counts = {
        entry["name"]: sum(3 if word in entry["words"][:2] else word in entry["words"] for word in spoken)
        for entry in entries("genres")
    }
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


@lru_cache(maxsize=1)
def _setting_words() -> Mapping[str, str]:
    named: dict[str, str] = {}
    for entry in entries("settings"):
        for word in entry["words"]:
            named.setdefault(_singular(word), entry["key"])
    return named


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _cast(text: str) -> int:
    if match := _CAST.search(text):
        return _NUMBERS.get(match[1].lower()) or int(match[1])
    return 1 if re.search(r"\bmonologues?\b", text, re.I) else 0


def _length(text: str) -> int:
    if match := _TIMED.search(text):
        number, unit = int(match[1]), match[2].lower()
        if unit.startswith("word"):
            return max(60, min(number, 2_000))
        # A page of a script is a minute and some 180 words; a line is about ten.
        return max(60, min(number * (10 if unit.startswith("line") else 180), 2_000))
    if re.search(r"\b(?:very short|short|brief|tiny)\b", text, re.I):
        return 260
    return 1_100 if re.search(r"\b(?:long|detailed|extended|in-depth)\b", text, re.I) else 0
