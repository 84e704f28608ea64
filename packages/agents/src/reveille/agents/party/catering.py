"""The catering agent: what people eat, what it takes at the venue, and for how many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.party.amounts import counted
from reveille.agents.party.catalogue import KITCHENS, Menu, Offer, menus
from reveille.agents.party.findings import Findings, Option, over_budget, told
from reveille.agents.party.wishes import Wishes, text_in, wishes_of
from reveille.agents.reading import Vocabulary, vocabulary
from reveille.agents.task import Task

_USUAL_GUESTS: Final = 20
_MOST_ALTERNATIVES: Final = 3
# What is laid out for everybody to take from is taken unevenly.
_SPARE: Final[Mapping[str, int]] = {
    "buffet": 10,
    "brunch": 10,
    "taco bar": 10,
    "bbq": 10,
    "dessert table": 15,
    "salad bar": 10,
}
_USUAL_SPARE: Final = 5
# Styles whose word alone names no meal.
_NAMES: Final[Mapping[str, str]] = {
    "asian": "Asian food",
    "bbq": "barbecue",
    "indian": "Indian food",
    "kids menu": "kids' menu",
    "mediterranean": "Mediterranean food",
    "plated": "plated dinner",
}
# For each guest, and each step of kitchen that the caterer has to bring.
_EQUIPMENT: Final = 3
_BITES: Final[Mapping[str, int]] = {"finger food": 8, "dessert table": 3}
_USUAL_PIECES: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """kitchen: the venue's; "" where nobody knows."""

    guests: int
    styles: tuple[str, ...]
    diets: frozenset[str]
    kitchen: str
    most: int | None


_Choice = tuple[Menu, Offer]


async def plan_catering(task: Task, context: Context) -> dict[str, Any]:
    """`{style, caterer, menu, per_guest, portions, kitchen, leftovers, diets, money, …}`."""
    wishes = wishes_of(task)
    findings = Findings()
    allowed = wishes.allowance("catering", guests=wishes.guests or _USUAL_GUESTS)
    place = _place(wishes)
    table = _table(wishes, place, allowed, findings)
    ranked = _ranked(table)
    menu, offer = ranked[0]
    money = _money((menu, offer), table)
    portions = _portions(menu, table)
    kitchen = _kitchen(menu, table, place, findings)
    dishes = _dishes(menu, table, wishes)
    _explain(menu, offer, table, wishes, findings)
    over_budget(findings, f"{_called(menu.style)} for {table.guests}", money, allowed)
    eating = [f"{count} {diet}" for diet, count in sorted(wishes.diets.items()) if count]
    with_diets = f", {' and '.join(eating[:3])}" if eating else ""
    result = findings.result(
        f"{_called(menu.style)} by {offer.caterer} for {counted(table.guests, 'guest')}{with_diets}:"
        f" {money['min']} to {money['max']}",
        style=menu.style,
        caterer=offer.caterer,
        menu=dishes,
        per_guest={"min": offer.per_guest[0], "max": offer.per_guest[1]},
        guests=table.guests,
        portions=portions,
        diets={diet: wishes.diets[diet] for diet in sorted(wishes.diets)},
        kitchen=kitchen,
        leftovers=f"{counted(portions - table.guests, 'portion')} to spare: have boxes for them",
        fits=offer.min_guests <= table.guests and not _missing(menu, table),
        money=money,
        pick=_option((menu, offer), table).as_json(),
        alternatives=[_option(choice, table).as_json() for choice in _others(ranked)],
    )
    return await told(result, wishes.texts, context)


def _place(wishes: Wishes) -> Mapping[str, Any]:
    """The venue as its agent has told of it; empty where the plan has none."""
    place = wishes.result_of("venue").get("venue")
    return place if isinstance(place, Mapping) else {}


