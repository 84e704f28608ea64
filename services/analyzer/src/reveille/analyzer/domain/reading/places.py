"""Where it is: a city that is known, or `in <Capitalised Words>`."""

from collections.abc import Iterator
from typing import Final

from reveille.analyzer.domain.reading.listing import words
from reveille.analyzer.domain.reading.passage import NOTHING, PERHAPS, PLAIN, Passage, Read
from reveille.analyzer.domain.reading.tokens import folded

_NAMES: Final = """
    Austin, Dallas, Houston, San Antonio, Chicago, New York, Los Angeles, San Francisco, Seattle, Boston,
    Miami, Denver, Portland, Atlanta, London, Berlin, Munich, Paris, Philadelphia, Phoenix, San Diego, San
    Jose, Las Vegas, Nashville, New Orleans, Minneapolis, Detroit, Baltimore, Charlotte, Orlando, Tampa,
    Sacramento, Pittsburgh, Cleveland, Cincinnati, Kansas City, Salt Lake City, Fort Worth, El Paso,
    Oklahoma City, Milwaukee, Columbus, Indianapolis, Honolulu, Toronto, Vancouver, Montreal, Hamburg,
    Cologne, Frankfurt, Stuttgart, Vienna, Zurich, Geneva, Amsterdam, Brussels, Madrid, Barcelona, Lisbon,
    Rome, Milan, Dublin, Edinburgh, Manchester, Birmingham, Glasgow, Copenhagen, Stockholm, Oslo, Helsinki,
    Prague, Warsaw, Budapest, Athens, Sydney, Melbourne, Tokyo, Singapore, Dubai, Mumbai, Mexico City
"""
_CITIES: Final = tuple(" ".join(name.split()) for name in _NAMES.split(","))
_ALIASES: Final = {
    "new york city": "New York",
    "nyc": "New York",
    "manhattan": "New York",
    "brooklyn": "New York",
    "sf": "San Francisco",
    "san fran": "San Francisco",
    "san fransisco": "San Francisco",
    "la": "Los Angeles",
    "munchen": "Munich",
    "muenchen": "Munich",
    "koln": "Cologne",
    "koeln": "Cologne",
    "wien": "Vienna",
    "roma": "Rome",
    "milano": "Milan",
    "vegas": "Las Vegas",
    "philly": "Philadelphia",
    "chi town": "Chicago",
    "atx": "Austin",
}
KNOWN: Final = {**{folded(name): name for name in _CITIES}, **_ALIASES}
_LONGEST: Final = max(len(name.split()) for name in KNOWN)
# Only in capitals: `la` is an article, and `sf` may be anything.
_CAPITALS: Final = frozenset({"la", "sf"})
_BEFORE: Final = frozenset(
    words("""in near around downtown central at greater outside within from to north south east west""")
)
# A Paris theme is not in Paris, and Austin may be who is turning seven.
_NOT_AFTER: Final = frozenset(
    words(
        """theme themed themes style styled inspired turns turning is will wants loves likes has skyline bus bridge
        cheesesteak cheesecake pizza decor decorations vibe vibes and"""
    )
)
_NO_CITIES: Final = frozenset(
    words(
        """the a an our my texas california florida colorado oregon washington illinois georgia massachusetts usa us
        america germany france england uk spain italy europe english spanish french german person total general
        advance addition may june july august january february march april september october november december
        spring summer autumn fall winter monday tuesday wednesday thursday friday saturday sunday case front time
        english"""
    )
)
_MOST_WORDS: Final = 3
MOST_LETTERS: Final = 60


def read(passage: Passage) -> Read:
    """The last of those that it says most plainly: from Dallas, the party is in Austin."""
    best = NOTHING
    at = 0
    while at < len(passage.tokens):
        found = _known(passage, at) or _unknown(passage, at)
        if found is None:
            at += 1
            continue
        if best.value is None or found.rank >= best.rank:
            best = found
        at = max(found.used) + 1
    return best


def given(passage: Passage) -> str | None:
    """Any name; one that is known in its usual spelling."""
    texts = [token.text for token in passage.tokens if token.kind == "word"]
    raw = " ".join(token.raw for token in passage.tokens)
    if not texts or len(raw) > MOST_LETTERS or any(token.kind not in ("word", "break") for token in passage.tokens):
        return None
    return KNOWN.get(" ".join(texts), " ".join(token.raw for token in passage.tokens if token.kind == "word"))


def _known(passage: Passage, at: int) -> Read | None:
    for length in range(_LONGEST, 0, -1):
        words = passage.texts(at, at + length)
        name = KNOWN.get(" ".join(words)) if len(words) == length else None
        if name is None or (words[0] in _CAPITALS and not passage.tokens[at].raw.isupper()):
            continue
        end = at + length
        used = frozenset(range(at, end))
        if passage.text(at - 1) in _BEFORE:
            alike = passage.text(end) in ("theme", "themed", "style", "styled")
            return Read(name, PERHAPS if alike else PLAIN, used)
        if passage.text(end) in _NOT_AFTER or passage.tokens[end - 1].raw.endswith(("'s", "\u2019s")):
            return None
        return Read(name, PERHAPS, used)
    return None


def _unknown(passage: Passage, at: int) -> Read | None:
    """Words with capitals behind `in`, none of which means something else."""
    if passage.text(at) != "in" or passage.tokens[at].raw.isupper():
        return None
    if at + 1 < len(passage.tokens) and _known(passage, at + 1) is not None:
        return None
    places = list(_capitalised(passage, at + 1))
    if not places or passage.text(places[0]) in _NO_CITIES:
        return None
    if any(place in passage.named or place in passage.used for place in places):
        return None
    name = " ".join(passage.tokens[place].raw for place in places)
    return Read(name, PLAIN, frozenset(places)) if len(name) <= MOST_LETTERS else None


def _capitalised(passage: Passage, at: int) -> Iterator[int]:
    for place in range(at, at + _MOST_WORDS):
        if passage.kind(place) != "word" or not passage.tokens[place].raw[:1].isupper():
            return
        if place > at and passage.tokens[place].text in _NO_CITIES:
            return
        yield place
