"""Write the places, bakeries and vendors that the party agents choose from: made up, and always the same ones.

`python scripts/generate_party_entries.py [FOLDER]`. Themes and menus stand beside them and are written by hand.
"""

# ruff: noqa: E501 - tables are read by their rows

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "packages/agents/src/reveille/agents/party/entries"


@dataclass(frozen=True, slots=True)
class City:
    """price: what things cost against the cheapest. closed: months in which nobody sits outside."""

    name: str
    price: float
    closed: tuple[int, ...]
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of venue. capacity and per_guest are ranges that one of the kind falls into."""

    name: str
    titles: tuple[str, ...]
    setting: str
    capacity: tuple[int, int]
    per_guest: tuple[int, int]
    kitchens: tuple[str, ...]
    outside_catering: bool
    features: tuple[str, ...]
    themes: tuple[str, ...]


_WINTER: Final = (12, 1, 2)
_LONG_WINTER: Final = (11, 12, 1, 2, 3)
_HEAT: Final = (7, 8)
CITIES: Final = (
    City("Austin", 1.0, (1,), ("Zilker", "East Austin", "South Congress", "Hyde Park", "Mueller", "Barton Hills")),
    City("Dallas", 1.0, (1,), ("Deep Ellum", "Bishop Arts", "Uptown", "Lakewood", "Oak Lawn", "Knox")),
    City("Houston", 0.95, (1,), ("Montrose", "The Heights", "Midtown", "Rice Village", "East End", "Garden Oaks")),
    City("San Antonio", 0.85, (1,), ("Pearl", "Southtown", "Alamo Heights", "King William", "Monte Vista", "Tobin Hill")),
    City("Chicago", 1.2, _LONG_WINTER, ("Logan Square", "Pilsen", "Lincoln Park", "Wicker Park", "West Loop", "Hyde Park")),
    City("New York", 1.6, _WINTER, ("Williamsburg", "Harlem", "Astoria", "Park Slope", "Chelsea", "Bushwick")),
    City("Los Angeles", 1.4, (), ("Silver Lake", "Venice", "Echo Park", "Highland Park", "Culver City", "Los Feliz")),
    City("San Francisco", 1.55, (1, 2), ("Mission", "Noe Valley", "Presidio", "Dogpatch", "Sunset", "Hayes Valley")),
    City("Seattle", 1.3, _LONG_WINTER, ("Ballard", "Fremont", "Capitol Hill", "Georgetown", "Queen Anne", "Columbia City")),
    City("Boston", 1.35, _LONG_WINTER, ("Jamaica Plain", "South End", "Charlestown", "Fenway", "Allston", "Dorchester")),
    City("Miami", 1.25, _HEAT, ("Wynwood", "Coconut Grove", "Little Havana", "Brickell", "Design District", "Edgewater")),
    City("Denver", 1.1, _WINTER, ("River North", "Highlands", "Baker", "Five Points", "Washington Park", "Sloan Lake")),
    City("Portland", 1.1, _LONG_WINTER, ("Alberta", "Hawthorne", "Pearl", "Sellwood", "Mississippi", "St. Johns")),
    City("Atlanta", 1.0, (1,), ("Inman Park", "Grant Park", "Decatur", "Old Fourth Ward", "Virginia-Highland", "West End")),
    City("London", 1.5, _LONG_WINTER, ("Hackney", "Peckham", "Camden", "Greenwich", "Brixton", "Islington")),
    City("Berlin", 1.05, _LONG_WINTER, ("Kreuzberg", "Neukölln", "Prenzlauer Berg", "Friedrichshain", "Wedding", "Schöneberg")),
    City("Munich", 1.25, _LONG_WINTER, ("Schwabing", "Haidhausen", "Giesing", "Sendling", "Neuhausen", "Bogenhausen")),
    City("Paris", 1.4, _WINTER, ("Marais", "Belleville", "Montmartre", "Bastille", "Batignolles", "Canal Saint-Martin")),
)  # fmt: skip
_ANY_CHILD: Final = ("unicorn", "princess", "superhero", "rainbow", "circus")
KINDS: Final = (
    Kind("park pavilion", ("Park Pavilion", "Meadow Shelter", "Picnic Pavilion"), "outdoor", (20, 110), (3, 6), ("none",), True,
         ("grills", "playground", "parking", "restrooms"), ("jungle", "dinosaur", "pirate", "picnic", "football", "farm", "fairy")),
    Kind("garden", ("Garden", "Walled Garden", "Rose Garden"), "outdoor", (25, 140), (8, 14), ("none", "warming"), True,
         ("lawn", "marquee", "fairy lights", "restrooms"), ("fairy", "teaparty", "picnic", "unicorn", "wedding", "babyshower", "jungle")),
    Kind("botanical house", ("Glasshouse", "Orangery", "Palm House"), "both", (30, 160), (14, 24), ("warming",), True,
         ("tropical plants", "heating", "wheelchair access", "parking"), ("jungle", "luau", "fairy", "wedding", "dinosaur", "gatsby")),
    Kind("community hall", ("Community Hall", "Parish Hall", "Neighbourhood House"), "indoor", (15, 120), (3, 7), ("warming", "full"), True,
         ("tables and chairs", "stage", "parking", "wheelchair access"), (*_ANY_CHILD, "science", "art", "christmas", "disco")),
    Kind("barn", ("Barn", "Hayloft", "Stables"), "both", (40, 280), (12, 20), ("none", "warming"), True,
         ("dance floor", "parking", "fire pit", "lawn"), ("western", "farm", "picnic", "wedding", "festival", "knight")),
    Kind("loft", ("Loft", "Studio", "Warehouse"), "indoor", (25, 130), (12, 22), ("warming",), True,
         ("sound system", "projector", "lift", "skyline view"), ("neon", "disco", "robot", "art", "hollywood", "gaming", "space")),
    Kind("rooftop", ("Rooftop", "Sky Terrace", "Roof Garden"), "outdoor", (30, 120), (16, 28), ("none", "warming"), True,
         ("skyline view", "bar", "heaters", "lift"), ("luau", "gatsby", "festival", "casino", "graduation", "hollywood")),
    Kind("restaurant", ("Kitchen", "Bistro", "Dining Room"), "indoor", (10, 70), (10, 18), ("full",), False,
         ("table service", "bar", "private room", "wheelchair access"), ("travel", "gatsby", "fiesta", "detective", "graduation")),
    Kind("ballroom", ("Ballroom", "Assembly Rooms", "Grand Hall"), "indoor", (80, 450), (16, 30), ("full",), True,
         ("stage", "dance floor", "cloakroom", "parking", "wheelchair access"), ("masquerade", "gatsby", "princess", "wedding", "hollywood", "casino")),
    Kind("science museum", ("Science Hall", "Discovery Museum", "Planetarium"), "indoor", (30, 200), (12, 22), ("warming",), True,
         ("exhibits", "projector", "wheelchair access", "parking"), ("space", "science", "robot", "dinosaur", "travel", "superhero")),
    Kind("aquarium room", ("Aquarium Room", "Harbour House", "Reef Gallery"), "indoor", (20, 120), (16, 26), ("warming",), False,
         ("exhibits", "wheelchair access", "cloakroom", "parking"), ("ocean", "mermaid", "pirate", "luau")),
    Kind("beer garden", ("Beer Garden", "Courtyard", "Terrace"), "outdoor", (30, 300), (7, 13), ("full",), False,
         ("bar", "grills", "lawn", "restrooms"), ("fiesta", "football", "festival", "western", "luau")),
    Kind("play centre", ("Play Centre", "Play Barn", "Adventure Hall"), "indoor", (10, 60), (8, 14), ("warming",), False,
         ("playground", "soft play", "parking", "restrooms"), ("pirate", "construction", "dinosaur", *_ANY_CHILD, "jungle")),
    Kind("gallery", ("Gallery", "Art House", "Atelier"), "indoor", (20, 110), (10, 18), ("none", "warming"), True,
         ("projector", "wheelchair access", "cloakroom"), ("art", "masquerade", "rainbow", "travel", "detective")),
    Kind("theatre", ("Playhouse", "Little Theatre", "Picture House"), "indoor", (40, 320), (11, 20), ("none", "warming"), True,
         ("stage", "projector", "sound system", "bar"), ("hollywood", "cinema", "circus", "wizard", "halloween", "masquerade", "gaming")),
    Kind("sports club", ("Sports Club", "Boathouse", "Tennis Club"), "both", (25, 180), (6, 11), ("warming", "full"), True,
         ("lawn", "parking", "showers", "grills"), ("football", "racing", "superhero", "dinosaur", "picnic")),
    Kind("manor", ("Manor", "Country House", "Villa"), "both", (40, 320), (22, 38), ("full",), True,
         ("lawn", "overnight rooms", "parking", "fire pit"), ("princess", "knight", "wizard", "wedding", "detective", "gatsby", "halloween")),
    Kind("campsite lodge", ("Lodge", "Cabin", "Camp"), "both", (15, 90), (6, 11), ("none", "warming"), True,
         ("fire pit", "parking", "overnight rooms", "grills"), ("winter", "western", "jungle", "fairy", "spa", "christmas")),
)  # fmt: skip
FIRST: Final = (
    "Juniper", "Blue Heron", "Copper", "Lantern", "Willow", "Marigold", "Cedar", "Foxglove", "Harvest", "Sparrow", "Amber",
    "Silver Birch", "Orchard", "Magnolia", "Redwood", "Clover", "Nightingale", "Linden", "Sundial", "Wildflower", "Maple",
    "Ivy", "Bramble", "Primrose", "Kestrel", "Hazel", "Larkspur", "Pinecone", "Swallow", "Heather", "Bluebell", "Acorn",
)  # fmt: skip
_DIETS: Final = ("vegetarian", "vegan", "gluten-free", "lactose-free", "nut-free", "halal", "kosher")
_STYLES: Final = (
    "tiered",
    "sheet",
    "cupcakes",
    "drip",
    "naked",
    "fondant",
    "buttercream",
    "cheesecake",
    "ice cream",
    "cookies",
)
_FLAVOURS: Final = (
    "chocolate", "vanilla", "lemon", "strawberry", "red velvet", "caramel", "carrot", "coconut", "raspberry", "coffee",
    "banana", "almond", "orange", "cherry", "mint", "hazelnut",
)  # fmt: skip
_BAKERIES: Final = (
    ("Sugar & Rye", 5, 9), ("The Whisk", 4, 7), ("Butter Lane", 6, 11), ("Crumb House", 3, 6),
)  # fmt: skip
# kind, lowest and highest price, ages, themes it goes with best, what such a business calls itself
VENDORS: Final[tuple[tuple[str, int, int, tuple[int, int], tuple[str, ...], tuple[str, ...]], ...]] = (
    ("balloons", 90, 380, (0, 99), ("unicorn", "rainbow", "princess", "circus", "babyshower", "ocean"), ("Balloon Works", "Air & Ribbon")),
    ("photography", 220, 650, (0, 99), ("wedding", "graduation", "hollywood", "babyshower", "gatsby"), ("Light Room", "Portraits")),
    ("photo booth", 180, 420, (6, 99), ("hollywood", "disco", "neon", "gatsby", "cinema"), ("Snap Corner", "Photo Cabin")),
    ("magician", 160, 480, (4, 99), ("wizard", "circus", "pirate", "casino", "halloween", "space"), ("Magic", "Illusions")),
    ("clown", 110, 280, (3, 9), ("circus", "rainbow", "superhero"), ("Merry Clowns", "Red Nose")),
    ("face painter", 90, 260, (3, 12), ("jungle", "unicorn", "fairy", "dinosaur", "mermaid", "farm"), ("Face Art", "Painted Faces")),
    ("dj", 240, 700, (8, 99), ("disco", "neon", "festival", "fiesta", "luau", "graduation"), ("Sound", "Turntables")),
    ("band", 450, 1500, (6, 99), ("festival", "gatsby", "wedding", "fiesta", "western", "luau"), ("Players", "Quartet")),
    ("animals", 190, 460, (2, 12), ("jungle", "farm", "dinosaur", "western", "ocean"), ("Travelling Zoo", "Animal Friends")),
    ("science show", 170, 420, (5, 14), ("science", "space", "robot", "wizard"), ("Bright Sparks", "Science Stage")),
    ("character performer", 130, 340, (3, 10), ("princess", "superhero", "winter", "knight"), ("Storybook Cast", "Costume Players")),
    ("storyteller", 100, 260, (3, 12), ("fairy", "pirate", "mermaid", "teaparty", "christmas"), ("Tales", "Story Hour")),
    ("caricaturist", 150, 360, (8, 99), ("art", "travel", "casino", "picnic"), ("Quick Portraits", "Ink & Smile")),
    ("games host", 140, 330, (5, 99), ("football", "racing", "gaming", "detective", "casino", "construction"), ("Game Hosts", "Playmakers")),
    ("bouncy castle", 150, 380, (3, 12), ("knight", "princess", "superhero", "construction", "farm"), ("Jump", "Bounce Hire")),
    ("florist", 120, 520, (0, 99), ("wedding", "fairy", "teaparty", "picnic", "luau"), ("Flowers", "Stem & Vase")),
)  # fmt: skip


class Dice:
    """Choices that hang on a name alone: not on the order in which they are asked for, nor on Python's version."""

    def __init__(self, *name: object) -> None:
        self._name = ":".join(map(str, name))

    def number(self, what: str, least: int, most: int) -> int:
        digest = hashlib.sha256(f"{self._name}:{what}".encode()).digest()
        return least + int.from_bytes(digest[:6]) % (most - least + 1)

    def one(self, what: str, choices: Sequence[Any]) -> Any:
        return choices[self.number(what, 0, len(choices) - 1)]

    def some(self, what: str, choices: Sequence[str], count: int) -> list[str]:
        """In the order of the choices."""
        ranked = sorted(choices, key=lambda choice: (self.number(f"{what}:{choice}", 0, 10**6), choice))
        return [choice for choice in choices if choice in ranked[:count]]


