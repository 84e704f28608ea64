"""The page as its readers find their way on it: by roles and names, never by how it is built."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.page_browser import Heard, opened_page
from tests.e2e.running import Platform, until

# Every view of the navigation, as it is called there.
VIEWS: Final = {
    "fleet": "Fleet",
    "executions": "Executions",
    "parties": "Parties",
    "approvals": "Approvals",
    "signals": "Signals",
    "deadletters": "Dead letters",
    "analytics": "Analytics",
    "health": "Health",
}
DISCONNECTED: Final = "No connection to the platform."


class Dashboard:
    """One reader's page of one platform."""

    def __init__(self, page: Page, heard: Heard, platform: Platform) -> None:
        self.page = page
        self.heard = heard
        self.platform = platform

    def open(self, path: str = "") -> Self:
        """The view behind `/#/`; returns when it is connected and has its heading."""
        self.page.goto(f"{self.platform.url}/#/{path}")
        expect(self.heading()).to_be_visible()
        self.is_live()
        return self

    def go(self, view: str) -> Self:
        self.page.get_by_role("navigation", name="views").get_by_role("link", name=VIEWS[view]).click()
        expect(self.heading(VIEWS[view])).to_be_visible()
        return self

    def is_quiet(self, seconds: float) -> None:
        """It comes to ask for nothing at all, for so long."""

        def listened() -> bool:
            before = len(self.heard.requests)
            # Not to wait for something: this is how long it is listened to.
            self.page.wait_for_timeout(seconds * 1000)
            return len(self.heard.requests) == before

        until(listened, f"for {seconds:g} s the page asks for nothing, as it did for {self.heard.requests[-5:]}")

    def is_live(self) -> None:
        expect(self.page.get_by_text("live", exact=True).locator("visible=true").first).to_be_visible()

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def heading(self, name: str | None = None) -> Locator:
        return self.main.get_by_role("heading", level=1, name=name, exact=True)

    @property
    def banner(self) -> Locator:
        return self.page.get_by_role("status").filter(has_text=DISCONNECTED)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def region(self, name: str) -> Locator:
        return self.main.get_by_role("region", name=name, exact=True)

    def table(self, name: str) -> Locator:
        return self.main.get_by_role("table", name=name, exact=True)

    def rows(self, table: str) -> Locator:
        """Without its head."""
        return self.table(table).get_by_role("row").filter(has=self.page.get_by_role("cell"))

    def list(self, name: str) -> Locator:
        return self.main.get_by_role("list", name=name, exact=True)

    def figure(self, label: str) -> Locator:
        """What stands under a figure's label."""
        return self.main.get_by_role("term").get_by_text(label, exact=True).locator("..").get_by_role("definition")

    def id(self) -> str:
        """Of what is shown: the end of its address."""
        return self.page.url.partition("#/")[2].partition("?")[0].partition("/")[2]

    def is_told(self, text: str) -> None:
        """In the corner where the page says what came of an act."""
        expect(self.page.get_by_role("status").filter(has_text=text).last).to_be_visible()

    def focus(self) -> tuple[str, bool]:
        """The name of what has the focus, and whether it looks otherwise than without it."""
        name, seen = self.page.evaluate(_FOCUS)
        return name, seen


# With reduced motion a style has come to what it is when the next frame is drawn.
_FOCUS: Final = """async () => {
  const one = document.activeElement;
  const frame = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  const drawn = async () => (await frame(), [one, ...one.querySelectorAll("*")].map((part) => {
    const { outline, boxShadow, borderColor, backgroundColor, stroke, strokeWidth } = getComputedStyle(part);
    return [outline, boxShadow, borderColor, backgroundColor, stroke, strokeWidth].join();
  }).join(";"));
  const focused = await drawn();
  one.blur();
  const blurred = await drawn();
  one.focus({preventScroll: true});
  return [one.getAttribute("aria-label") ?? one.textContent.trim(), focused !== blurred];
}"""


