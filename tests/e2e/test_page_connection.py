"""What the page shows comes over its socket: it asks for nothing else, loses nothing, and comes back by itself."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page import Dashboard, ExecutionPage, PartyPage, reader, row_of
from tests.e2e.page_acts import held
from tests.e2e.parties import Party
from tests.e2e.running import Platform, until
from tests.e2e.scenes import Scene

KEEPER = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"
# What a browser says of a server that is not there, or only just there again.
AWAY = ("ERR_", "WebSocket", "status of 50", "answer: 50")


@pytest.fixture
def page(browser: Browser, looked_at: Platform) -> Iterator[Dashboard]:
    with reader(browser, looked_at) as page:
        yield page


def test_a_scene_goes_on_before_its_reader_when_all_of_it_was_killed(browser: Browser, looked_at: Platform) -> None:
    scene = Scene(looked_at).start(KEEPER, autopilot="auto")
    with reader(browser, looked_at, ExecutionPage) as page:
        page.open(f"executions/{scene.id}")
        with page.heard.expecting(*AWAY):
            looked_at.kill()
            expect(page.banner).to_be_visible()
            looked_at.start()
            page.status("completed")
            page.is_live()
        expect(page.banner).to_have_count(0)
        scene.at("completed")
        events = scene.live()
        assert [one["sequence"] for one in events] == list(range(1, len(events) + 1))
        page.counted(f"{len(events)} events")
        rows = page.rows_all(len(events))
        assert len(rows) == len(events)
        assert [row for row, event in zip(rows, events, strict=True) if not row.startswith(row_of(event))] == []


def test_a_party_is_right_when_it_was_changed_while_the_page_had_no_connection(
    browser: Browser, looked_at: Platform
) -> None:
    with reader(browser, looked_at, PartyPage) as page:
        page.open("parties").start("jungle theme party for 75 guests", "chocolate cake")
        page.is_done("theme", "cake")
        with page.heard.expecting(*AWAY):
            page.page.context.set_offline(True)
            looked_at.kill()
            expect(page.banner).to_be_visible()
            looked_at.start()
            other = Party(looked_at, id=page.id())
            (cake,) = [one["input_id"] for one in other.execution()["inputs"] if "cake" in one["content"]]
            assert other.change(add=[{"content": "a magician"}], remove=[cake]).status_code == 202
            expect(page.banner).to_be_visible()
            page.page.context.set_offline(False)
            page.is_done("vendor")
            page.is_live()
        expect(page.card("cake")).to_have_count(0)
        expect(page.wish("cake")).to_have_count(0)


@pytest.mark.parametrize("view", ["fleet", "health"])
def test_a_page_that_nothing_happens_on_asks_for_nothing(page: Dashboard, view: str) -> None:
    until(page.platform.is_in_views, "nothing is under way any more")
    page.open(view).is_quiet(3)


def test_what_happens_is_asked_for_once_the_socket_has_told_of_it(page: Dashboard) -> None:
    page.open("executions")
    page.is_quiet(1)
    sockets = [url for url in page.heard.requests if url.startswith("ws")]
    assert [url.partition("?")[0] for url in sockets] == [f"{page.platform.url.replace('http', 'ws')}/ws/events"]
    receipt, file = held(page.platform)
    (execution,) = until(lambda: page.platform.executions(receipt), "the execution is listed")
    row = page.rows("executions").filter(has=page.page.get_by_role("link", name=re.compile(execution["id"])))
    expect(row).to_contain_text("running")
    file.touch()
    expect(row).to_contain_text("completed")
    assert [url for url in page.heard.requests if url.startswith("ws")] == sockets
