"""The words of a text that say what it is about."""

from collections.abc import Iterable
from typing import Final

from reveille.agents.film.lexicon import wordlist
from reveille.agents.film.wording import stem

# What holds a sentence together and is about nothing.
STOP: Final = wordlist("stop")
# What is said of the work and not in it.
OF_THE_WORK: Final = wordlist("of_the_work")


def telling(words: Iterable[str]) -> list[str]:
    """Those that say what it is about, each stem once."""
    found: dict[str, str] = {}
    for word in words:
        plain = word.removesuffix("'s")
        if plain not in STOP and plain not in OF_THE_WORK and (len(plain) > 2 or not plain.isascii()):
            found.setdefault(stem(plain), plain)
    return list(found.values())