def _table(wishes: Wishes, place: Mapping[str, Any], allowed: tuple[int, str] | None, findings: Findings) -> _Table:
    if wishes.guests is None:
        findings.assume(f"{_USUAL_GUESTS} guests: nobody said how many come", doubt=0.15)
    if allowed is None:
        findings.assume("no limit to the price: nobody said what it may cost", doubt=0.05)
    kitchen = text_in(place, "kitchen")
    if kitchen not in KITCHENS:
        kitchen = ""
        findings.assume("the caterer finds what it needs: the plan has no venue whose kitchen is known", doubt=0.1)
    styles = _words().latest(wishes.texts)
    if not styles:
        findings.assume("any style: nobody said which", doubt=0.1)
    return _Table(
        guests=wishes.guests or _USUAL_GUESTS,
        styles=tuple(styles),
        diets=frozenset(wishes.diets),
        kitchen=kitchen,
        most=allowed[0] if allowed else None,
    )


def _ranked(table: _Table) -> list[_Choice]:
    """What was asked for, then what suits everybody, then what can be paid (else the cheapest), then the best."""

    def rank(choice: _Choice) -> tuple[float, ...]:
        menu, offer = choice
        cost = _money(choice, table)["min"]
        asked = table.styles.index(menu.style) if menu.style in table.styles else len(table.styles)
        too_few = max(0, offer.min_guests - table.guests)
        too_dear = cost if table.most is not None and cost > table.most else 0
        # A dessert table alone feeds nobody who asked for a meal.
        no_meal = menu.style == "dessert table" and menu.style not in table.styles
        return asked, no_meal, len(_missing(menu, table)), too_few, too_dear, -_score(choice, table)

    return sorted(((menu, offer) for menu in menus() for offer in menu.offers), key=rank)


def _others(ranked: Sequence[_Choice]) -> list[_Choice]:
    """The other caterer of the same style, and then one of each other style."""
    style = ranked[0][0].style
    taken, others = {style}, list[_Choice]()
    for menu, offer in ranked[1:]:
        if menu.style not in taken or (menu.style == style and not others):
            others.append((menu, offer))
            taken.add(menu.style)
    return others[:_MOST_ALTERNATIVES]


def _score(choice: _Choice, table: _Table) -> float:
    menu, offer = choice
    asked = 1.0 if menu.style in table.styles else 0.5 if not table.styles else 0.2
    kitchen = 1 - 0.4 * _lacking(menu, table)
    diets = 1 - len(_missing(menu, table)) / (len(table.diets) or 1)
    cost = _money(choice, table)["min"]
    price = 1 / (1 + cost / ((table.most if table.most is not None else table.guests * 25) or 1))
    enough = min(1.0, table.guests / offer.min_guests)
    return 0.35 * asked + 0.2 * kitchen + 0.2 * diets + 0.15 * price + 0.1 * enough


def _lacking(menu: Menu, table: _Table) -> int:
    """How many steps the venue's kitchen is short of what the menu takes."""
    return max(0, KITCHENS.index(menu.kitchen) - KITCHENS.index(table.kitchen)) if table.kitchen else 0


def _missing(menu: Menu, table: _Table) -> list[str]:
    """Diets for which there is not even two dishes."""
    return sorted(diet for diet in table.diets if sum(diet in suits for _, suits in menu.dishes) < 2)


