"""What the party agents know and choose from: themes, places, bakeries, menus and vendors, made up for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

# Of whoever comes to every city.
EVERYWHERE: Final = "*"
# By how much of a kitchen they are.
KITCHENS: Final = ("none", "warming", "full")
_ENTRIES: Final = "entries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """decorations: with the guests that one of each is for. activities: for kids, adults or all. setting: where."""

    name: str
    title: str
    words: tuple[str, ...]
    colours: tuple[str, ...]
    mood: str
    ages: tuple[int, int]
    setting: str
    decorations: tuple[tuple[str, int], ...]
    activities: tuple[tuple[str, str], ...]
    designs: tuple[str, ...]
    flavours: tuple[str, ...]
    entertainment: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """per_event: four hours. setting: indoor, outdoor or both."""

    name: str
    city: str
    district: str
    kind: str
    setting: str
    capacity: tuple[int, int]
    per_event: int
    per_hour: int
    kitchen: str
    outside_catering: bool
    features: tuple[str, ...]
    themes: tuple[str, ...]
    closed_months: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bakery:
    name: str
    city: str
    styles: tuple[str, ...]
    flavours: tuple[str, ...]
    per_serving: tuple[float, float]
    max_servings: int
    diets: tuple[str, ...]
    lead_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One caterer's, of a menu."""

    caterer: str
    per_guest: tuple[int, int]
    min_guests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """kitchen: what it takes at the venue. dishes: with the diets that they suit."""

    style: str
    words: tuple[str, ...]
    kitchen: str
    dishes: tuple[tuple[str, tuple[str, ...]], ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    name: str
    city: str
    kind: str
    price: tuple[int, int]
    themes: tuple[str, ...]
    ages: tuple[int, int]


_Entry = TypeVar("_Entry", Theme, Venue, Bakery, Menu, Vendor)


@cache
def themes() -> Mapping[str, Theme]:
    return {theme.name: theme for theme in _read("themes", Theme)}


@cache
def venues() -> tuple[Venue, ...]:
    return _read("venues", Venue)


@cache
def bakeries() -> tuple[Bakery, ...]:
    return _read("bakeries", Bakery)


@cache
def menus() -> tuple[Menu, ...]:
    return tuple(
        Menu(
            style=menu["style"],
            words=_frozen(menu["words"]),
            kitchen=menu["kitchen"],
            dishes=_frozen(menu["dishes"]),
            offers=tuple(Offer(**{key: _frozen(value) for key, value in offer.items()}) for offer in menu["offers"]),
        )
        for menu in _entries("menus")
    )


@cache
def vendors() -> tuple[Vendor, ...]:
    return _read("vendors", Vendor)


@cache
def cities() -> tuple[str, ...]:
    return tuple(dict.fromkeys(venue.city for venue in venues()))


def _read(name: str, kind: type[_Entry]) -> tuple[_Entry, ...]:
    return tuple(kind(**{key: _frozen(value) for key, value in entry.items()}) for entry in _entries(name))


def _entries(name: str) -> list[dict[str, Any]]:
    file = files("reveille.agents.party") / _ENTRIES / f"{name}.json"
    entries: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return entries


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
