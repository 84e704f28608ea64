"""A party is planned: agents come, rerun and go with what somebody wants, and budget and plan follow every change."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.conftest import Make
from tests.e2e.parties import API, Party, accepted
from tests.e2e.running import Platform, until

WHOLE = [
    "jungle theme party for 75 guests",
    "outdoor venue under $800 in Austin",
    "buffet for everyone",
    "chocolate cake",
    "a magician",
]


@pytest.fixture(scope="module")
def platform(make_for_module: Make) -> Platform:
    """The fleet that ships."""
    running: Platform = make_for_module(fleet=None)
    return running.start()


@pytest.fixture
def party(platform: Platform) -> Party:
    return Party(platform)


def whole(party: Party) -> dict[str, Any]:
    """All five steps, each input under the name of its step."""
    names = ["theme", "venue", "catering", "cake", "vendor"]
    inputs = [{"input_id": name, "content": text} for name, text in zip(names, WHOLE, strict=True)]
    accepted(party.post(f"{API}/start", {"party_id": party.id, "inputs": inputs}))
    status = party.settled()
    party.ran()
    return status


def check_wave(ran: Mapping[str, int], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Another theme: those that read its result run once, and catering where the venue's is another one."""
    another_venue = result(after, "venue") != result(before, "venue")
    assert ran == dict.fromkeys(("theme", "venue", "cake", "vendor", *(["catering"] if another_venue else [])), 1)


def result(status: Mapping[str, Any], step: str) -> dict[str, Any]:
    found: dict[str, Any] = status["agent_results"][f"{step}_agent"]["result"]
    return found


def test_the_journey_of_a_party(party: Party) -> None:
    accepted(party.start("jungle theme party for 75 guests"))
    status = party.settled()
    assert party.ran() == {"theme": 1}
    plan = status["final_plan"]
    assert sorted(plan["missing_agents"]) == ["cake_agent", "catering_agent", "vendor_agent", "venue_agent"]
    assert len(plan["next_steps"]) == 4
    assert (plan["completion_percent"], status["status"]) == (20, "planning")

    accepted(party.add("outdoor venue under $800 in Austin", "venue"))
    status = party.settled()
    assert party.ran() == {"venue": 1}
    assert party.execution()["facts"] == {"guests": 75, "budget": 800, "city": "Austin"}
    assert result(status, "venue")["venue"]["city"] == "Austin"

    accepted(party.add("buffet for everyone", "food"))
    party.settled()
    assert party.ran() == {"catering": 1}
    accepted(party.change(add=[{"content": "chocolate cake"}, {"content": "a magician"}]))
    status = party.settled()
    assert party.ran() == {"cake": 1, "vendor": 1}
    assert (status["status"], status["final_plan"]["completion_percent"]) == ("completed", 100)
    assert status["final_plan"]["checklist_summary"] == {"total_tasks": 5, "completed_tasks": 5, "pending_tasks": 0}

    accepted(party.add("two guests are vegetarian"))
    party.settled()
    assert party.ran() == {"cake": 1, "catering": 1}
    facts = party.execution()["facts"]
    assert (facts["guests"], facts["diet"]) == (75, {"vegetarian": 2})


def test_a_theme_is_exchanged_in_two_requests(party: Party) -> None:
    before = whole(party)
    accepted(party.add("space theme instead", "space"))
    party.settled()
    middle = party.status()
    check_wave(party.ran(), before, middle)
    assert result(middle, "theme")["theme"] == "space"
    accepted(party.remove("theme"))
    status = party.settled()
    # The guests stood in the first wish: whoever reads them runs again, and that is everybody but the vendor.
    assert {"theme", "venue", "cake", "catering"} <= set(party.ran())
    assert "guests" not in party.execution()["facts"]
    assert result(status, "theme")["theme"] == "space"


def test_both_changes_in_one_request_make_one_wave(party: Party) -> None:
    before = whole(party)
    space = {"input_id": "space", "content": "space theme instead, for 75 guests"}
    accepted(party.change(add=[space], remove=["theme"]))
    status = party.settled()
    check_wave(party.ran(), before, status)


