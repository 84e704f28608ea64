"""What people do on the other views: see who works, find what ran, answer, mend what was parked, see who is away."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.kinds import only
from tests.e2e.page import VIEWS, Dashboard, ExecutionPage, reader
from tests.e2e.page_acts import asked, decided, held
from tests.e2e.page_letters import MENDED, NOBODY, park
from tests.e2e.running import Platform, until
from tests.e2e.stack import Stack


@pytest.fixture
def page(browser: Browser, looked_at: Platform) -> Iterator[Dashboard]:
    with reader(browser, looked_at) as page:
        yield page


def test_an_agent_is_seen_to_wake_to_work_and_to_sleep_again(page: Dashboard) -> None:
    page.open()
    agent = page.list("agents").get_by_role("listitem", name="holding", exact=True)
    expect(agent.get_by_text("dormant", exact=True)).to_be_visible()
    loads = page.heard.requests.count(f"{page.platform.url}/")
    receipt, file = held(page.platform)
    expect(agent.get_by_text("processing", exact=True)).to_be_visible()
    expect(agent).to_contain_text("1 running")
    file.touch()
    expect(agent.get_by_text("dormant", exact=True)).to_be_visible()
    (execution,) = page.platform.executions(receipt)
    expect(agent).to_contain_text(re.compile("Woke .*(just now|s ago|min ago)"))
    assert page.heard.requests.count(f"{page.platform.url}/") == loads
    agent.get_by_role("link", name=re.compile(execution["id"][-8:])).click()
    expect(page.heading("holding")).to_be_visible()
    assert page.id() == execution["id"]


def test_the_fleet_is_searched_and_filtered(page: Dashboard) -> None:
    page.open()
    agents = page.list("agents").get_by_role("listitem", name=re.compile("."))
    expect(page.main.get_by_role("searchbox")).to_be_visible()
    page.page.keyboard.press("/")
    page.page.keyboard.type("party-cake")
    expect(agents).to_have_count(1)
    expect(agents).to_have_accessible_name("cake-agent")
    page.page.reload()
    expect(agents).to_have_count(1)
    page.main.get_by_role("searchbox", name="Search agents").fill("no such agent")
    expect(agents).to_have_count(0)
    expect(page.heading("Fleet")).to_be_visible()
    expect(page.main.get_by_role("heading", name="No agent is like that")).to_be_visible()


def test_executions_are_filtered_searched_and_found_by_their_conversation(page: Dashboard) -> None:
    platform = page.platform
    first, second = (str(platform.run("worker", {"name": name})["id"]) for name in ("one", "two"))
    body = {"blueprint": "party", "prompt": "a jungle party", "conversation_id": "a-talk-of-a-party"}
    plan = platform.http.post("/api/v1/executions", json=body).json()["execution_id"]
    page.open("executions")
    rows, choices = page.rows("executions"), page.main.get_by_role("search", name="executions")

    def row(id: str) -> Locator:
        return rows.filter(has=page.page.get_by_role("link", name=f"execution {id}", exact=True))

    for id in (first, second, plan):
        expect(row(id)).to_have_count(1)
    choices.get_by_label("Blueprint").select_option("party")
    expect(row(first)).to_have_count(0)
    expect(row(plan)).to_contain_text("party")
    choices.get_by_label("Blueprint").select_option("")
    choices.get_by_label("Agent").select_option("worker")
    expect(row(plan)).to_have_count(0)
    choices.get_by_label("Status").select_option("failed")
    expect(page.main.get_by_role("heading", name="No execution is like that")).to_be_visible()
    choices.get_by_label("Status").select_option("completed")
    search = choices.get_by_role("searchbox")
    search.fill(second)
    expect(rows).to_have_count(1)
    expect(row(second)).to_be_visible()
    # What is sought may be an execution's id too, and is none.
    with page.heard.expecting("404"):
        page.page.goto(f"{platform.url}/#/executions?q=a-talk-of-a-party")
        expect(rows).to_have_count(1)
        expect(row(plan)).to_be_visible()
        rows.first.press("Enter")
        expect(page.heading("party")).to_be_visible()
        page.main.get_by_role("link", name="conversation id a-talk-of-a-party").click()
        expect(rows).to_have_count(1)
        expect(row(plan)).to_be_visible()


def test_questions_are_answered_from_the_list_with_a_comment(page: Dashboard) -> None:
    first, second = asked(page.platform, "thrifty"), asked(page.platform, "sparing")
    page.open("approvals")
    questions = page.list("open approvals").get_by_role("listitem")
    resolved = page.rows("resolved approvals")
    for one, verb, word in ((first, "Approve", "approved"), (second, "Reject", "rejected")):
        question = questions.filter(has_text=one["question"])
        expect(question).to_contain_text("600 tok")
        question.get_by_role("button", name=verb).click()
        page.dialog.get_by_role("textbox").fill(f"{word} by a test")
        page.dialog.get_by_role("button", name=verb).click()
        expect(page.dialog).to_have_count(0)
        expect(question).to_have_count(0)
        expect(resolved.filter(has_text=one["question"])).to_contain_text(word)
        assert decided(page.platform, one["id"]) == (verb == "Approve", f"{word} by a test")


def test_dead_letters_are_looked_at_retried_and_dropped(browser: Browser, looked_at: Platform) -> None:
    park(looked_at)
    with reader(browser, looked_at) as page:
        page.open()
        page.go("deadletters")
        rows = page.rows("dead letters")
        expect(rows).to_have_count(2)
        never = rows.filter(has_text=NOBODY)
        never.press("Enter")
        expect(page.dialog).to_contain_text("SignalReceived")
        expect(page.dialog.get_by_role("group", name="the event")).to_contain_text(NOBODY)
        with page.heard.expecting("409"):
            page.dialog.get_by_role("button", name="Retry").click()
            refused = page.dialog.get_by_role("alert")
            expect(refused).to_contain_text("It is still parked")
            expect(refused).to_contain_text(NOBODY)
        page.dialog.get_by_role("button", name="Drop…").click()
        sure = page.page.get_by_role("dialog", name="Drop this dead letter?")
        sure.get_by_role("textbox").fill("that agent is gone")
        sure.get_by_role("button", name="Drop it").click()
        expect(page.dialog).to_have_count(0)
        expect(rows).to_have_count(1)
        rows.filter(has_text=MENDED).click()
        page.dialog.get_by_role("button", name="Retry").click()
        expect(page.dialog).to_have_count(0)
        expect(page.main.get_by_role("heading", name="Everything could be handled")).to_be_visible()
        page.main.get_by_label("Status").select_option("all")
        expect(rows.filter(has_text=MENDED)).to_contain_text("retried")
        expect(rows.filter(has_text=NOBODY)).to_contain_text("dropped")
        until(lambda: looked_at.get("/api/v1/executions", agent="worker")["items"], "what was retried has woken it")


def test_what_signals_led_to_is_told(page: Dashboard) -> None:
    receipt = page.platform.trigger("worker", {"name": "signalled"})
    page.open(f"signals/{receipt['signal_id']}")
    expect(page.page.get_by_text("worker").first).to_be_visible()


def test_all_services_are_shown_as_well(page: Dashboard) -> None:
    page.open("health")
    services = page.list("services").get_by_role("listitem")
    for name in page.platform.get("/status")["services"]:
        expect(services.filter(has_text=name)).to_contain_text("serving")
    expect(page.region("what to do")).to_have_count(0)


@only("stack", reason="embedded no service can be away alone")
def test_a_service_that_is_away_is_shown_until_it_is_back(page: Dashboard, looked_at: Platform) -> None:
    assert isinstance(looked_at, Stack)
    page.open("health")
    budget = page.list("services").get_by_role("listitem").filter(has_text="budget")
    expect(budget).to_contain_text("serving")
    away = looked_at.services["budget-1"]
    # Nothing happens meanwhile: that it is away is told all the same.
    with page.heard.expecting("50"):
        away.kill()
        try:
            expect(budget).to_contain_text("unreachable")
            expect(page.region("what to do")).to_contain_text("budget does not answer")
        finally:
            away.start()
        expect(budget).to_contain_text("serving")
        expect(page.region("what to do")).to_have_count(0)


def test_every_view_is_reached_by_a_key_and_by_its_address(browser: Browser, looked_at: Platform) -> None:
    with reader(browser, looked_at, ExecutionPage) as page:
        page.open("health")
        for key, view in zip("fepasdnh", VIEWS, strict=True):
            page.page.keyboard.press("g")
            page.page.keyboard.press(key)
            expect(page.heading(VIEWS[view])).to_be_focused()
            expect(page.page).to_have_title(f"{VIEWS[view]} · Reveille")
            expect(page.page).to_have_url(f"{looked_at.url}/#/{view}")
