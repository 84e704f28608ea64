"""Who stands in a prompt: nouns that mean people, how many, what they are called, she or he."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from reveille.agents.film.lexicon import entries, kinds_of_people, verbs, wordlist
from reveille.agents.film.telltale import STOP
from reveille.agents.film.wording import WORD

MOST: Final = 4
_NUMBERS: Final = {"two": 2, "three": 3, "four": 4, "both": 2, "several": 3, "some": 2, "five": 4, "six": 4}
_SINGLE: Final = wordlist("articles")
_OWNERS: Final = frozenset(["his", "her", "their", "my", "our", "its", "your"])
_PRONOUNS: Final = {"she": "she", "her": "she", "hers": "she", "herself": "she"} | {
    "he": "he", "him": "he", "his": "he", "himself": "he",
}  # fmt: skip
# In front of a name they make it a place's.
_PLACING: Final = wordlist("placing")
_CALLED: Final = frozenset({"named", "called"})
_MOST_ADJECTIVES: Final = 4
_IRREGULAR: Final = {"men": "man", "women": "woman", "children": "child", "thieves": "thief", "wives": "wife"}
_DAYS_AND_MONTHS: Final = wordlist("calendar")


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """role: without its article (`estranged son`), "" where there is only a name. many: as a group is called.

    end: where the name can be put.
    """

    role: str
    noun: str
    kind: str
    gender: str
    count: int
    many: str
    name: str
    owned: bool
    start: int
    end: int


def tokens_of(text: str) -> list[Token]:
    return [
        Token(found[0], found[0].lower().replace("\u2019", "'"), found.start(), found.end())
        for found in WORD.finditer(text)
    ]


def people_in(text: str) -> list[Mention]:
    """In order, each noun and each name once, a group as its members."""
    tokens = tokens_of(text)
    # In other languages any noun may have a capital.
    named = any(token.word in STOP for token in tokens)
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        mention, length = _mention_at(tokens, at, text)
        if mention is not None and (mention.role or named) and not any(_is_same(mention, other) for other in found):
            found.append(mention)
        at += max(1, length)
    return [_gendered(mention, tokens, found) for mention in found]


def _is_same(one: Mention, other: Mention) -> bool:
    return one.name == other.name if one.name else one.noun == other.noun


def _mention_at(tokens: Sequence[Token], at: int, text: str) -> tuple[Mention | None, int]:
    for length in (2, 1):
        if at + length > len(tokens) or (length == 2 and _gap(tokens, at, text)):
            continue
        phrase = " ".join(token.word for token in tokens[at : at + length])
        noun, plural = _singular(phrase)
        if not noun:
            continue
        last = at + length - 1
        if not _gap(tokens, last, text) and _describes(tokens[last + 1], plural=plural):
            return None, length
        if at and tokens[at].word in verbs() and _singular(tokens[at - 1].word)[0] and not _gap(tokens, at - 1, text):
            return None, length
        first, owner = _phrase_start(tokens, at, text)
        # `the outlaw he once called a friend` is one person.
        if first < at and first and tokens[first - 1].word in _CALLED and tokens[first].word in _SINGLE:
            return None, length
        if noun in verbs() and first == at:
            return None, length
        name, end = _name_behind(tokens, last, text)
        kind, gender = kinds_of_people().get(noun, ("traveller", "any"))
        number = tokens[first].word if first < at else ""
        begin = first + 1 if number in _SINGLE or number in _NUMBERS else first
        role = " ".join(token.text for token in tokens[begin:at])
        members = len(entries("groups").get(phrase, ())) or (_NUMBERS.get(number, 2) if plural else 1)
        mention = Mention(
            role=f"{role} {noun}".strip(),
            noun=phrase if phrase in entries("groups") else noun,
            kind=kind,
            gender=gender,
            count=members,
            many=f"{role} {phrase}".strip() if plural else "",
            name=name,
            owned=owner,
            start=tokens[first].start,
            end=end,
        )
        return mention, length
    return _name_alone(tokens, at, text), 1


def _describes(behind: Token, *, plural: bool) -> bool:
    """`a taxi driver`, `the baby monitor`: the last noun says what it is. `A chef cooks` says what somebody does."""
    word = behind.word
    if word in verbs() or word in STOP or word in wordlist("adjuncts"):
        return False
    if _singular(word)[0]:
        return True
    return not plural and behind.text.islower() and not word.endswith(("s", "ed", "ing", "ly"))


def _singular(phrase: str) -> tuple[str, bool]:
    """The noun of people that it is, and whether it is many of them; "" where it is none."""
    known = kinds_of_people()
    if phrase in entries("groups"):
        return entries("groups")[phrase][0], True
    if phrase in known:
        return phrase, False
    if phrase in _IRREGULAR:
        return _IRREGULAR[phrase], True
    for ending, instead in (("ies", "y"), ("es", ""), ("s", ""), ("men", "man"), ("women", "woman")):
        if phrase.endswith(ending) and (noun := f"{phrase[: -len(ending)]}{instead}") in known:
            return noun, True
    return "", False


def _phrase_start(tokens: Sequence[Token], at: int, text: str) -> tuple[int, bool]:
    """Back over what describes it, to its article, its number or its owner."""
    first = at
    for before in range(at - 1, max(-1, at - 2 - _MOST_ADJECTIVES), -1):
        word = tokens[before].word
        if _gap(tokens, before, text):
            break
        if word in _SINGLE or word in _NUMBERS:
            return before, word in _OWNERS
        if word in STOP or (word in verbs() and not word.endswith(("ed", "ing"))):
            break
        first = before
    return (first if first == at or tokens[first].text[:1].islower() or first == 0 else at), False


def _gap(tokens: Sequence[Token], at: int, text: str) -> bool:
    """Whether more than blanks stand behind this word."""
    return at + 1 >= len(tokens) or bool(text[tokens[at].end : tokens[at + 1].start].strip())


def _name_behind(tokens: Sequence[Token], last: int, text: str) -> tuple[str, int]:
    """`Detective Ruiz`, `her son Tom`, `a chef named Luca`, `a chef, Luca,`."""
    at, end = last, tokens[last].end
    if not _gap(tokens, at, text) and tokens[at + 1].word in _CALLED:
        at += 1
    elif at + 1 < len(tokens) and text[tokens[at].end : tokens[at + 1].start] == ", " and _is_name(tokens[at + 1]):
        after = text[tokens[at + 1].end : tokens[at + 1].end + 1]
        return (tokens[at + 1].text, tokens[at + 1].end) if after in (",", ".", "") else ("", end)
    elif _gap(tokens, at, text):
        return "", end
    if at + 1 < len(tokens) and _is_name(tokens[at + 1]):
        return tokens[at + 1].text, tokens[at + 1].end
    return "", end


def _name_alone(tokens: Sequence[Token], at: int, text: str) -> Mention | None:
    token = tokens[at]
    if not _is_name(token) or (at and tokens[at - 1].word in _PLACING):
        return None
    begins = at == 0 or bool(re.search(r"[.!?:\n][\"')\u201d]?\s*$", text[: token.start]))
    if begins and not _is_subject(tokens, at):
        return None
    if not begins and at and tokens[at - 1].text[:1].isupper() and not _gap(tokens, at - 1, text):
        return None
    return Mention(
        role="",
        noun="",
        kind="traveller",
        gender=_gender_of_name(token.text),
        count=1,
        many="",
        name=token.text,
        owned=False,
        start=token.start,
        end=token.end,
    )


def _is_name(token: Token) -> bool:
    word = token.word
    plain = token.text[1:].replace("-", "").replace("'", "")
    return (
        token.text[:1].isupper()
        and len(word) > 1
        and (plain.islower() or not plain.isascii())
        and not word.endswith("'s")
        and word not in STOP
        and word not in _DAYS_AND_MONTHS
        and not _singular(word)[0]
    )


def _is_subject(tokens: Sequence[Token], at: int) -> bool:
    """At the beginning any word is capital: there a name is what does something, or stands beside another one."""
    if at + 1 >= len(tokens) or tokens[at].word in verbs():
        return False
    behind = tokens[at + 1]
    return behind.word in verbs() or (behind.word == "and" and at + 2 < len(tokens) and _is_name(tokens[at + 2]))


@cache
def _known_names() -> dict[str, str]:
    return {name: gender for gender, names in entries("names").items() for name in names}


def _gender_of_name(name: str) -> str:
    return _known_names().get(name) or ("she" if name.endswith(("a", "ie", "elle", "ine", "ah")) else "any")


def _gendered(mention: Mention, tokens: Sequence[Token], others: Sequence[Mention]) -> Mention:
    """By the pronoun behind it, where nobody else comes between who could be meant, or nobody else can be meant."""
    if mention.gender != "any" or mention.count > 1:
        return mention
    spoken = {_PRONOUNS[token.word] for token in tokens if token.word in _PRONOUNS}
    free = spoken - {other.gender for other in others}
    if len(free) == 1 and mention is next(other for other in others if other.gender == "any"):
        return replace(mention, gender=free.pop())
    until = min((other.end for other in others if other.start > mention.end), default=len(tokens) and tokens[-1].end)
    for token in tokens:
        if mention.end <= token.start <= until and token.word in _PRONOUNS:
            return replace(mention, gender=_PRONOUNS[token.word])
    return mention
