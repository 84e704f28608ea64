"""Ten thousand events in a timeline: it is read from end to end with the keyboard, and only what is seen is drawn."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page import ExecutionPage, reader
from tests.e2e.page_acts import said
from tests.e2e.running import Platform

# The page is the same on both; where the log has them is what differs.
THOUGHTS = {"embedded": 10_000, "stack": 1_500}
# It begins, its agent starts, and both end.
AROUND = 4
# Many more than are seen, and none the more for there being ten thousand.
DRAWN = 60


@pytest.fixture(scope="module")
def thoughts(kind: str) -> int:
    return THOUGHTS[kind]


@pytest.fixture(scope="module")
def events(thoughts: int) -> int:
    return thoughts + AROUND


@pytest.fixture(scope="module")
def long(looked_at: Platform, thoughts: int) -> str:
    return said(looked_at, thoughts)


@pytest.fixture
def page(browser: Browser, looked_at: Platform, long: str, events: int) -> Iterator[ExecutionPage]:
    with reader(browser, looked_at, ExecutionPage) as page:
        page.open(f"executions/{long}")
        page.counted(f"{events} events")
        yield page


def drawn(page: ExecutionPage) -> set[int]:
    rows = page.rows_drawn()
    assert 0 < len(rows) <= DRAWN
    return set(rows)


def test_a_long_timeline_is_read_from_end_to_end_and_draws_what_is_seen(page: ExecutionPage, events: int) -> None:
    expect(page.row(events)).to_be_visible()
    assert events in drawn(page)
    page.activity.press("Home")
    expect(page.row(1)).to_be_focused()
    assert 1 in drawn(page)
    page.page.keyboard.press("PageDown")
    page.page.keyboard.press("ArrowDown")
    assert 1 < min(int(page.page.evaluate("document.activeElement.dataset.row")), events) < 100
    page.page.keyboard.press("End")
    expect(page.row(events)).to_be_focused()
    assert events in drawn(page)
    page.page.keyboard.press("ArrowUp")
    expect(page.row(events - 1)).to_be_focused()
    page.page.keyboard.press("Home")
    expect(page.row(1)).to_be_focused()


def test_a_long_timeline_is_filtered(page: ExecutionPage, events: int, thoughts: int) -> None:
    page.filter(text="thought 77")
    found = [number for number in range(thoughts) if f"{number}".startswith("77")]
    page.counted(f"{len(found)} of {events} events")
    expect(page.row(len(found))).to_contain_text(f"thought {found[-1]}")
    page.filter(text="", type="agent-complete")
    page.counted(f"1 of {events} events")
    page.filter(type="agent-thinking")
    page.counted(f"{thoughts} of {events} events")
    drawn(page)


def test_any_moment_of_a_long_execution_is_shown(page: ExecutionPage, events: int) -> None:
    page.slider.fill("700")
    page.counted("700 events up to this moment")
    expect(page.figure("steps done")).to_contain_text(re.compile(r"^0\b"))
    drawn(page)
    page.slider.press("End")
    page.counted(f"{events} events")
