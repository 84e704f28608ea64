"""The cake agent: who bakes, what, and for how many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.party.amounts import counted
from reveille.agents.party.catalogue import EVERYWHERE, Bakery, bakeries
from reveille.agents.party.findings import Findings, Option, over_budget, told
from reveille.agents.party.wishes import Wishes, text_in, texts_in, wishes_of
from reveille.agents.reading import Vocabulary, vocabulary
from reveille.agents.task import Task

_USUAL_GUESTS: Final = 20
# Somebody always takes a second piece.
_SPARE: Final = 0.1
_MOST_ALTERNATIVES: Final = 3
# The most servings that so many tiers have.
_TIERS: Final = ((20, 1), (50, 2), (90, 3))
_MOST_TIERS: Final = 4
# What a style costs against the plain price of a serving.
_STYLES: Final[Mapping[str, float]] = {
    "sheet": 0.85, "cupcakes": 0.95, "cookies": 0.8, "buttercream": 1.0, "naked": 1.0, "drip": 1.1, "cheesecake": 1.1,
    "ice cream": 1.15, "tiered": 1.2, "fondant": 1.35,
}  # fmt: skip
_STYLE_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "sheet": ("sheet cake", "tray bake", "traybake"),
    "cupcakes": ("cupcake", "muffin", "muffins", "fairy cake"),
    "cookies": ("cookie", "biscuit"),
    "buttercream": ("butter cream", "frosting", "frosted"),
    "naked": ("naked cake", "semi naked"),
    "drip": ("drip cake", "ganache"),
    "cheesecake": ("cheese cake",),
    "ice cream": ("icecream", "gelato", "ice cream cake"),
    "tiered": ("tier", "layer cake", "layered", "layer"),
    "fondant": ("sculpted", "figure", "3d cake"),
}
_FLAVOURS: Final[Mapping[str, Sequence[str]]] = {
    "chocolate": ("choc", "choco", "cocoa", "brownie"), "vanilla": (), "lemon": ("lemony", "citrus"),
    "strawberry": ("berry",), "red velvet": (), "caramel": ("toffee", "butterscotch", "dulce de leche"), "carrot": (),
    "coconut": (), "raspberry": (), "coffee": ("mocha", "espresso", "tiramisu"), "banana": (), "almond": ("marzipan",),
    "orange": (), "cherry": ("black forest",), "mint": ("peppermint",), "hazelnut": ("nutella", "praline"),
}  # fmt: skip
# What a nut allergy rules out.
_OF_NUTS: Final = frozenset({"almond", "hazelnut"})
# Cakes are without meat anyway.
_NOT_FOR_BAKERS: Final = frozenset({"vegetarian"})
# Single pieces that nobody stacks.
_FLAT: Final = frozenset({"sheet", "cupcakes", "cookies", "ice cream", "cheesecake"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    servings: int
    style: str
    flavour: str
    diets: frozenset[str]
    city: str
    most: int | None


async def find_cake(task: Task, context: Context) -> dict[str, Any]:
    """`{bakery, style, flavour, servings, tiers, design, diets, estimated_cost, money, …}`."""
    wishes = wishes_of(task)
    findings = Findings()
    allowed = wishes.allowance("cake", guests=wishes.guests or _USUAL_GUESTS)
    order = _order(wishes, allowed, findings)
    ranked = _ranked(order)
    best = ranked[0]
    money = _money(best, order)
    fits = _can(best, order)
    _explain(best, order, wishes, findings)
    over_budget(findings, f"a cake by {best.name}", money, allowed)
    _simpler(order, money, findings)
    tiers = _tiers(order)
    shape = f", {counted(tiers, 'tier')}" if order.style not in _FLAT else ""
    result = findings.result(
        f"{order.flavour} cake ({order.style}) for {order.servings} servings by {best.name}{shape}:"
        f" {money['min']} to {money['max']}",
        bakery={"name": best.name, "city": _city(best, order), "lead_days": best.lead_days, "diets": list(best.diets)},
        style=order.style,
        flavour=order.flavour,
        servings=order.servings,
        tiers=tiers,
        design=_design(wishes, findings),
        diets={diet: wishes.diets[diet] for diet in sorted(order.diets)},
        fits=fits,
        estimated_cost=money,
        money=money,
        pick=_option(best, order).as_json(),
        alternatives=[_option(one, order).as_json() for one in ranked[1 : 1 + _MOST_ALTERNATIVES]],
    )
    return await told(result, wishes.texts, context)


def _order(wishes: Wishes, allowed: tuple[int, str] | None, findings: Findings) -> _Order:
    guests = wishes.guests or _USUAL_GUESTS
    if wishes.guests is None:
        findings.assume(f"{guests} guests: nobody said how many come", doubt=0.15)
    servings = guests + -(-guests * int(_SPARE * 100) // 100)
    findings.because(
        f"{servings} servings are one for each of {counted(guests, 'guest')}, {servings - guests} to spare"
    )
    # Where the plan tells this step no city: whoever sends to all of them.
    city = wishes.city or text_in(_object_in(wishes.result_of("venue"), "venue"), "city")
    if not city:
        findings.assume("a bakery that sends its cakes: no city is among what this step is told", doubt=0.05)
    if allowed is None:
        findings.assume("no limit to the price: nobody said what it may cost", doubt=0.05)
    diets = frozenset(wishes.diets) - _NOT_FOR_BAKERS
    named = _style_words().latest(wishes.texts)
    flavours, most = _flavours(wishes, diets, findings), allowed[0] if allowed else None
    # The first that can be paid, where nobody asked for another one, or else the cheapest.
    styles = named[:1] or [*(("tiered",) if servings > _TIERS[0][0] else ()), "buttercream", "sheet"]
    orders = [
        _Order(servings=servings, style=style, flavour=flavours[0], diets=diets, city=city, most=most)
        for style in styles
    ]
    cheapest = min(orders, key=lambda one: _money(_ranked(one)[0], one)["min"])
    order = next((one for one in orders if _affordable(_ranked(one)[0], one)), cheapest)
    if named:
        findings.because(f"somebody asked for {order.style}")
    else:
        findings.assume(f"{order.style}: nobody said which kind of cake", doubt=0.05)
    return order if len(flavours) == 1 else _flavoured(order, flavours, wishes, findings)


def _ranked(order: _Order) -> list[Bakery]:
    """Those who can and are not too dear, the best first; then those who can, the cheapest first; then the others."""

    def rank(bakery: Bakery) -> tuple[bool, bool, float, float, str]:
        can, affordable = _can(bakery, order), _affordable(bakery, order)
        price = 0 if affordable or not can else _money(bakery, order)["min"]
        return not can, can and not affordable, price, -_score(bakery, order), bakery.name

    return sorted(bakeries(), key=rank)


def _affordable(bakery: Bakery, order: _Order) -> bool:
    return order.most is None or _money(bakery, order)["min"] <= order.most


def _simpler(order: _Order, money: Mapping[str, int], findings: Findings) -> None:
    """What a plainer cake would cost, where the one that was asked for is too dear."""
    if order.most is None or money["min"] <= order.most:
        return
    plain = replace(order, style="sheet")
    cost = _money(_ranked(plain)[0], plain)
    if cost["min"] < money["min"]:
        findings.recommend("medium", f"a sheet cake for {order.servings} servings costs {cost['min']} to {cost['max']}")


def _flavours(wishes: Wishes, diets: frozenset[str], findings: Findings) -> Sequence[str]:
    """The one that was asked for; where none was, or none that can be had, all that can, the likeliest first."""
    safe = [name for name in _FLAVOURS if "nut-free" not in diets or name not in _OF_NUTS]
    named = _flavour_words().latest(wishes.texts)
    if named and named[0] in safe:
        findings.because(f"somebody asked for {named[0]}")
        return named[:1]
    if named:
        findings.recommend("high", f"{named[0]} has nuts, and somebody has an allergy: another flavour is taken")
        findings.doubt(0.1)
    return list(dict.fromkeys((*(name for name in _of_theme(wishes) if name in safe), "vanilla", *safe)))


def _flavoured(order: _Order, flavours: Sequence[str], wishes: Wishes, findings: Findings) -> _Order:
    """With the first of them that its bakery has on its list; for its flavour alone nobody goes to another one."""
    bakery = _ranked(order)[0]
    orders = [replace(order, flavour=flavour) for flavour in flavours if flavour in bakery.flavours]
    chosen = next((one for one in orders if _ranked(one)[0] == bakery), order)
    theme = text_in(wishes.result_of("theme"), "theme")
    why = f"it goes with the theme {theme}" if chosen.flavour in _of_theme(wishes) else "most people like it"
    findings.assume(f"{chosen.flavour}: nobody named a flavour that can be had, and {why}", doubt=0.05)
    return chosen


def _of_theme(wishes: Wishes) -> Sequence[str]:
    return texts_in(wishes.result_of("theme"), "flavours")


def _score(bakery: Bakery, order: _Order) -> float:
    """1 is a bakery in the city with everything that was asked for, at half of the limit."""
    near = 1.0 if bakery.city == order.city else 0.6 if bakery.city == EVERYWHERE else 0.0
    asked = (
        (order.style in bakery.styles) * 2
        + (order.flavour in bakery.flavours) * 2
        + len(order.diets.intersection(bakery.diets)) * 2
    )
    met = asked / (4 + 2 * len(order.diets))
    large = 1.0 if bakery.max_servings >= order.servings else bakery.max_servings / order.servings
    cost = _money(bakery, order)["min"]
    price = 1 / (1 + cost / ((order.most if order.most is not None else order.servings * 8) or 1))
    return 0.35 * near + 0.35 * met + 0.15 * large + 0.15 * price


def _can(bakery: Bakery, order: _Order) -> bool:
    """It comes to the city, bakes so many, the style, and keeps to every diet; a flavour can be talked about."""
    near = bakery.city in (order.city, EVERYWHERE)
    able = bakery.max_servings >= order.servings and order.style in bakery.styles
    return near and able and order.diets.issubset(bakery.diets)


def _money(bakery: Bakery, order: _Order) -> dict[str, int]:
    factor = _STYLES[order.style] * order.servings
    return {"min": int(bakery.per_serving[0] * factor), "max": int(bakery.per_serving[1] * factor) + 1}


def _tiers(order: _Order) -> int:
    if order.style in _FLAT:
        return 1
    return next((tiers for most, tiers in _TIERS if order.servings <= most), _MOST_TIERS)


def _design(wishes: Wishes, findings: Findings) -> str:
    theme = wishes.result_of("theme")
    designs, colours = texts_in(theme, "designs"), texts_in(theme, "colours")
    if designs:
        title = text_in(theme, "title") or text_in(theme, "theme")
        findings.because(f"its design follows the theme {title}")
        return f"{designs[0]}, in {' and '.join(colours[:2])}" if colours else designs[0]
    findings.assume("a plain design: the plan has no theme yet", doubt=0.05)
    return "smooth white frosting with fresh fruit and a name on top"


def _explain(bakery: Bakery, order: _Order, wishes: Wishes, findings: Findings) -> None:
    if order.servings > bakery.max_servings:
        findings.recommend(
            "high",
            f"{bakery.name} bakes {bakery.max_servings} servings at most, {order.servings} are needed: split the order",
        )
        findings.doubt(0.3)
    if order.style not in bakery.styles:
        findings.recommend("high", f"{bakery.name} makes no {order.style}: ask for {', '.join(bakery.styles[:3])}")
        findings.doubt(0.15)
    if order.flavour not in bakery.flavours:
        findings.recommend("medium", f"ask {bakery.name} for {order.flavour}: it is not on its list")
        findings.doubt(0.05)
    for diet in sorted(order.diets):
        count = wishes.diets[diet]
        portions = f"{count} {diet} serving{'s' if count != 1 else ''}" if count else f"{diet} servings"
        if diet in bakery.diets:
            findings.because(f"{bakery.name} bakes {diet} too")
            findings.recommend("medium", f"order {portions} apart from the rest")
        else:
            findings.recommend("high", f"{bakery.name} bakes nothing {diet}: get {portions} elsewhere")
            findings.doubt(0.1)
    if bakery.city == order.city:
        findings.because(f"{bakery.name} is in {order.city}")
    when = f" for {wishes.day.isoformat()}" if wishes.day else ""
    findings.recommend("low", f"order {bakery.lead_days} days ahead{when}")


def _city(bakery: Bakery, order: _Order) -> str:
    """Where whoever sends to every city brings it."""
    return (order.city or "any city") if bakery.city == EVERYWHERE else bakery.city


def _option(bakery: Bakery, order: _Order) -> Option:
    money = _money(bakery, order)
    has = [what for what in (order.style, order.flavour) if what in (*bakery.styles, *bakery.flavours)]
    listed = " and ".join(has) or "neither style nor flavour"
    reason = f"{listed}, up to {bakery.max_servings} servings, {money['min']} to {money['max']}"
    shown = {"city": _city(bakery, order), "price": money, "fits": _can(bakery, order)}
    return Option(name=bakery.name, score=_score(bakery, order), reason=reason, shown=shown)


def _object_in(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    return value if isinstance(value, Mapping) else {}


@cache
def _style_words() -> Vocabulary:
    return vocabulary(_STYLE_WORDS)


@cache
def _flavour_words() -> Vocabulary:
    return vocabulary(_FLAVOURS)
