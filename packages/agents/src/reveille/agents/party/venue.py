"""The venue agent: where the party is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.party.amounts import counted
from reveille.agents.party.catalogue import Venue, cities, themes, venues
from reveille.agents.party.findings import Findings, Option, over_budget, told
from reveille.agents.party.venue_words import SETTINGS, feature_words, kind_words, setting_words
from reveille.agents.party.wishes import Wishes, text_in, wishes_of
from reveille.agents.task import Task

_USUAL_GUESTS: Final = 20
_HOURS: Final = 4
# For each guest, on top of the rent where it has to be cleaned and the party goes on for an hour.
_CLEANING: Final = 2
_MOST_ALTERNATIVES: Final = 3
_SETTINGS: Final[Mapping[str, str]] = {"indoor": "indoor", "outdoor": "outdoor", "both": "indoor and outdoor"}
# A place is pleasant where it is full to this part.
_WELL_FILLED: Final = 0.8
# Of what somebody asked for, and how much surer it is that nobody can do without.
_WEIGHTS: Final[Mapping[str, int]] = {"guests": 8, "date": 4, "setting": 3, "price": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """setting: indoor, outdoor, or "" where either will do. most: what it may cost."""

    guests: int
    city: str
    setting: str
    month: int
    most: int | None
    kinds: frozenset[str]
    features: frozenset[str]
    theme: str


async def find_venue(task: Task, context: Context) -> dict[str, Any]:
    """`{venue, fits, misses, fits_guests, money, …}`; where nothing fits, the nearest, and what would fit."""
    wishes = wishes_of(task)
    findings = Findings()
    allowed = wishes.allowance("venue", guests=wishes.guests or _USUAL_GUESTS, hours=_HOURS)
    search = _search(wishes, allowed, findings)
    known = not search.city or search.city in cities()
    here = [venue for venue in venues() if not search.city or venue.city == search.city] if known else list(venues())
    ranked = sorted(here, key=lambda venue: _rank(venue, search))
    best = ranked[0]
    if not known:
        return await told(_elsewhere(wishes, search, ranked, findings), wishes.texts, context)
    misses = _misses(best, search)
    money = _money(best, search.guests)
    _explain(best, search, misses, findings)
    over_budget(findings, best.name, money, allowed)
    fits_guests = "guests" not in misses
    where = f"{best.name} ({best.kind}, {_SETTINGS[best.setting]}) in {best.district}, {best.city}"
    short = f"; {_amiss(best, search, misses)}" if misses else ""
    result = findings.result(
        f"{where}: {best.capacity[0]} to {best.capacity[1]} guests,"
        f" {money['min']} to {money['max']} for {counted(search.guests, 'guest')}{short}",
        venue=_shown(best, search.guests),
        guests=wishes.guests,
        fits=not misses,
        misses=misses,
        fits_guests=fits_guests,
        would_fit=_would_fit(search) if misses else [],
        money=money,
        pick=_option(best, search).as_json(),
        alternatives=[_option(venue, search).as_json() for venue in ranked[1 : 1 + _MOST_ALTERNATIVES]],
    )
    return await told(result, wishes.texts, context)


def _search(wishes: Wishes, allowed: tuple[int, str] | None, findings: Findings) -> _Search:
    if wishes.guests is None:
        findings.assume(f"{_USUAL_GUESTS} guests: nobody said how many come", doubt=0.15)
    if not wishes.city:
        findings.assume("any city: nobody said where", doubt=0.2)
        findings.recommend("high", "say in which city the party is")
    if allowed is None:
        findings.assume("no limit to the price: nobody said what it may cost", doubt=0.05)
    settings = setting_words().latest(wishes.texts)
    refused = {mention.key for mention in setting_words().mentions(wishes.texts) if mention.refused}
    if not settings and len(refused) == 1:
        settings = [name for name in SETTINGS if name not in refused]
    theme = text_in(wishes.result_of("theme"), "theme")
    if not theme:
        findings.assume("no theme: the plan has none yet", doubt=0.05)
    return _Search(
        guests=wishes.guests or _USUAL_GUESTS,
        city=wishes.city,
        setting=settings[0] if len(settings) == 1 else "",
        month=wishes.day.month if wishes.day else 0,
        most=allowed[0] if allowed else None,
        kinds=frozenset(kind_words().latest(wishes.texts)),
        features=frozenset(feature_words().chosen(wishes.texts)),
        theme=theme,
    )


def _misses(venue: Venue, search: _Search) -> list[str]:
    """What somebody asked for and it has not; the worst first."""
    found = {
        "guests": not venue.capacity[0] <= search.guests <= venue.capacity[1],
        "date": search.month in venue.closed_months,
        "setting": search.setting not in ("", venue.setting) and venue.setting != "both",
        "price": search.most is not None and _money(venue, search.guests)["min"] > search.most,
    }
    return [name for name, missed in found.items() if missed]


def _amiss(venue: Venue, search: _Search, misses: Sequence[str]) -> str:
    """What is not as it was asked for, in words."""
    words = {
        "guests": "too small" if search.guests > venue.capacity[1] else f"let for {venue.capacity[0]} guests at least",
        "date": "closed then",
        "setting": f"not {search.setting}",
        "price": "too dear",
    }
    return " and ".join(words[name] for name in misses)


def _rank(venue: Venue, search: _Search) -> tuple[float, ...]:
    """The fewest misses; of the wrong size the nearest, of those too dear the cheapest, of those that fit the best."""
    misses = _misses(venue, search)
    price = _money(venue, search.guests)["min"] if "price" in misses else 0
    weight = sum(_WEIGHTS[name] for name in misses if name != "price")
    return weight, _gap(venue, search), price, -_score(venue, search)


def _gap(venue: Venue, search: _Search) -> int:
    return max(search.guests - venue.capacity[1], venue.capacity[0] - search.guests, 0)


def _score(venue: Venue, search: _Search) -> float:
    room = 1 - min(1.0, abs(_WELL_FILLED - search.guests / venue.capacity[1]))
    cost = _money(venue, search.guests)["min"]
    usual = search.most if search.most is not None else search.guests * 25
    price = 1 / (1 + cost / (usual or 1))
    theme = 1.0 if search.theme in venue.themes else 0.5 if _suits(venue, search.theme) else 0.2
    wanted = len(search.features) + bool(search.kinds)
    met = len(search.features.intersection(venue.features)) + (venue.kind in search.kinds)
    asked = met / wanted if wanted else 0.5
    score = 0.25 * room + 0.25 * price + 0.2 * theme + 0.3 * asked
    return score * 0.5 ** len(_misses(venue, search))


def _suits(venue: Venue, theme: str) -> bool:
    known = themes().get(theme)
    return known is not None and (known.setting == "any" or venue.setting in (known.setting, "both"))


def _money(venue: Venue, guests: int) -> dict[str, int]:
    rent = min(venue.per_event, venue.per_hour * _HOURS)
    return {"min": rent, "max": rent + venue.per_hour + _CLEANING * guests}


def _shown(venue: Venue, guests: int) -> dict[str, Any]:
    return {
        "name": venue.name,
        "city": venue.city,
        "district": venue.district,
        "kind": venue.kind,
        "setting": venue.setting,
        "indoor": venue.setting in ("indoor", "both"),
        "outdoor": venue.setting in ("outdoor", "both"),
        "capacity": {"min": venue.capacity[0], "max": venue.capacity[1]},
        "price": _money(venue, guests)["min"],
        "per_event": venue.per_event,
        "per_hour": venue.per_hour,
        "kitchen": venue.kitchen,
        "outside_catering": venue.outside_catering,
        "features": list(venue.features),
    }


def _option(venue: Venue, search: _Search) -> Option:
    misses = _misses(venue, search)
    price = _money(venue, search.guests)["min"]
    reason = f"{venue.kind} for up to {venue.capacity[1]}, {price}"
    if search.theme in venue.themes:
        reason += f", made for {search.theme}"
    if misses:
        reason += f"; {_amiss(venue, search, misses)}"
    shown = {"city": venue.city, "kind": venue.kind, "price": price, "capacity": venue.capacity[1], "fits": not misses}
    return Option(name=venue.name, score=_score(venue, search), reason=reason, shown=shown)


def _explain(venue: Venue, search: _Search, misses: Sequence[str], findings: Findings) -> None:
    least, most = venue.capacity
    findings.doubt(0.05 * sum(_WEIGHTS[name] for name in misses))
    if "guests" in misses:
        side = (
            f"{search.guests} guests are {search.guests - most} more than fit in {venue.name}"
            if search.guests > most
            else f"{venue.name} is let for {least} guests at least, and {search.guests} will come"
        )
        findings.recommend("high", f"{side}: see what would fit")
    else:
        findings.because(f"{counted(search.guests, 'guest')} of {most} that have room: {search.guests / most:.0%}")
    if search.theme in venue.themes:
        findings.because(f"{_a(venue.kind)} is made for the theme {search.theme}")
    if search.setting and "setting" in misses:
        findings.recommend("high", f"{venue.name} is {venue.setting}, and {search.setting} was asked for")
    elif search.setting:
        findings.because(f"it is {search.setting}, as asked for")
    if "date" in misses:
        findings.recommend(
            "high", f"{venue.name} is closed in month {search.month}: choose another day or a place inside"
        )
    elif venue.setting == "outdoor":
        findings.recommend(
            "medium", f"keep a tent or a place inside for {counted(search.guests, 'guest')} in case of rain"
        )
    for kind in sorted(search.kinds):
        if kind == venue.kind:
            findings.because(f"{_a(kind)} was asked for")
        else:
            findings.recommend("medium", f"no {kind} fits as well: {venue.name} is {_a(venue.kind)}")
    missing = sorted(search.features.difference(venue.features))
    if missing:
        findings.recommend("medium", f"ask {venue.name} about {', '.join(missing)}")
        findings.doubt(0.05)
    if not venue.outside_catering:
        findings.recommend("medium", f"{venue.name} lets in no other caterer: its own kitchen cooks")
    elif venue.kitchen == "none":
        findings.recommend("low", f"{venue.name} has no kitchen: the caterer brings everything")


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _would_fit(search: _Search) -> list[dict[str, Any]]:
    """The nearest in each of three cities, this one first, where everything but the price is as it was asked for."""
    found: dict[str, tuple[Any, Venue]] = {}
    for venue in venues():
        if not set(_misses(venue, search)) - {"price"}:
            rank = (venue.city != search.city, _rank(venue, search))
            if venue.city not in found or rank < found[venue.city][0]:
                found[venue.city] = (rank, venue)
    nearest = [venue for _, venue in sorted(found.values(), key=lambda one: one[0])]
    # Where nothing does, what comes nearest to so many guests.
    nearest = nearest or sorted(venues(), key=lambda venue: (_gap(venue, search), venue.city != search.city))
    return [_option(venue, search).as_json() for venue in nearest[:3]]


def _elsewhere(wishes: Wishes, search: _Search, ranked: Sequence[Venue], findings: Findings) -> dict[str, Any]:
    """Of a city that the catalogue has nothing in: what such a place costs elsewhere."""
    like = [venue for venue in ranked if not set(_misses(venue, search)) - {"price"}] or list(ranked[:10])
    costs = sorted(_money(venue, search.guests)["min"] for venue in like)
    money = {"min": costs[len(costs) // 4], "max": costs[len(costs) * 3 // 4] + _CLEANING * search.guests}
    findings.assume(f"a price as in other cities: the catalogue has no venue in {search.city}", doubt=0.6)
    findings.recommend(
        "high", f"look for a venue in {search.city} by hand, or choose one of {', '.join(cities()[:6])} and others"
    )
    return findings.result(
        f"no venue in {search.city} is known;"
        f" for {counted(search.guests, 'guest')} one would cost about {money['min']} to {money['max']}",
        venue=None,
        guests=wishes.guests,
        fits=False,
        misses=["city"],
        fits_guests=False,
        would_fit=[_option(venue, search).as_json() for venue in like[:3]],
        money=money,
        pick=None,
        alternatives=[_option(venue, search).as_json() for venue in like[:_MOST_ALTERNATIVES]],
    )