def _portions(menu: Menu, table: _Table) -> int:
    spare = _SPARE.get(menu.style, _USUAL_SPARE)
    return table.guests + -(-table.guests * spare // 100)


def _money(choice: _Choice, table: _Table) -> dict[str, int]:
    """A caterer is paid for as many guests as it comes for at least."""
    menu, offer = choice
    paid = max(table.guests, offer.min_guests)
    equipment = _EQUIPMENT * _lacking(menu, table) * table.guests
    return {"min": offer.per_guest[0] * paid + equipment, "max": offer.per_guest[1] * paid + equipment}


def _dishes(menu: Menu, table: _Table, wishes: Wishes) -> list[dict[str, Any]]:
    """Of each so many portions that everybody finds one: of what suits a diet at least as many as keep it."""
    portions, pieces = _portions(menu, table), _BITES.get(menu.style, _USUAL_PIECES)
    share = -(-portions * pieces // len(menu.dishes))
    dishes = []
    for name, suits in menu.dishes:
        kept = {diet: wishes.diets[diet] for diet in suits if diet in wishes.diets}
        least = max((count for count in kept.values() if count), default=0)
        dishes.append(
            {
                "dish": name,
                "diets": list(suits),
                "for": [f"{count} {diet}" if count else diet for diet, count in kept.items()],
                "portions": max(share, min(least, table.guests)),
            }
        )
    return dishes


def _kitchen(menu: Menu, table: _Table, place: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    lacking = _lacking(menu, table)
    where = text_in(place, "name") or "the venue"
    if lacking:
        short = f"{where} has {_a_kitchen(table.kitchen)} and {_called(menu.style)} takes {_a_kitchen(menu.kitchen)}"
        findings.recommend("medium", f"{short}: the caterer brings it, {_EQUIPMENT * lacking} a guest")
        findings.doubt(0.05)
    elif table.kitchen:
        needed, there = _a_kitchen(menu.kitchen), _a_kitchen(table.kitchen)
        findings.because(f"{_called(menu.style)} takes {needed}, and {where} has {there}")
    if place.get("outside_catering") is False:
        findings.recommend(
            "high",
            f"{where} lets in no other caterer: ask its own kitchen for {_called(menu.style)}, or choose another venue",
        )
        findings.doubt(0.2)
    return {
        "needed": menu.kitchen,
        "venue": table.kitchen or None,
        "enough": not lacking,
        "brought": _EQUIPMENT * lacking * table.guests,
        "outside_catering": place.get("outside_catering") is not False,
    }


def _called(style: str) -> str:
    return _NAMES.get(style, style)


def _a_kitchen(kitchen: str) -> str:
    return {"none": "no kitchen", "warming": "a kitchen to warm up in", "full": "a full kitchen"}[kitchen]


def _explain(menu: Menu, offer: Offer, table: _Table, wishes: Wishes, findings: Findings) -> None:
    if menu.style in table.styles:
        findings.because(f"somebody asked for {_called(menu.style)}")
    findings.because(f"{offer.caterer} takes {offer.per_guest[0]} to {offer.per_guest[1]} a guest")
    for diet, count in sorted(wishes.diets.items()):
        fitting = [name for name, suits in menu.dishes if diet in suits]
        who = f"{count} {diet} guest{'s' if count != 1 else ''}" if count else f"{diet} guests"
        if len(fitting) < 2:
            findings.recommend(
                "high", f"ask {offer.caterer} for {diet} dishes: {_called(menu.style)} has {len(fitting)} for {who}"
            )
            findings.doubt(0.15)
        else:
            findings.because(f"{who}: {', '.join(fitting[:3])}")
        if count and count > table.guests:
            findings.recommend("medium", f"{who} are more than all {table.guests}: check the numbers")
            findings.doubt(0.1)
    if table.guests < offer.min_guests:
        come = counted(table.guests, "guest")
        findings.recommend("high", f"{offer.caterer} is paid for {offer.min_guests} guests at least, for {come} too")
        findings.doubt(0.15)
    findings.recommend("low", f"tell {offer.caterer} the number of guests and of each diet a week before")


def _option(choice: _Choice, table: _Table) -> Option:
    menu, offer = choice
    money = _money(choice, table)
    reason = f"{offer.per_guest[0]} to {offer.per_guest[1]} a guest"
    if missing := _missing(menu, table):
        reason += f", little for {', '.join(missing)}"
    elif table.diets:
        reason += f", suits {', '.join(sorted(table.diets))}"
    if _lacking(menu, table):
        reason += ", brings its kitchen"
    shown = {"style": menu.style, "price": money, "min_guests": offer.min_guests}
    return Option(name=f"{menu.style} by {offer.caterer}", score=_score(choice, table), reason=reason, shown=shown)


@cache
def _words() -> Vocabulary:
    return vocabulary({menu.style: menu.words for menu in menus()})
