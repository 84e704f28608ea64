"""A theme that nobody has thought of before, made of the words that ask for it."""

import hashlib
from collections.abc import Sequence
from itertools import dropwhile, takewhile
from typing import Final

from reveille.agents.party.catalogue import Theme
from reveille.agents.reading import clean, folded

# What is said of any party, and of none in particular.
_SAYS_NOTHING: Final = frozenset(
    folded(
        """a about adults all am an and another any are as at be been best big birthday boss boy boys brother but
        by can celebrate celebration change child children class colleagues colour colours cool could coworkers
        dad daughter day decor decorate decorated decoration decorations different do does don else evening
        event everybody everyone family father few find for friends from fun gathering get girl girls give go
        going good great guest guests had has have he help her him his host hosting how husband i idea ideas if
        in instead is it its just kid kids kind let lets like little looking love lovely loves make many maybe
        me mom month more mother mum my need new next nice night no not now of ok okay old on one or other our
        own party people pick plan planning please rather really she should sister small so some somebody
        someone something son surprise team than thanks that the their them then there they thing think this
        throw to today tomorrow turning turns two us very want wants we week what whole wife will wish with
        without work would year years yes you your"""
    ).split()
)
# What names a theme, before it or behind: `a steampunk theme`, `the theme is steampunk`.
_THEME: Final = frozenset({"theme", "themed", "themes", "style", "styled"})
_LEADING: Final = frozenset({"is", "of", "be", "should", "around", "about", "like", "called", "will"})
_MOST_WORDS: Final = 4
_PALETTES: Final = (
    ("brass", "deep teal", "cream", "charcoal"),
    ("terracotta", "sage", "ivory", "mustard"),
    ("cobalt", "white", "coral", "sand"),
    ("plum", "copper", "blush", "slate"),
    ("forest green", "gold", "walnut", "linen"),
    ("sky blue", "lemon", "white", "navy"),
)
# Words that name a colour, or make everybody think of one.
_COLOURS: Final = {
    **{name: name for name in ("red", "green", "blue", "yellow", "pink", "purple", "black", "white", "gold", "silver")},
    "steampunk": "brass",
    "forest": "forest green",
    "desert": "sand",
    "fire": "flame orange",
    "water": "aqua",
    "coffee": "coffee brown",
    "flower": "petal pink",
    "flowers": "petal pink",
    "autumn": "rust",
    "spring": "fresh green",
}
_MOODS: Final = ("playful", "curious", "relaxed", "bold", "elegant", "energetic")


def composed(texts: Sequence[str]) -> Theme | None:
    """Of the last text that has words to go by; None where none has."""
    for text in reversed(texts):
        if named := _named(_words(text)):
            return _theme(named[:_MOST_WORDS])
    return None


def _named(words: Sequence[str]) -> list[str]:
    """What stands next to the word `theme`, or else all words that say something."""
    at = next((at for at, word in enumerate(words) if word in _THEME), None)
    if at is None:
        return [word for word in words if _says_something(word)]
    before = list(takewhile(_says_something, reversed(words[:at])))[::-1]
    behind = list(dropwhile(_LEADING.__contains__, words[at + 1 :]))
    if before or len(behind) == len(words) - at - 1:
        return before
    return list(takewhile(_says_something, dropwhile({"a", "an", "the"}.__contains__, behind)))


def _says_something(word: str) -> bool:
    return word not in _SAYS_NOTHING and word not in _THEME and not word[0].isdigit()


def _theme(words: Sequence[str]) -> Theme:
    name = clean(" ".join(words), 60)
    # The same words make the same theme, wherever and whenever.
    number = int.from_bytes(hashlib.sha256(name.encode(errors="replace")).digest()[:4])
    named = [_COLOURS[word] for word in words if word in _COLOURS]
    palette = _PALETTES[number % len(_PALETTES)]
    first = clean(words[0], 30)
    return Theme(
        name=name,
        title=f"{name[:1].upper()}{name[1:]}",
        words=(),
        colours=tuple(dict.fromkeys((*named, *palette)))[:4],
        mood=_MOODS[number // 7 % len(_MOODS)],
        ages=(0, 120),
        setting="any",
        decorations=(
            (f"{name} photo wall", 40),
            (f"table sign lettered {name!r}", 8),
            (f"garland of {first} cut-outs", 8),
            (f"{first} centrepiece", 10),
        ),
        activities=(
            (f"{name} costume contest", "all"),
            (f"{name} quiz", "all"),
            (f"{first} treasure hunt", "kids"),
            (f"the best {name} story of the evening", "adults"),
        ),
        designs=(f"{first} motifs in {(*named, *palette)[0]}", f"the words {name!r} piped on top"),
        flavours=("vanilla", "chocolate"),
        entertainment=("games host", "photo booth"),
    )


def _words(text: str) -> list[str]:
    """Letters of any script, without marks; longer than what is left of `don't`."""
    letters = "".join(letter if letter.isalnum() else " " for letter in folded(text).replace(":", " is "))
    return [clean(word, 30) for word in letters.split() if len(word) > 1 or not word.isascii()]
