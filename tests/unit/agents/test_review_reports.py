"""A report that is handed to the reviewer: the places that it names, and who changed them lately."""

from typing import Any

from reveille.agents import LocalContext, Signal, Task, ToolFailed
from reveille.agents.coding import review
from reveille.agents.models.offline import OfflineModel
from reveille.agents.reviewing.places import Place, named_in

TRACE = """It crashes on save.
Traceback (most recent call last):
  File "/srv/app/src/app/orders.py", line 41, in save
    raise KeyError
See also lib/cart.ts:7 and README.md, or https://example.org/a/page.html.
"""


def issue(body: str) -> Signal:
    payload = {"issue": {"title": "Crash", "body": body}}
    return Signal(
        id="s", source="github", kind="issues.opened", means="issue.opened", number=7, title="Crash",
        repository="acme/app", payload=payload,
    )  # fmt: skip


async def result_of(body: str, *recent: dict[str, Any], away: bool = False) -> dict[str, Any]:
    async def signals(repository: str = "", hours: int = 24, limit: int = 100) -> list[dict[str, Any]]:
        assert repository == "acme/app"
        if away:
            raise ToolFailed("ingress is away")
        return list(recent)

    task = Task(
        run_id="r", execution_id="e", agent="reviewer", step="wake", attempt=1, priority="medium", tokens=2_000,
        signals=(issue(body),),
    )  # fmt: skip
    return await review(task, LocalContext(OfflineModel(), tokens=task.tokens, tools={"signals.recent": signals}))


def pushed(title: str, *paths: str) -> dict[str, Any]:
    return {"means": "code.pushed", "kind": "push", "title": title, "actor": "ann", "paths": list(paths)}


def test_a_report_names_files_with_their_lines() -> None:
    found = named_in(TRACE)
    assert found[:2] == [Place("/srv/app/src/app/orders.py", 41), Place("lib/cart.ts", 7)]
    assert named_in("version 2.1 of e.g. nothing.") == []


def test_a_long_report_is_read_in_time_and_names_only_so_many() -> None:
    assert len(named_in("a/" * 50_000 + "b.py")) <= 20
    assert len(named_in(" ".join(f"f{number}.py" for number in range(100)))) == 20


async def test_what_a_report_names_and_who_changed_it_lately_is_told() -> None:
    result = await result_of(TRACE, pushed("Faster orders", "src/app/orders.py"), pushed("Older", "src/app/orders.py"))
    first = result["findings"][0]
    assert (first["rule"], first["line"]) == ("changed-lately", 41)
    assert "Faster orders by ann" in first["message"]
    assert {one["rule"] for one in result["findings"][1:]} == {"named-in-report"}
    assert "#7 Crash is a report: the places that it names are below" in result["summary"]


async def test_a_report_that_names_nothing_says_so() -> None:
    result = await result_of("it is broken")
    assert result["findings"] == []
    assert "names no file" in result["summary"]


async def test_a_report_is_read_also_where_nobody_can_be_asked() -> None:
    result = await result_of(TRACE, away=True)
    assert {one["rule"] for one in result["findings"]} == {"named-in-report"}
    assert "what was changed lately could not be read" in result["summary"]
