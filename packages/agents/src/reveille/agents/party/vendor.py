"""The vendor agent: balloons, pictures and entertainment, each booked where it was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.party.amounts import counted
from reveille.agents.party.catalogue import EVERYWHERE, Vendor, vendors
from reveille.agents.party.findings import Findings, Option, over_budget, told
from reveille.agents.party.wishes import Wishes, text_in, texts_in, wishes_of
from reveille.agents.reading import Vocabulary, vocabulary, words_of
from reveille.agents.task import Task

_MOST_BOOKED: Final = 6
_MOST_ALTERNATIVES: Final = 2
_USUAL_GUESTS: Final = 20
# Somebody who looks after guests one by one needs help where there are more.
_EACH: Final[Mapping[str, int]] = {"face painter": 25, "caricaturist": 40, "photo booth": 120}
# The others: for more guests it takes a second show, a larger sound system, more tables to deck.
_USUALLY_EACH: Final = 60
_HELPER: Final = 0.5
_KINDS: Final[Mapping[str, Sequence[str]]] = {
    "balloons": ("balloon", "balloon arch", "balloon artist", "balloon twister", "helium"),
    "photography": ("photographer", "photo", "photograph", "picture", "camera", "video", "videographer"),
    "photo booth": ("photobooth", "selfie station"),
    "magician": ("magic", "magic show", "illusionist", "conjurer", "conjuror"),
    "clown": ("jester",),
    "face painter": ("face painting", "face paint", "facepaint", "facepainting", "glitter tattoo"),
    "dj": ("disc jockey", "deejay", "music", "dance music"),
    "band": ("live music", "musician", "live band", "singer", "mariachi", "orchestra"),
    "animals": ("animal", "petting zoo", "pony ride", "reptile", "pony"),
    "science show": ("science", "experiment", "mad scientist"),
    "character performer": ("character", "actor", "performer", "mascot", "princess visit", "superhero visit"),
    "storyteller": ("story", "storytelling", "puppet", "puppet show", "puppeteer"),
    "caricaturist": ("caricature", "portrait artist"),
    "games host": ("games", "game", "host", "master of ceremony", "quiz master", "animator"),
    "bouncy castle": ("bounce house", "bouncy", "inflatable", "jumping castle"),
    "florist": ("flower", "floral", "bouquet"),
}
# Where only `entertainment` was asked for, the theme says which; without one, what most like.
_ENTERTAINMENT: Final = "entertainment"
_USUAL_ENTERTAINMENT: Final = ("magician", "games host")
_ENTERTAINERS: Final = frozenset(_KINDS) - {"balloons", "photography", "photo booth", "florist"}
_USUAL: Final = ("balloons", "photography")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """cheapest: where what pleases most would be too dear."""

    city: str
    theme: str
    age: int | None
    guests: int
    cheapest: bool = False


async def find_vendors(task: Task, context: Context) -> dict[str, Any]:
    """`{bookings: [{kind, vendor, city, price, score, reason, alternatives}], money, …}`, one booking for each kind."""
    wishes = wishes_of(task)
    findings = Findings()
    search = _search(wishes, findings)
    kinds = _wanted(wishes, findings)
    left_out = kinds[_MOST_BOOKED:]
    allowed = wishes.allowance("vendor", guests=search.guests)
    if allowed is not None and sum(_price(_ranked(kind, search)[0], search)["min"] for kind in kinds) > allowed[0]:
        search = replace(search, cheapest=True)
    bookings = [_booked(kind, search, findings) for kind in kinds[:_MOST_BOOKED]]
    if left_out:
        others = ", ".join(map(_called, left_out))
        findings.recommend("medium", f"{others} asked for too: {_MOST_BOOKED} are enough for one party")
    money = {side: sum(booking["price"][side] for booking in bookings) for side in ("min", "max")}
    if allowed is None:
        findings.assume("no limit to the price: nobody said what it may cost", doubt=0.05)
    over_budget(findings, "what was asked for", money, allowed)
    _cheaper(bookings, money, allowed, findings)
    if wishes.day is not None:
        findings.recommend("medium", f"ask all of them whether {wishes.day.isoformat()} is free")
    named = ", ".join(f"{booking['vendor']} ({_called(booking['kind'])})" for booking in bookings) or "nobody"
    result = findings.result(
        f"{named} for {counted(search.guests, 'guest')}: {money['min']} to {money['max']}"
        if bookings
        else "nobody is booked: everything was refused",
        bookings=bookings,
        fits=all(booking["fits"] for booking in bookings),
        money=money,
        pick=_first(bookings),
        alternatives=[one for booking in bookings for one in booking["alternatives"]][:3],
    )
    return await told(result, wishes.texts, context)


def _search(wishes: Wishes, findings: Findings) -> _Search:
    place = wishes.result_of("venue").get("venue")
    if wishes.guests is None:
        findings.assume(f"{_USUAL_GUESTS} guests: nobody said how many come", doubt=0.05)
    else:
        findings.because(f"reckoned for {counted(wishes.guests, 'guest')}")
    city = wishes.city or (text_in(place, "city") if isinstance(place, Mapping) else "")
    if not city:
        findings.assume("vendors who travel: nobody said in which city", doubt=0.15)
        findings.recommend("high", "say in which city the party is")
    theme = text_in(wishes.result_of("theme"), "theme")
    if not theme:
        findings.assume("no theme: the plan has none yet", doubt=0.05)
    return _Search(city=city, theme=theme, age=wishes.age, guests=wishes.guests or _USUAL_GUESTS)


def _called(kind: str) -> str:
    return kind.upper() if kind == "dj" else kind


def _wanted(wishes: Wishes, findings: Findings) -> list[str]:
    """The kinds that were asked for and not refused; another entertainer `instead` takes the others' place."""
    wanted: list[str] = []
    refused: set[str] = set()
    for text in wishes.texts:
        # Asked for each by each, so that a later text can take back what an earlier one wanted.
        named = _words().chosen([text])
        refused |= {mention.key for mention in _words().mentions([text]) if mention.refused}
        refused -= set(named)
        if "instead" in words_of(text) and _ENTERTAINERS.intersection(named):
            wanted = [kind for kind in wanted if kind not in _ENTERTAINERS and kind != _ENTERTAINMENT]
        wanted = [kind for kind in dict.fromkeys((*wanted, *named)) if kind not in refused]
    for kind in wanted:
        findings.because(f"somebody asked for {_called(kind)}")
    if _ENTERTAINMENT in wanted:
        wanted.remove(_ENTERTAINMENT)
        if not _ENTERTAINERS.intersection(wanted):
            wanted += _entertainment(wishes, refused, findings)
    if not wanted and not refused:
        wanted = list(_USUAL)
        findings.assume(f"{' and '.join(_USUAL)}: nobody said which vendors", doubt=0.25)
    return wanted


