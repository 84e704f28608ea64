"""The page where everybody has to say who he is: it shows nobody anything, and everybody what he may see and do."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.embedded import Embedded
from tests.e2e.page import Dashboard, ExecutionPage, reader
from tests.e2e.page_browser import opened_browser
from tests.e2e.page_sight import drawn, told

FLEET: Final = Path(__file__).parent / "page_fleet.yaml"
ADMIN: Final = "the-key-that-issues-the-first-ones-0123456789"
PHONE: Final = {"width": 360, "height": 740}
# What a browser says of an answer that it is expected to get.
REFUSED: Final = ("401", "ERR_", "WebSocket")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    settings = {"REVEILLE_AUTH": "on", "REVEILLE_ADMIN_KEY": ADMIN}
    platform = Embedded(tmp_path_factory.mktemp("guarded"), fleet=FLEET, settings=settings)
    try:
        platform.start()
        platform.http.headers["authorization"] = f"Bearer {ADMIN}"
        yield platform
    finally:
        platform.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def party(guarded: Embedded) -> str:
    """One that could go on, if somebody said how."""
    body = {"inputs": [{"content": "jungle theme party for 75 guests"}]}
    answer = guarded.http.post("/api/v1/event-driven/start", json=body)
    assert answer.is_success, answer.text
    return str(answer.json()["party_id"])


def issued(platform: Embedded, *roles: str, name: str = "eve", **wanted: Any) -> dict[str, Any]:
    answer = platform.http.post("/api/v1/keys", json={"name": name, "roles": roles, **wanted})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def arrived(page: Dashboard, path: str = "") -> None:
    """Without a key: at the sign-in, and at nothing else."""
    with page.heard.expecting(*REFUSED):
        page.page.goto(f"{page.platform.url}/#/{path}")
        expect(page.heading("Sign in to Reveille")).to_be_visible()


def field(page: Dashboard) -> Locator:
    return page.page.get_by_label("API key or token")


def shows(page: Dashboard, key: str) -> None:
    field(page).fill(key)
    page.page.get_by_role("button", name="Sign in").click()


def signed_in(page: Dashboard, key: str, path: str = "") -> None:
    arrived(page, path)
    shows(page, key)
    page.is_live()


def test_nobody_sees_the_sign_in_and_nothing_else(browser: Browser, guarded: Embedded) -> None:
    with reader(browser, guarded) as page:
        arrived(page, "executions")
        expect(field(page)).to_be_focused()
        assert page.page.locator("body").inner_text().startswith("Sign in to Reveille")
        expect(page.page.get_by_role("navigation")).to_have_count(0)
        asked = [url.removeprefix(guarded.url) for url in page.heard.requests if "/assets/" not in url]
        assert asked == ["/", "/api/v1/me"]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_sign_in_can_be_read_and_heard_on_a_telephone_too(browser: Browser, guarded: Embedded, theme: str) -> None:
    with reader(browser, guarded, color_scheme=theme, viewport=PHONE, has_touch=True) as page:
        arrived(page)
        with page.heard.expecting(*REFUSED):
            shows(page, "wrong")
            expect(page.page.get_by_role("alert")).to_be_visible()
        assert drawn(page.page) == {"contrast": [], "overflow": []}
        assert [wrong for wrong in told(page.page) if "banner" not in wrong] == []


def test_a_wrong_key_is_told_and_the_right_one_leads_to_what_was_asked_for(browser: Browser, guarded: Embedded) -> None:
    with reader(browser, guarded) as page:
        arrived(page, "signals")
        with page.heard.expecting(*REFUSED):
            for wrong, why in (("rvl_default.x.y", "wrong, expired or revoked"), ("two words", "This is no key")):
                shows(page, wrong)
                expect(page.page.get_by_role("alert")).to_contain_text(why)
        shows(page, issued(guarded, "agent", name="robot")["key"])
        expect(page.page.get_by_role("alert")).to_contain_text("robot may not look at anything")
        shows(page, issued(guarded, "viewer")["key"])
        expect(page.heading("Signals")).to_be_visible()
        page.is_live()
        page.page.reload()
        expect(page.heading("Signals")).to_be_visible()


def test_a_viewer_reads_and_is_told_why_he_changes_nothing(browser: Browser, guarded: Embedded, party: str) -> None:
    with reader(browser, guarded, ExecutionPage) as page:
        signed_in(page, issued(guarded, "viewer")["key"], "executions")
        expect(page.rows("executions").first).to_be_visible()
        start = page.main.get_by_role("button", name="Start an execution")
        expect(start).to_be_disabled()
        assert drawn(page.page)["contrast"] == []
        start.click(force=True)
        page.is_told("eve may not start or change plans: that is for the roles operator and admin.")
        expect(page.dialog).to_have_count(0)
        page.page.goto(f"{guarded.url}/#/executions?start=1")
        expect(page.rows("executions").first).to_be_visible()
        expect(page.dialog).to_have_count(0)
        page.page.goto(f"{guarded.url}/#/executions/{party}")
        for verb in ("Cancel", "Fork"):
            expect(page.main.get_by_role("button", name=verb)).to_be_disabled()
        page.page.goto(f"{guarded.url}/#/parties/{party}")
        expect(page.list("inputs")).to_contain_text("jungle theme")
        expect(page.main.get_by_text("eve may not start or change plans")).to_be_visible()
        expect(page.main.get_by_role("textbox")).to_have_count(0)
        expect(page.main.get_by_role("button", name=re.compile("^remove"))).to_have_count(0)
        assert (drawn(page.page), told(page.page)) == ({"contrast": [], "overflow": []}, [])


def test_an_operator_starts_and_cancels_and_is_on_record(browser: Browser, guarded: Embedded) -> None:
    with reader(browser, guarded, ExecutionPage) as page:
        signed_in(page, issued(guarded, "operator", name="ops")["key"], "executions")
        page.main.get_by_role("button", name="Start an execution").click()
        page.dialog.get_by_role("combobox", name=re.compile("^Blueprint")).select_option("party")
        page.dialog.get_by_label("Prompt").fill("space party for ten")
        page.dialog.get_by_role("button", name="Start").click()
        expect(page.heading("party")).to_be_visible()
        page.main.get_by_role("button", name="Cancel").click()
        page.dialog.get_by_role("button", name="Cancel it").click()
        page.is_told("it is being cancelled")
        acts = guarded.get("/api/v1/audit", by="ops")["items"]
        assert [one["act"].partition(" ")[2].rpartition("/")[2] for one in acts] == ["cancel", "executions"]


def test_who_somebody_is_stands_on_the_page_and_he_leaves_with_all_of_it(browser: Browser, guarded: Embedded) -> None:
    first, second = issued(guarded, "viewer", expires_in=3600), issued(guarded, "operator", name="ops")
    with reader(browser, guarded) as page:
        signed_in(page, first["key"])
        page.page.get_by_role("button", name="access").click()
        for part in ("eve", "viewer", "default", first["key_id"], "in 59 min"):
            expect(page.dialog).to_contain_text(part)
        with page.page.expect_event("websocket") as socket, page.heard.expecting(*REFUSED):
            page.dialog.get_by_role("button", name="Sign out").click()
            expect(page.heading("Sign in to Reveille")).to_be_visible()
            expect(page.page.get_by_role("alert")).to_have_count(0)
            shows(page, second["key"])
            page.is_live()
        # A socket of the one before would tell the next what that one may see.
        assert second["key"] in socket.value.url
        expect(page.page.get_by_title("you are ops")).to_be_visible()
        expect(page.page.get_by_title("roles and tenant")).to_have_text("operator · default")


def test_a_key_that_is_revoked_while_somebody_looks_brings_the_sign_in_back(
    browser: Browser, guarded: Embedded
) -> None:
    key = issued(guarded, "viewer")
    with reader(browser, guarded) as page:
        signed_in(page, key["key"], "health")
        expect(page.heading("Health")).to_be_visible()
        with page.heard.expecting(*REFUSED):
            assert guarded.http.delete(f"/api/v1/keys/{key['key_id']}").status_code == 204
            expect(page.heading("Sign in to Reveille")).to_be_visible()
            expect(page.page.get_by_role("alert")).to_contain_text("no longer good")
        shows(page, issued(guarded, "viewer")["key"])
        expect(page.heading("Health")).to_be_visible()
        page.is_live()
