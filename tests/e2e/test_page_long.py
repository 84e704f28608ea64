"""Ten thousand events in a timeline: it is read from end to end with the keyboard, and only what is seen is drawn."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page import ExecutionPage, reader
from tests.e2e.page_acts import said
from tests.e2e.running import Platform

THOUGHTS = 10_000
# It begins, its agent starts, and both end.
EVENTS = THOUGHTS + 4
# Many more than are seen, and none the more for there being ten thousand.
DRAWN = 60


@pytest.fixture(scope="module")
def long(looked_at: Platform) -> str:
    return said(looked_at, THOUGHTS)


@pytest.fixture
def page(browser: Browser, looked_at: Platform, long: str) -> Iterator[ExecutionPage]:
    with reader(browser, looked_at, ExecutionPage) as page:
        page.open(f"executions/{long}")
        page.counted(f"{EVENTS} events")
        yield page


def drawn(page: ExecutionPage) -> set[int]:
    rows = page.rows_drawn()
    assert 0 < len(rows) <= DRAWN
    return set(rows)


def test_a_long_timeline_is_read_from_end_to_end_and_draws_what_is_seen(page: ExecutionPage) -> None:
    expect(page.row(EVENTS)).to_be_visible()
    assert EVENTS in drawn(page)
    page.activity.press("Home")
    expect(page.row(1)).to_be_focused()
    assert 1 in drawn(page)
    page.page.keyboard.press("PageDown")
    page.page.keyboard.press("ArrowDown")
    assert 1 < min(int(page.page.evaluate("document.activeElement.dataset.row")), EVENTS) < 100
    page.page.keyboard.press("End")
    expect(page.row(EVENTS)).to_be_focused()
    assert EVENTS in drawn(page)
    page.page.keyboard.press("ArrowUp")
    expect(page.row(EVENTS - 1)).to_be_focused()
    page.page.keyboard.press("Home")
    expect(page.row(1)).to_be_focused()


def test_a_long_timeline_is_filtered(page: ExecutionPage) -> None:
    page.filter(text="thought 777")
    page.counted(f"11 of {EVENTS} events")
    expect(page.row(11)).to_contain_text("thought 7779")
    page.filter(text="", type="agent-complete")
    page.counted(f"1 of {EVENTS} events")
    page.filter(type="agent-thinking")
    page.counted(f"{THOUGHTS} of {EVENTS} events")
    drawn(page)


def test_any_moment_of_a_long_execution_is_shown(page: ExecutionPage) -> None:
    page.slider.fill("5000")
    page.counted("5000 events up to this moment")
    expect(page.figure("steps done")).to_contain_text(re.compile(r"^0\b"))
    drawn(page)
    page.slider.press("End")
    page.counted(f"{EVENTS} events")