def venues() -> Iterator[dict[str, Any]]:
    for at, city in enumerate(CITIES):
        for number, kind in enumerate(KINDS):
            dice = Dice("venue", city.name, kind.name)
            first = FIRST[(at * 7 + number * 5) % len(FIRST)]
            least, most = _capacity(kind, dice)
            per_guest = dice.number("price", *kind.per_guest)
            # What a larger place costs does not rise as fast as what it holds.
            price = _tens((40 + per_guest * most * 0.6) * city.price)
            open_air = kind.setting == "outdoor"
            yield {
                "name": f"{first} {dice.one('title', kind.titles)}",
                "city": city.name,
                "district": city.districts[(number + at) % len(city.districts)],
                "kind": kind.name,
                "setting": kind.setting,
                "capacity": [least, most],
                "per_event": price,
                "per_hour": _tens(price / dice.number("hours", 4, 6)),
                "kitchen": dice.one("kitchen", kind.kitchens),
                "outside_catering": kind.outside_catering,
                "features": dice.some("features", kind.features, dice.number("how many", 2, len(kind.features))),
                "themes": list(kind.themes),
                "closed_months": list(city.closed) if open_air else [],
            }


def _capacity(kind: Kind, dice: Dice) -> tuple[int, int]:
    least, most = kind.capacity
    top = dice.number("capacity", (least + most * 2) // 3, most) // 5 * 5
    return max(5, min(least, top // 4)), top


def bakeries() -> Iterator[dict[str, Any]]:
    everywhere = City("*", 1.15, (), ())
    for city in (*CITIES, everywhere):
        for name, low, high in _BAKERIES:
            dice = Dice("bakery", city.name, name)
            first = FIRST[dice.number("first", 0, len(FIRST) - 1)] if city is not everywhere else "Parcel"
            yield {
                "name": f"{first} {name}" if city is not everywhere else f"{name} by Post",
                "city": city.name,
                "styles": dice.some("styles", _STYLES, dice.number("how many styles", 4, 7)),
                "flavours": dice.some("flavours", _FLAVOURS, dice.number("how many flavours", 7, 12)),
                "per_serving": [round(low * city.price, 2), round(high * city.price, 2)],
                "max_servings": dice.one("servings", (60, 80, 120, 200, 350)),
                "diets": dice.some("diets", _DIETS, dice.number("how many diets", 2, 5)),
                "lead_days": dice.number("lead", 3, 14),
            }


def vendors() -> Iterator[dict[str, Any]]:
    for city in CITIES:
        for kind, low, high, ages, themes, titles in VENDORS:
            for number, title in enumerate(titles):
                dice = Dice("vendor", city.name, kind, number)
                yield _vendor(dice, f"{dice.one('first', FIRST)} {title}", city, (kind, low, high, ages, themes))
    for kind, low, high, ages, themes, titles in VENDORS:
        dice = Dice("vendor", "*", kind)
        # Who travels asks for the way too.
        travelling = City("*", 1.35, (), ())
        yield _vendor(dice, f"{titles[0]} on Tour", travelling, (kind, low, high, ages, themes))


def _vendor(
    dice: Dice, name: str, city: City, of: tuple[str, int, int, tuple[int, int], tuple[str, ...]]
) -> dict[str, Any]:
    kind, low, high, ages, themes = of
    start = _tens((low + dice.number("low", 0, (high - low) // 3)) * city.price)
    return {
        "name": name,
        "city": city.name,
        "kind": kind,
        "price": [start, _tens(start * (1.2 + dice.number("spread", 0, 40) / 100))],
        "themes": dice.some("themes", themes, max(2, len(themes) - dice.number("without", 0, 2))),
        "ages": list(ages),
    }


def _tens(amount: float) -> int:
    return max(10, int(amount / 10 + 0.5) * 10)


def written(entries: Iterator[dict[str, Any]]) -> str:
    """One in each line, so that a change of one is a change of one line."""
    return "[\n" + ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in entries) + "\n]\n"


FILES: Final = {"venues.json": venues, "bakeries.json": bakeries, "vendors.json": vendors}

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    for name, entries in FILES.items():
        (folder / name).write_text(written(entries()), encoding="utf-8")