def test_a_venue_goes_with_its_last_input_and_what_read_it_runs_again(party: Party) -> None:
    before = whole(party)
    accepted(party.remove("venue"))
    status = party.settled()
    # Catering read its result; the city and the budget, which cake and vendor read, stood in the same wish.
    assert party.ran() == {"catering": 1, "cake": 1, "vendor": 1}
    assert "venue_agent" not in status["agent_results"]
    assert "venue" not in status["budget"]["by_step"]
    assert status["budget"]["total_budget"] != before["budget"]["total_budget"]
    assert status["final_plan"]["missing_agents"] == ["venue_agent"]
    assert status["status"] == "planning"
    types = [event["type"] for event in party.events()]
    assert any(one.endswith("StepRemoved") for one in types)


def test_a_theme_goes_and_what_read_it_runs_again(party: Party) -> None:
    whole(party)
    accepted(party.remove("theme"))
    status = party.settled()
    ran = party.ran()
    assert {"venue", "cake", "vendor"} <= set(ran)
    assert "theme" not in ran
    assert "theme_agent" not in status["agent_results"]


def test_seventy_five_guests_and_twenty_are_told_different_things(platform: Platform) -> None:
    told = {}
    for guests in (75, 20):
        party = Party(platform)
        accepted(party.start(f"jungle theme party for {guests} guests", *WHOLE[1:]))
        told[guests] = party.settled()
    for step in ("theme", "venue", "catering", "cake"):
        assert result(told[75], step) != result(told[20], step), step
    assert told[75]["budget"]["total_budget"]["max"] > told[20]["budget"]["total_budget"]["max"]


def test_over_the_budget_it_says_by_how_much_and_what_drives_it(party: Party) -> None:
    whole(party)
    budget = party.settled()["budget"]
    assert budget["limit"] == 800
    assert budget["over_by"] == pytest.approx(budget["total_budget"]["max"] - 800)
    most = max(one["max"] for one in budget["by_step"].values())
    assert budget["by_step"][budget["driver"]]["max"] == most
    accepted(party.add("our budget is $100,000", "rich"))
    budget = party.settled()["budget"]
    assert (budget["limit"], budget["over_by"], budget["driver"]) == (100_000, 0, None)


def test_the_budget_service_adds_up_what_the_steps_say(party: Party) -> None:
    whole(party)
    execution, budget = party.execution(), party.settled()["budget"]
    for side in ("min", "max"):
        of_steps = sum(step["money"][side] for step in execution["steps"] if step.get("money"))
        assert budget["total_budget"][side] == pytest.approx(of_steps)


def test_two_people_edit_at_once_and_one_of_them_is_told(party: Party) -> None:
    accepted(party.start("jungle theme party"))
    url = f"{party.platform.url}{API}/status/{party.id}"
    seen = party.platform.http.get(url).headers["etag"]
    body = {"party_id": party.id, "content": "chocolate cake"}
    first = party.post(f"{API}/input", body, **{"If-Match": seen})
    second = party.post(f"{API}/input", {**body, "content": "carrot cake"}, **{"If-Match": seen})
    assert (first.status_code, second.status_code) == (202, 412)
    assert second.json()["code"] == "inputs_moved"
    assert [one["content"] for one in party.settled()["inputs"]] == ["jungle theme party", "chocolate cake"]


def test_a_hundred_people_edit_at_once_and_nothing_is_lost(party: Party) -> None:
    accepted(party.start("jungle theme party for 10 guests"))
    failed: list[str] = []

    def add(number: int) -> None:
        for part in range(5):
            answer = party.add(f"cake number {number} {part}", f"cake-{number}-{part}")
            if answer.status_code != 202:
                failed.append(answer.text)

    people = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert not failed
    status = party.settled()
    assert len(status["inputs"]) == 41
    steps = {step["name"]: step for step in party.execution()["steps"]}
    assert steps["cake"]["status"] == "done"


def test_a_hundred_parties_at_once_and_none_sees_anothers(platform: Platform) -> None:
    cities = ["Austin", "Boston", "Chicago", "Denver", "Seattle"]
    parties = [Party(platform) for _ in range(100)]
    for number, one in enumerate(parties):
        accepted(one.start(f"pirate theme party for {10 + number} guests", f"a venue in {cities[number % 5]}"))
    for number, one in enumerate(parties):
        status = one.settled()
        assert one.execution()["facts"] == {"guests": 10 + number, "city": cities[number % 5]}
        assert result(status, "venue")["venue"]["city"] == cities[number % 5]
        assert {event["data"]["execution_id"] for event in one.events(type="StepReady")} == {one.id}


