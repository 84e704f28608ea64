"""A party is planned on the page, with a mouse and without one."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page import PartyPage, reader
from tests.e2e.parties import Party
from tests.e2e.running import Platform

THEME = "jungle theme party for 75 guests"
OTHERS = {
    "venue": "outdoor venue in Austin",
    "catering": "buffet for everyone",
    "cake": "chocolate cake",
    "vendor": "a magician",
}


@pytest.fixture
def page(browser: Browser, looked_at: Platform) -> Iterator[PartyPage]:
    with reader(browser, looked_at, PartyPage) as page:
        yield page


def test_a_party_grows_and_shrinks_with_what_is_typed(page: PartyPage) -> None:
    page.open("parties").start(THEME)
    page.is_done("theme")
    expect(page.heading("Jungle expedition")).to_be_visible()
    expect(page.card("cake")).to_have_count(0)
    for step, wish in OTHERS.items():
        page.add(wish)
        page.is_done(step)
        expect(page.wish(wish)).to_contain_text(step)
    page.complete(100)
    budget = page.region("Budget")
    expect(budget).to_contain_text("no limit")
    for step in OTHERS:
        expect(budget.get_by_role("listitem").filter(has_text=step)).to_have_text(re.compile("[1-9]"))
    page.add("budget of 3000")
    expect(budget.get_by_role("meter", name="budget")).to_have_attribute("aria-valuetext", re.compile("of 3,000"))
    page.remove(OTHERS["cake"])
    expect(page.card("cake")).to_have_count(0)
    expect(budget.get_by_role("listitem").filter(has_text="cake")).to_have_count(0)
    told = Party(page.platform, id=page.id()).settled()
    assert set(told["agent_results"]) == {"theme_agent", "venue_agent", "catering_agent", "vendor_agent"}
    page.complete(told["final_plan"]["completion_percent"])


def test_several_changes_are_sent_as_one(page: PartyPage) -> None:
    page.open("parties").start(THEME, OTHERS["cake"])
    page.is_done("theme", "cake")
    before = Party(page.platform, id=page.id()).settled()["version"]
    page.main.get_by_label("several as one change").check()
    for wish in (OTHERS["vendor"], OTHERS["catering"]):
        page.main.get_by_label("what else is wanted").fill(wish)
        page.main.get_by_role("button", name="Collect").click()
    page.main.get_by_role("button", name=f"remove {OTHERS['cake']}").click()
    page.main.get_by_role("button", name="Send 3 changes").click()
    page.is_done("vendor", "catering")
    expect(page.card("cake")).to_have_count(0)
    party = Party(page.platform, id=page.id())
    assert party.settled()["version"] > before
    assert {one["content"] for one in party.execution()["inputs"]} == {THEME, OTHERS["vendor"], OTHERS["catering"]}


def test_what_another_has_changed_meanwhile_is_shown_before_anything_is_sent(page: PartyPage) -> None:
    page.open("parties").start(THEME)
    page.is_done("theme")
    other = Party(page.platform, id=page.id())
    held = page.page.get_by_label("what else is wanted")
    # The other's wish comes in just before the page's own, which does not know it yet.
    page.page.route(
        "**/api/v1/executions/*/inputs", lambda route: (other.add(OTHERS["cake"]), route.continue_()), times=1
    )
    with page.heard.expecting("409", "412"):
        held.fill(OTHERS["vendor"])
        page.main.get_by_role("button", name="Add", exact=True).click()
        conflict = page.main.get_by_role("alert").filter(has_text="Somebody has changed the wishes meanwhile.")
        expect(conflict).to_contain_text(OTHERS["cake"])
    assert OTHERS["vendor"] not in {one["content"] for one in other.execution()["inputs"]}
    conflict.get_by_role("button", name="Send mine too").click()
    page.is_done("cake", "vendor")


def test_a_party_is_started_and_its_plan_read_with_the_keyboard_alone(page: PartyPage) -> None:
    page.open()
    keys = page.page.keyboard
    keys.press("g")
    keys.press("p")
    expect(page.heading("Parties")).to_be_focused()
    to_name(page, "what the party shall be, one wish a line")
    keys.type(f"{THEME}\n{OTHERS['cake']}")
    to_name(page, "Start with 2 wishes")
    keys.press("Enter")
    page.is_done("theme", "cake")
    to_name(page, re.compile("^theme, "))
    keys.press("Enter")
    panel = page.region("step theme")
    expect(panel).to_contain_text("Jungle expedition")
    keys.press("ArrowRight")
    expect(page.list("steps").get_by_role("listitem", name=re.compile("^cake, "))).to_be_focused()
    keys.press("Enter")
    expect(page.region("step cake")).to_be_visible()


def to_name(page: PartyPage, name: str | re.Pattern[str], most: int = 60) -> None:
    """With Tab, and each that has the focus on the way shows it."""
    for _ in range(most):
        page.page.keyboard.press("Tab")
        found, seen = page.focus()
        assert seen, f"nobody sees that {found!r} has the focus"
        if found == name if isinstance(name, str) else name.search(found):
            return
    raise AssertionError(f"{most} times Tab did not come to {name}")
