"""Every view is for everybody: seen in dark and in light, on a telephone, and heard."""

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page import VIEWS, Dashboard, reader
from tests.e2e.page_sight import drawn, told
from tests.e2e.parties import Party, accepted
from tests.e2e.running import Platform
from tests.e2e.scenes import Scene

KEEPER = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"
WISHES = ("jungle theme party for 75 guests", "buffet for everyone", "chocolate cake", "budget of 800")
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def places(looked_at: Platform) -> Sequence[str]:
    """Each view with something on it, and what opens over them."""
    scene = Scene(looked_at).start(KEEPER)
    party = Party(looked_at)
    accepted(party.start(*WISHES))
    receipt = looked_at.trigger("worker", {"name": "seen"})
    party.settled()
    scene.at("waiting")
    looked_at.ended(receipt)
    return [
        *VIEWS,
        f"executions/{scene.id}",
        f"parties/{party.id}",
        f"signals/{receipt['signal_id']}",
        "executions?start=1",
        "nowhere",
    ]


def visited(page: Dashboard, places: Sequence[str]) -> Iterator[str]:
    """One after the other, each when all that it shows is there."""
    page.open()
    for place in places:
        page.page.goto(f"{page.platform.url}/#/{place}")
        # A view that has nothing to show has no heading of its own.
        expect(page.main.get_by_role("heading").first).to_be_visible()
        expect(page.main.get_by_text("loading")).to_have_count(0)
        page.page.wait_for_load_state("networkidle")
        if place.startswith("executions/"):
            page.main.get_by_role("list", name="activity").get_by_role("button").last.click()
            page.main.get_by_role("listitem", name="story, ").click()
        yield place


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_all_text_can_be_read(browser: Browser, looked_at: Platform, places: Sequence[str], theme: str) -> None:
    with reader(browser, looked_at, color_scheme=theme) as page:
        assert {place: found for place in visited(page, places) if (found := drawn(page.page)["contrast"])} == {}


def test_nothing_stands_out_at_the_width_of_a_telephone(
    browser: Browser, looked_at: Platform, places: Sequence[str]
) -> None:
    with reader(browser, looked_at, viewport=PHONE, has_touch=True) as page:
        assert {place: found for place in visited(page, places) if (found := drawn(page.page)["overflow"])} == {}


def test_all_that_can_be_used_has_a_name_and_what_there_is_an_order(
    browser: Browser, looked_at: Platform, places: Sequence[str]
) -> None:
    with reader(browser, looked_at) as page:
        assert {place: found for place in visited(page, places) if (found := told(page.page))} == {}


def test_the_measure_finds_what_cannot_be_read_or_heard(browser: Browser, looked_at: Platform) -> None:
    with reader(browser, looked_at) as page:
        page.open()
        page.page.evaluate(
            """() => {
              const made = document.createElement("p");
              made.textContent = "hardly there";
              made.style.color = "color-mix(in srgb, var(--bg) 70%, var(--text))";
              const wide = document.createElement("div");
              wide.style.width = "3000px";
              wide.textContent = "wide";
              const button = document.createElement("button");
              document.querySelector("main").append(made, wide, button);
            }"""
        )
        found = drawn(page.page)
        assert [text.partition(":")[0] for text in found["contrast"]] == ["hardly there"]
        assert len(found["overflow"]) >= 1
        assert [text.partition(":")[0] for text in told(page.page)] == ["a button without a name"]


def test_the_colours_are_chosen_on_the_page_and_kept(browser: Browser, looked_at: Platform) -> None:
    with reader(browser, looked_at, color_scheme="dark") as page:
        page.open()
        shown = page.page.locator("html")
        dark = shown.evaluate("one => getComputedStyle(one).colorScheme")
        page.page.get_by_role("button", name="colours: as the system").click()
        page.page.get_by_role("button", name="colours: light").wait_for()
        page.page.reload()
        expect(page.heading("Fleet")).to_be_visible()
        assert (dark, shown.evaluate("one => getComputedStyle(one).colorScheme")) == ("dark", "light")
