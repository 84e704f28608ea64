"""The project's leader sorts reports and hands them to whoever can take them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from reveille.agents import HandedOn, LocalContext, Signal, Task, ToolFailed
from reveille.agents.coding import lead
from reveille.agents.models.offline import OfflineModel
from reveille.agents.tool import Tool
from reveille.agents.triage.sorting import sort

FLEET = {
    "leader": ("plan", "triage"),
    "operator": ("infrastructure", "deploy"),
    "reviewer": ("review", "develop"),
}


def issue(title: str, body: str = "", id: str = "s-1", **changed: Any) -> Signal:
    return Signal(
        id=id,
        source="github",
        kind="issues.opened",
        means="issue.opened",
        title=title,
        summary=body,
        payload={"issue": {"title": title, "body": body}},
        **changed,
    )


def task(*signals: Signal, handed_on: HandedOn | None = None, rule: str = "triage-issues") -> Task:
    return Task(
        run_id="r",
        execution_id="e",
        agent="leader",
        step="wake",
        attempt=1,
        priority="medium",
        tokens=2_000,
        signals=signals,
        rule=rule,
        handed_on=handed_on,
    )


def context(
    tokens: int = 2_000, agents: Mapping[str, Sequence[str]] = FLEET, tools: Mapping[str, Tool] | None = None
) -> LocalContext:
    return LocalContext(OfflineModel(), tokens=tokens, agents=agents, tools=tools or {})


@pytest.mark.parametrize(
    ("title", "body", "kind"),
    [
        ("Crash when saving", "It raises an exception at startup.", "bug"),
        ("Please add dark mode", "It would be nice.", "feature"),
        ("How do I change the port?", "", "question"),
        ("Typo in README", "", "documentation"),
        ("SQL injection in search", "", "security"),
        ("Deploy to Kubernetes fails at rollback", "helm and docker", "infrastructure"),
        ("Blue", "Green", "other"),
        # Words inside of others say nothing.
        ("The address bar", "terrorbird", "other"),
    ],
)
def test_an_issue_is_what_its_words_say(title: str, body: str, kind: str) -> None:
    assert sort(issue(title, body)).kind == kind


def test_a_label_of_the_author_goes_before_the_words() -> None:
    assert sort(issue("Crash when saving", labels={"enhancement": "true"})).kind == "feature"


def test_what_concerns_everybody_is_urgent_and_says_why() -> None:
    found = sort(issue("Error page", "The whole of production is down for all users"))
    assert found.priority == "high"
    assert "urgent: all users, down for, production" in found.reasons


def test_a_bug_without_steps_version_and_expectation_says_what_is_missing() -> None:
    assert sort(issue("It crashes")).missing == ("steps to reproduce", "version", "what was expected")
    whole = "1. open\n2. save\nVersion 2.1. Expected: saved"
    assert sort(issue("It crashes", whole)).missing == ()


async def test_each_report_goes_to_the_agent_that_has_the_capability() -> None:
    context_ = context()
    result = await lead(
        task(issue("Crash when saving", id="s-1"), issue("The cluster is down: outage", id="s-2")), context_
    )
    assert {one.agent: one.priority for one in context_.handed} == {"reviewer": "medium", "operator": "high"}
    assert [item["handed_to"] for item in result["items"]] == ["reviewer", "operator"]
    assert result["handed_on"] == ["operator", "reviewer"]


async def test_several_reports_for_one_agent_wake_it_once() -> None:
    context_ = context()
    await lead(task(issue("Crash one", id="s-1"), issue("Crash two", id="s-2")), context_)
    (handed,) = context_.handed
    assert [item["signal_id"] for item in handed.payload["items"]] == ["s-1", "s-2"]


async def test_what_nobody_can_take_stays_and_is_told() -> None:
    context_ = context(agents={"leader": ("triage",)})
    result = await lead(task(issue("Crash when saving")), context_)
    assert not context_.handed
    assert result["notes"] == ["nobody in the fleet can develop: Crash when saving stays here"]


async def test_what_was_handed_to_it_is_not_handed_on_again() -> None:
    context_ = context()
    handed_on = HandedOn(by="operator", note="yours")
    result = await lead(task(issue("Crash when saving"), handed_on=handed_on), context_)
    assert not context_.handed
    assert "operator handed this on" in result["notes"][0]


async def test_a_draft_waits() -> None:
    change = Signal(id="s", source="github", kind="pull_request.opened", means="change.opened", draft=True, title="New")
    context_ = context()
    assert (await lead(task(change), context_))["items"][0]["handed_to"] is None


async def test_few_tokens_cost_the_summary_and_not_the_sorting() -> None:
    result = await lead(task(issue("Crash when saving")), context(tokens=10))
    assert result["items"][0]["kind"] == "bug"
    assert "do not suffice" in result["notes"][0]


def _seen(id: str, means: str, **changed: Any) -> dict[str, Any]:
    return {
        "id": id, "source": "github", "kind": means, "means": means, "repository": "acme/app", "ref": "main",
        "number": 0, "title": "build", "url": "", "received_at": "2026-11-21T07:00:00.000Z", **changed,
    }  # fmt: skip


async def test_without_signals_it_reports_what_is_still_open() -> None:
    async def recent(repository: str = "", hours: int = 24, limit: int = 100) -> list[dict[str, Any]]:
        return [
            _seen("4", "pipeline.succeeded", ref="next"),
            _seen("3", "pipeline.failed"),
            _seen("2", "pipeline.failed", ref="next"),
            _seen("1", "change.merged", number=7),
            _seen("0", "change.opened", number=7),
        ]

    context_ = context(tools={"signals.recent": recent})
    result = await lead(task(rule="morning-report"), context_)
    assert [one["id"] for one in result["report"]["open_failures"]] == ["3"]
    assert result["report"]["open_changes"] == []
    assert result["summary"].startswith("5 signals from 1 repository. 1 pipeline failing: build")


async def test_a_report_says_that_it_could_not_read() -> None:
    async def recent(**arguments: Any) -> list[dict[str, Any]]:
        raise ToolFailed("ingress is away")

    result = await lead(task(rule="morning-report"), context(tools={"signals.recent": recent}))
    assert result["notes"] == ["what came in could not be read: ingress is away"]
