"""What a prompt says that happens, told of people with names, and the pieces of it that can be told by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reveille.agents.film.lexicon import kinds_of_people, things, verbs, wordlist
from reveille.agents.film.people import Mention, Token, tokens_of
from reveille.agents.film.telltale import STOP, telling
from reveille.agents.film.wording import capital, listed, sentences_in, stem, words_in

_ARTICLES: Final = frozenset(["a", "an", "the", "his", "her", "their", "its", "our", "my", "another"])
_ADJUNCTS: Final = wordlist("adjuncts")
_WISHING: Final = wordlist("wishing")
_RELATIVE: Final = ("who ", "that ", "whose ")
_MOST_PHRASE: Final = 5


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of the prompt with the words that it brings. clause: it says what somebody does."""

    text: str
    stems: frozenset[str]
    clause: bool


def happens(sentence: str, people: Sequence[Mention], names: Mapping[int, Sequence[str]], *, known: str) -> str:
    """The sentence with everybody's name in it; `known` has been told of already, and stands for its mention."""
    parts: list[str] = []
    at = 0
    for index, mention in enumerate(people):
        called = names.get(index, ())
        if mention.start < at or mention.end > len(sentence) or not called or (mention.name and not mention.role):
            continue
        parts.append(sentence[at : mention.start])
        said = sentence[mention.start : mention.end]
        if list(called) == [known] and sentence[mention.end :].lstrip().startswith(_RELATIVE):
            # Where `a pianist who lost her hearing` ends, nobody can tell.
            parts.append(said)
        elif list(called) == [known]:
            parts.append(known)
        elif mention.name:
            parts.append(said)
        else:
            behind = sentence[mention.end : mention.end + 1]
            closes = "" if behind in (",", ".", ";", ":", "!", "?", "") else ","
            parts.append(f"{said}, {listed(called)}{closes}")
        at = mention.end
    parts.append(sentence[at:])
    return capital("".join(parts).strip())


def is_told(sentence: str, people: Sequence[Mention]) -> bool:
    """Whether somebody does something in it; without a verb it is a heading (`a cop and a thief in an elevator`)."""
    tokens = tokens_of(sentence)
    if tokens and tokens[0].word in _WISHING:
        return False
    ends = {mention.end for mention in people}
    for at, token in enumerate(tokens[1:], 1):
        if token.word not in verbs() and not (token.word.endswith("s") and tokens[at - 1].end in ends):
            continue
        before = tokens[at - 1]
        if before.word in ("who", "that"):
            continue
        # `the last concert`, `a long wait`: behind an article it is a noun.
        if before.word in _ARTICLES or before.word in ("to", "of"):
            continue
        if before.end in ends or token.word.endswith("s") or (people and before.word.endswith("ly")):
            return True
        if token.word in ("is", "are", "was", "were", "must", "can", "has", "have"):
            return True
    return False


def is_wish(sentence: str) -> bool:
    """It asks for something, or says only how it is to be told."""
    words = words_in(sentence)
    return bool(words) and (words[0] in _WISHING or not telling(words))


def brief_of(sentence: str, people: Sequence[Mention]) -> int:
    """Where its first half ends: behind what is done and to whom, before where, when and why."""
    tokens = tokens_of(sentence)
    done = next((at for at, token in enumerate(tokens) if at and _is_done(tokens, at, people)), None)
    if done is None:
        return len(sentence)
    for at in range(done + 2, len(tokens)):
        word = tokens[at].word
        inside = any(mention.start < tokens[at].start < mention.end for mention in people)
        if inside or at + 1 == len(tokens):
            continue
        timed = word == "the" and tokens[at + 1].word in ("night", "day", "morning", "moment", "evening", "year")
        if word in _ADJUNCTS or timed:
            return tokens[at - 1].end
    return len(sentence)


def _is_done(tokens: Sequence[Token], at: int, people: Sequence[Mention]) -> bool:
    inside = any(mention.start <= tokens[at].start < mention.end for mention in people)
    return tokens[at].word in verbs() and not inside and tokens[at - 1].word not in _ARTICLES


def phrases_of(body: str, people: Sequence[Mention]) -> list[Phrase]:
    """In order: people, things and places with what describes them, and what somebody does with who does it."""
    found: list[Phrase] = []
    offset = 0
    for sentence in sentences_in(body):
        offset = max(offset, body.find(sentence, offset))
        inside = [
            (mention.start - offset, mention.end - offset)
            for mention in people
            if offset <= mention.start and mention.end <= offset + len(sentence)
        ]
        tokens = tokens_of(sentence)
        found += _phrases(tokens[is_wish(sentence) :], sentence, inside)
    return [phrase for phrase in found if phrase.clause or _is_thing(phrase.text)]


def _is_thing(text: str) -> bool:
    """Something that can be spoken of: not what is left of `afraid of`."""
    words = text.split()
    return len(words) > 1 + (words[0] == "the" and words[-1].endswith(("ed", "ing"))) or text[:1].isupper()


def _phrases(tokens: Sequence[Token], line: str, people: Sequence[tuple[int, int]]) -> list[Phrase]:
    found: list[Phrase] = []
    noun_at: int | None = None
    at = 0
    while at < len(tokens):
        word = tokens[at].word
        if _is_verb(tokens, at, people):
            last = _reach(tokens, at + 1, line, people)
            first = noun_at if noun_at is not None else at
            if last > at or first < at:
                text = line[tokens[first].start : tokens[last].end]
                found.append(Phrase(_plain(text), _stems(text), clause=first < at))
            at, noun_at = last + 1, None
            continue
        if word in STOP and word not in _ARTICLES:
            at, noun_at = at + 1, None
            continue
        last = _reach(tokens, at, line, people)
        if last < at:
            at += 1
            continue
        text = line[tokens[at].start : tokens[last].end]
        if words := _stems(text):
            found.append(Phrase(_plain(text), words, clause=False))
            noun_at = at
        at = last + 1
    return found


def _is_verb(tokens: Sequence[Token], at: int, people: Sequence[tuple[int, int]]) -> bool:
    word = tokens[at].word
    if any(start <= tokens[at].start < end for start, end in people) or word in STOP:
        return False
    before = tokens[at - 1].word if at else ""
    if before in _ARTICLES or before in ("to", "of"):
        return False
    return word in verbs() and (word.endswith("s") or at == 0 or bool(people))


def _reach(tokens: Sequence[Token], first: int, line: str, people: Sequence[tuple[int, int]]) -> int:
    """The last word of the noun phrase that begins here; one before it where none does."""
    last = first - 1
    for at in range(first, min(first + _MOST_PHRASE, len(tokens))):
        word = tokens[at].word
        if at > first:
            if line[tokens[at - 1].end : tokens[at].start].strip() or word in _ARTICLES:
                break
            behind_people = any(end == tokens[at - 1].end for _, end in people)
            if word in verbs() and (behind_people or (word.endswith("s") and tokens[at - 1].word not in _ARTICLES)):
                break
        if word in STOP and word not in _ARTICLES:
            break
        last = at
    return last if last >= first and tokens[last].word not in _ARTICLES else first - 1


def _plain(text: str) -> str:
    """With `the` for any other article, since it has been told of."""
    first, _, rest = text.partition(" ")
    if first.lower() in _ARTICLES and rest:
        return f"the {rest}"
    # `two brothers`, `one last concert`: the number is gone with the words that say nothing.
    known = rest or first in kinds_of_people() or first.removesuffix("s") in kinds_of_people() or first in things()
    return f"the {text}" if text[:1].islower() and known else text


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_in(text) if word not in STOP)