def test_a_plan_goes_on_where_it_was_killed(make: Make) -> None:
    platform = make(fleet=None).start()
    party = Party(platform)
    accepted(party.start(*WHOLE))
    platform.kill()
    platform.start()
    status = party.settled()
    assert status["status"] == "completed"
    accepted(party.add("two guests are vegetarian"))
    assert platform.stop() == 0
    platform.start()
    assert party.settled()["status"] == "completed"
    # Rows may be behind those that were killed: they come to the same.
    platform.stop()
    platform.lose_views()
    platform.start()
    assert party.settled()["final_plan"] == {**status["final_plan"], **party.status()["final_plan"]}


def test_a_cancelled_party_stays_as_it_is(party: Party) -> None:
    whole(party)
    url = f"{party.platform.url}/api/v1/executions/{party.id}"
    assert party.platform.http.post(f"{url}/cancel", json={"reason": "rain"}).status_code == 202
    until(lambda: party.execution()["status"] == "cancelled", "it is cancelled")
    answer = party.add("more balloons")
    assert answer.status_code == 409
    again = party.platform.http.post(f"{url}/cancel", json={})
    assert (again.status_code, again.json()["duplicate"]) == (200, True)


def test_a_fork_goes_its_own_way_from_any_moment(party: Party) -> None:
    whole(party)
    accepted(party.add("two guests are vegetarian", "diet"))
    after = party.settled()
    at = next(event["sequence"] for event in party.events() if event["data"].get("input_id") == "diet")
    answer = party.post(f"/api/v1/executions/{party.id}/fork", {"at": at - 1})
    fork = Party(party.platform, id=accepted(answer)["execution_id"])
    status = fork.settled()
    assert {one["input_id"] for one in status["inputs"]} == {"theme", "venue", "catering", "cake", "vendor"}
    assert fork.ran() == {}  # all that it had is what it would do
    assert status["status"] == "completed"
    assert "diet" not in fork.execution()["facts"]
    accepted(fork.remove("venue"))
    fork.settled()
    assert party.settled() == after


def test_what_means_nothing_is_kept_and_asked_about(party: Party) -> None:
    accepted(party.start("qwertz", inputs=[{"content": "qwertz", "tags": ["xyzzy"]}]))
    status = party.settled()
    (one,) = status["inputs"]
    assert one["categories"] == []
    assert any("xyzzy" in step or "qwertz" in step for step in status["final_plan"]["next_steps"])


def test_tags_overrule_words_and_give_facts(party: Party) -> None:
    tagged = {"content": "something with a cake on it", "tags": ["theme", "guests:12"]}
    accepted(party.post(f"{API}/start", {"party_id": party.id, "inputs": [tagged]}))
    party.settled()
    assert party.ran() == {"theme": 1}
    assert party.execution()["facts"] == {"guests": 12}


@pytest.mark.parametrize(
    ("content", "code"),
    [("", 422), ("x" * 100_000, 422), ("a\x00b", 422), (None, 422), (7, 422)],
)
def test_bad_content_is_refused_and_changes_nothing(party: Party, content: Any, code: int) -> None:
    accepted(party.start("jungle theme party"))
    before = party.settled()
    answer = party.post(f"{API}/input", {"party_id": party.id, "content": content})
    assert answer.status_code == code
    assert answer.json()["errors"][0]["path"] == "content"
    assert party.status() == before


def test_what_is_not_there_is_not_found_and_goes_once(party: Party) -> None:
    assert party.platform.http.get(f"{party.platform.url}{API}/status/{party.id}").status_code == 404
    assert party.add("cake").status_code == 404
    accepted(party.start("jungle theme party", inputs=[{"content": "jungle theme party", "input_id": "one"}]))
    assert party.start("again").status_code == 409
    assert party.remove("two").status_code == 404
    accepted(party.remove("one"))
    before = party.settled()
    assert party.remove("one").status_code == 404
    assert party.status() == before
    answer = party.post("/api/v1/executions", {"blueprint": "wedding"})
    assert answer.status_code == 404


def test_a_key_makes_a_repetition_known(party: Party) -> None:
    accepted(party.start("jungle theme party"))
    body = {"party_id": party.id, "content": "chocolate cake"}
    first = party.post(f"{API}/input", body, **{"Idempotency-Key": "k1"})
    again = party.post(f"{API}/input", body, **{"Idempotency-Key": "k1"})
    other = party.post(f"{API}/input", {**body, "content": "no cake"}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 422)
    assert again.json()["input_id"] == first.json()["input_id"]
    assert len(party.settled()["inputs"]) == 2
