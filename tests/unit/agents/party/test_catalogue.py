"""What the party agents choose from is large, varied, of one mind, and made by its script."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from reveille.agents.party import catalogue
from reveille.agents.party.catalogue import EVERYWHERE, KITCHENS, bakeries, cities, menus, themes, vendors, venues
from reveille.agents.party.venue_words import feature_words, kind_words

ROOT = Path(__file__).parents[4]
ENTRIES = Path(catalogue.__file__).parent / "entries"


def test_what_is_shipped_is_what_the_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "scripts/generate_party_entries.py", tmp_path], check=True)
    written = sorted(tmp_path.iterdir())
    assert [file.name for file in written] == ["bakeries.json", "vendors.json", "venues.json"]
    for file in written:
        assert file.read_text() == (ENTRIES / file.name).read_text(), file.name


def test_there_is_enough_to_choose_from() -> None:
    assert len(venues()) >= 300
    assert len(bakeries()) >= 60
    assert len(vendors()) >= 150
    assert len(themes()) >= 30
    assert len(cities()) == 18


def test_the_readme_counts_them_right() -> None:
    caterers = {offer.caterer for menu in menus() for offer in menu.offers}
    counted = (
        f"{len(themes())} themes, {len(venues())} venues and {len(vendors())} vendors in {len(cities())} cities, "
        f"{len(bakeries())} bakeries, {len(menus())} kinds of menu by {len(caterers)} caterers"
    )
    assert counted in " ".join((ROOT / "packages/agents/README.md").read_text().split())


def test_no_two_in_a_city_are_called_the_same() -> None:
    for entries in (venues(), vendors(), bakeries()):
        named = Counter((entry.name, entry.city) for entry in entries)
        assert not [name for name, count in named.items() if count > 1]


@pytest.mark.parametrize("city", cities())
def test_every_city_has_places_of_every_kind_and_size(city: str) -> None:
    here = [venue for venue in venues() if venue.city == city]
    assert {venue.setting for venue in here} == {"indoor", "outdoor", "both"}
    assert {venue.kitchen for venue in here} >= {"none", "warming", "full"}
    for guests in (20, 75, 200):
        fitting = [venue for venue in here if venue.capacity[0] <= guests <= venue.capacity[1]]
        assert len(fitting) >= 3, (city, guests)
    assert min(venue.per_event for venue in here) < 700
    assert len([bakery for bakery in bakeries() if bakery.city == city]) >= 3


def test_every_kind_of_vendor_is_in_every_city_and_travels() -> None:
    found = {(vendor.kind, vendor.city) for vendor in vendors()}
    kinds = {kind for kind, _ in found}
    assert found == {(kind, city) for kind in kinds for city in (*cities(), EVERYWHERE)}


def test_every_entry_is_plausible() -> None:
    for venue in venues():
        assert 5 <= venue.capacity[0] < venue.capacity[1]
        assert 0 < venue.per_hour < venue.per_event
        assert venue.kitchen in KITCHENS
    for vendor in vendors():
        assert 0 < vendor.price[0] < vendor.price[1]
    for bakery in bakeries():
        assert 0 < bakery.per_serving[0] < bakery.per_serving[1]
        assert bakery.max_servings >= 50
    for menu in menus():
        assert menu.kitchen in KITCHENS
        assert len(menu.offers) >= 2
        assert all(0 < offer.per_guest[0] < offer.per_guest[1] for offer in menu.offers)
        assert sum("vegetarian" in suits for _, suits in menu.dishes) >= 2


def test_what_names_another_entry_names_one_that_is_there() -> None:
    kinds = {vendor.kind for vendor in vendors()}
    for theme in themes().values():
        assert set(theme.entertainment) <= kinds
        assert theme.setting in ("indoor", "outdoor", "any")
        assert {who for _, who in theme.activities} <= {"kids", "adults", "all"}
    for vendor in vendors():
        assert set(vendor.themes) <= set(themes())
    for venue in venues():
        assert set(venue.themes) <= set(themes())
        assert kind_words().chosen([venue.kind]) == [venue.kind]


def test_every_feature_that_can_be_asked_for_is_somewhere() -> None:
    features = {feature for venue in venues() for feature in venue.features}
    assert set(feature_words().phrases.values()) <= features


def test_the_entries_are_json_with_one_entry_in_each_line() -> None:
    for file in ENTRIES.iterdir():
        rows = file.read_text().splitlines()
        assert len(json.loads(file.read_text())) == len(rows) - 2