class PartyPage(Dashboard):
    """The view of one party."""

    def start(self, *wishes: str) -> "PartyPage":
        """From the list of parties."""
        self.main.get_by_label("what the party shall be").fill("\n".join(wishes))
        self.main.get_by_role("button", name=re.compile("^Start")).click()
        expect(self.region("wishes")).to_be_visible()
        return self

    def add(self, wish: str) -> "PartyPage":
        self.main.get_by_label("what else is wanted").fill(wish)
        self.main.get_by_role("button", name="Add", exact=True).click()
        expect(self.wish(wish)).to_be_visible()
        return self

    def remove(self, wish: str) -> "PartyPage":
        self.main.get_by_role("button", name=f"remove {wish}").click()
        expect(self.wish(wish)).to_have_count(0)
        return self

    def wish(self, text: str) -> Locator:
        return self.list("inputs").get_by_role("listitem").filter(has_text=text)

    def card(self, step: str) -> Locator:
        return self.region(step)

    def is_done(self, *steps: str) -> None:
        for step in steps:
            expect(self.card(step).get_by_text("done", exact=True)).to_be_visible()

    def complete(self, percent: int) -> None:
        expect(self.main.get_by_role("meter", name="the plan")).to_have_attribute("aria-valuenow", str(percent))


class ExecutionPage(Dashboard):
    """The view of one execution."""

    def status(self, word: str) -> None:
        expect(self.main.locator("[data-status]").first).to_have_text(word)

    def department(self, name: str) -> Locator:
        return self.region(f"department {name}")

    def step(self, name: str) -> Locator:
        """A node of the plan's graph; its name says its state."""
        return self.list("steps").get_by_role("listitem", name=re.compile(rf"^{re.escape(name)}, "))

    @property
    def activity(self) -> Locator:
        return self.list("activity")

    def filter(self, **chosen: str) -> "ExecutionPage":
        """type, agent, department: of the activity; text: typed."""
        search = self.main.get_by_role("search", name="filter events")
        for label, value in chosen.items():
            if label == "text":
                search.get_by_role("searchbox", name="text").fill(value)
            else:
                search.get_by_label(label, exact=True).select_option(value)
        return self

    def counted(self, text: str | re.Pattern[str]) -> None:
        """What stands above the activity: how many of how many."""
        expect(self.main.get_by_role("status").filter(has_text=re.compile("events"))).to_have_text(text)

    @property
    def slider(self) -> Locator:
        return self.main.get_by_role("slider", name="event to show")

    def rows_drawn(self) -> dict[int, str]:
        """By place, the first is 1: what each row of the activity says without its spaces, of those that are drawn."""
        found: list[tuple[int, str]] = self.activity.get_by_role("listitem").evaluate_all(
            "rows => rows.map(row => [Number(row.getAttribute('aria-posinset')), row.textContent.replace(/\\s+/g, '')])"
        )
        return dict(found)

    def rows_all(self, count: int) -> list[str]:
        """Page by page, as somebody reads them with the keyboard, who sees no other row than the page draws."""
        found: dict[int, str] = {}
        self.activity.press("Home")
        expect(self.row(1)).to_be_focused()
        for _ in range(count):
            found |= self.rows_drawn()
            if count in found:
                break
            self.page.keyboard.press("PageDown")
        return [found[place] for place in sorted(found)]

    def row(self, place: int) -> Locator:
        return self.activity.locator(f"[aria-posinset='{place}']").get_by_role("button").first


def row_of(event: Mapping[str, Any]) -> str:
    """How the row of a live event begins, without spaces."""
    who = event["agentId"] or event["department"] or "plan"
    return f"{event['timestamp'][11:23]}{who}{event['type']}:"


@contextmanager
def reader(browser: Browser, platform: Platform, kind: type[Dashboard] = Dashboard, **settings: Any) -> Iterator[Any]:
    """One reader's page. When it ends, whatever it complained of that nobody expected is a failure."""
    with opened_page(browser, **settings) as (page, heard):
        yield kind(page, heard, platform)
        # Of what is under way nothing is lost: a page that is quiet has said all.
        page.evaluate("0")
    assert not heard.complaints, f"nobody expected {heard.complaints}"
    assert not (elsewhere := heard.elsewhere(platform.url)), f"it went to {elsewhere}"