def _entertainment(wishes: Wishes, refused: set[str], findings: Findings) -> list[str]:
    theme = wishes.result_of("theme")
    liked = [kind for kind in texts_in(theme, "entertainment") if kind in _ENTERTAINERS] or list(_USUAL_ENTERTAINMENT)
    kind = next((one for one in liked if one not in refused), "games host")
    findings.assume(f"{kind} as entertainment: it goes with {text_in(theme, 'theme') or 'any party'}", doubt=0.1)
    return [kind]


def _booked(kind: str, search: _Search, findings: Findings) -> dict[str, Any]:
    ranked = _ranked(kind, search)
    best = ranked[0]
    fits_age = search.age is None or best.ages[0] <= search.age <= best.ages[1]
    if not fits_age:
        findings.recommend(
            "medium",
            f"{_called(kind)} is for ages {best.ages[0]} to {best.ages[1]}, and the guest of honour is {search.age}",
        )
        findings.doubt(0.1)
    if search.theme in best.themes:
        findings.because(f"{best.name} does {search.theme} themes")
    if search.city and best.city == EVERYWHERE:
        findings.recommend(
            "low",
            f"{best.name} travels to {search.city}: nobody there suits better; the price has the journey in it",
        )
        findings.doubt(0.05)
    option = _option(best, search)
    others = [_option(vendor, search) for vendor in ranked[1 : 1 + _MOST_ALTERNATIVES]]
    return {
        "kind": kind,
        "vendor": best.name,
        "city": option.shown["city"],
        "price": option.shown["price"],
        "score": round(option.score, 2),
        "reason": option.reason,
        "fits": fits_age,
        "alternatives": [{"kind": kind, **other.as_json()} for other in others],
    }


def _ranked(kind: str, search: _Search) -> list[Vendor]:
    """Those who work in the city or travel to it, and then all others."""

    def rank(vendor: Vendor) -> tuple[bool, float, float, str]:
        price = _price(vendor, search)["min"] if search.cheapest else 0
        return vendor.city not in (search.city, EVERYWHERE), price, -_score(vendor, search), vendor.name

    return sorted(_of_kind()[kind], key=rank)


def _score(vendor: Vendor, search: _Search) -> float:
    near = 1.0 if vendor.city == search.city else 0.5 if vendor.city == EVERYWHERE else 0.0
    theme = 1.0 if search.theme in vendor.themes else 0.4
    age = 1.0 if search.age is None or vendor.ages[0] <= search.age <= vendor.ages[1] else 0.0
    price = 1 / (1 + vendor.price[0] / 300)
    return 0.4 * near + 0.25 * theme + 0.15 * age + 0.2 * price


def _price(vendor: Vendor, search: _Search) -> dict[str, int]:
    helpers = -(-search.guests // _EACH.get(vendor.kind, _USUALLY_EACH)) - 1
    factor = 1 + _HELPER * helpers
    return {"min": int(vendor.price[0] * factor), "max": int(vendor.price[1] * factor)}


def _option(vendor: Vendor, search: _Search) -> Option:
    price = _price(vendor, search)
    city = (search.city or "any city") if vendor.city == EVERYWHERE else vendor.city
    way = f"comes to {city}" if vendor.city == EVERYWHERE else f"in {city}"
    knows = f", knows the theme {search.theme}" if search.theme in vendor.themes else ""
    reason = f"{way}{knows}, {price['min']} to {price['max']}"
    return Option(name=vendor.name, score=_score(vendor, search), reason=reason, shown={"city": city, "price": price})


def _cheaper(
    bookings: Sequence[Mapping[str, Any]], money: Mapping[str, int], allowed: tuple[int, str] | None, findings: Findings
) -> None:
    """Which booking to give up where all together are too dear."""
    if allowed is not None and money["min"] > allowed[0] and len(bookings) > 1:
        dearest = max(bookings, key=lambda booking: booking["price"]["min"])
        saved = dearest["price"]["min"]
        findings.recommend("high", f"without {dearest['vendor']} ({dearest['kind']}) it costs {saved} less")


def _first(bookings: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not bookings:
        return None
    first = bookings[0]
    return {"name": first["vendor"], **{name: first[name] for name in ("kind", "score", "reason", "city", "price")}}


@cache
def _of_kind() -> Mapping[str, tuple[Vendor, ...]]:
    return {kind: tuple(vendor for vendor in vendors() if vendor.kind == kind) for kind in _KINDS}


@cache
def _words() -> Vocabulary:
    return vocabulary({**_KINDS, _ENTERTAINMENT: ("entertain", "entertainer", "fun program", "show")})
