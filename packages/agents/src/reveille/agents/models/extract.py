"""A summary made of a text's own sentences: those with the words that the text uses most."""

import re
from collections import Counter
from typing import Final

_SENTENCE: Final = re.compile(r"[^.!?\n]{1,1000}[.!?]*")
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_MOST: Final = 3
_READ: Final = 100_000


def summarise(text: str, max_characters: int) -> str:
    sentences = [found[0].strip() for found in _SENTENCE.finditer(text[:_READ]) if _WORD.search(found[0])]
    counts = Counter(word for sentence in sentences for word in _words(sentence))
    ranked = sorted(range(len(sentences)), key=lambda at: (-_weight(sentences[at], counts), at))
    kept: list[int] = []
    left = max_characters
    for at in ranked:
        if len(kept) < _MOST and len(sentences[at]) + 1 <= left:
            kept.append(at)
            left -= len(sentences[at]) + 1
    return " ".join(sentences[at] for at in sorted(kept)) or text.strip()[:max_characters]


def _words(sentence: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(sentence)]


def _weight(sentence: str, counts: Counter[str]) -> float:
    words = _words(sentence)
    return sum(counts[word] - 1 for word in set(words)) / (len(words) + 5)
