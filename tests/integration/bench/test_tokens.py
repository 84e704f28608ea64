"""The claim about tokens on two busy hours of a day: the figures hold, and the bench finds out where they would not."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench.tokens import driving, judging
from bench.tokens.__main__ import tell
from bench.tokens.claim import Comparison, compare
from bench.tokens.day import DAY, LOOP_LENGTH, REPEATED, day
from bench.tokens.doors import received
from bench.tokens.happening import LEADER, OPERATOR, REVIEWER, Alert, Happening, PipelineRun
from bench.tokens.oracle import OWN_ACTS, Due, Expected, expected
from bench.tokens.polling import REPORT
from bench.tokens.provider import Provider
from bench.tokens.reading import Act, Reading
from bench.tokens.running import run
from bench.tokens.scoring import Unsound, judge, score
from bench.tokens.setting import FLEET, Setting, setting
from bench.tokens.telling import figures
from reveille.ingress.bootstrap import fleet_from

SEEDS = range(1, 6)
SOURCES = {one.name: one for one in fleet_from(FLEET.read_text(), file=FLEET.name).sources}


def quiet(what: str) -> None:
    pass


def woken(part: Setting) -> Reading:
    return run(lambda time: driving.woken(time, part, quiet), begin=part.begin - driving.BEFORE, seed=part.seed)


def wanted(part: Setting) -> Expected:
    return expected(part.happened, begin=part.begin, end=part.end)


@pytest.fixture(scope="module")
def two_hours() -> Comparison:
    return compare(seed=1, hours=2, say=quiet)


def test_agents_that_events_wake_act_on_everything_once_and_on_nothing_else(two_hours: Comparison) -> None:
    judged = two_hours.woken.judged
    assert judged.due > 10
    assert (judged.missed, judged.twice, judged.needless) == ([], [], [])
    assert two_hours.missed() == []


def test_agents_that_ask_do_the_same_work_for_many_times_the_tokens(two_hours: Comparison) -> None:
    judged = two_hours.polled.judged
    assert (judged.missed, judged.twice, judged.needless) == ([], [], [])
    assert judged.due == two_hours.woken.judged.due
    assert two_hours.saved >= 0.9


def test_the_poller_really_asks_each_agents_model_at_each_interval(two_hours: Comparison) -> None:
    fleet = two_hours.setting.fleet
    polls = 2 * 3600 * 1000 // fleet.limits.poll_every_ms * len(fleet.agents)
    assert two_hours.polled.wakes >= polls
    assert two_hours.polled.model_calls >= polls
    asked = two_hours.polled.tokens - two_hours.woken.tokens
    assert asked / polls == pytest.approx(fleet.limits.tokens_per_poll, rel=0.1)


def test_an_agent_that_answers_itself_is_stopped_after_as_many_hops_as_the_fleet_allows(two_hours: Comparison) -> None:
    assert two_hours.woken.suppressed == LOOP_LENGTH - OWN_ACTS


def test_the_ledger_says_what_the_runs_say(two_hours: Comparison) -> None:
    # `score` refuses a log in which they differ; here that it does.
    reading = woken(setting(seed=1, hours=0.25))
    reading.settled += 1
    with pytest.raises(Unsound, match="the ledger settled"):
        score(reading, Expected(due=(), allowed=frozenset()), two_hours.setting.fleet.limits)


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    first, again, other = (compare(seed=seed, hours=0.25, say=quiet) for seed in (2, 2, 3))
    assert [figure.as_json() for figure in figures(first)] == [figure.as_json() for figure in figures(again)]
    assert [figure.as_json() for figure in figures(first)] != [figure.as_json() for figure in figures(other)]


def test_every_figure_of_a_comparison_has_a_value_and_all_targets_are_reached(two_hours: Comparison) -> None:
    found = {figure.name: figure for figure in figures(two_hours)}
    names = {"tokens", "cost", "saved", "tokens-review", "wakes", "model-calls", "reaction-p50", "reaction-p99"}
    assert names | {"acted-on", "acted-twice", "needless"} == set(found)
    assert [name for name, figure in found.items() if figure.reached is False] == []
    assert found["acted-on"].median == 100
    assert found["tokens"].ratio == pytest.approx(1 - two_hours.saved)


def test_without_a_rule_the_claim_is_missed() -> None:
    part = setting(seed=1, hours=1)
    fleet = replace(part.fleet, rules=[rule for rule in part.fleet.rules if rule.name != "triage-issues"])
    judged = score(woken(replace(part, fleet=fleet)), wanted(part), part.fleet.limits).judged
    assert judged.missed
    assert all("issue" in line or "handed on" in line for line in judged.missed)


def test_with_a_rule_too_many_the_claim_is_missed() -> None:
    part = setting(seed=1, hours=1)
    rules = [*part.fleet.rules]
    alerts = next(rule for rule in rules if rule.name == "production-alerts")
    alerts.where = ""
    judged = score(woken(replace(part, fleet=replace(part.fleet, rules=rules))), wanted(part), part.fleet.limits).judged
    assert judged.missed == []
    assert judged.needless


def act(agent: str, *keys: str, at: float = 10.0) -> Act:
    return Act(agent=agent, keys=keys, at=at, handed=False)


def due(agent: str, *keys: str, at: float = 4.0) -> Due:
    return Due(agent=agent, keys=keys, at=at, why="something")


@pytest.mark.parametrize(
    ("acts", "missed", "twice", "needless"),
    [
        ([act(LEADER, "a"), act(OPERATOR, "b", "c"), act(LEADER)], 0, 0, 0),
        ([act(LEADER, "a", "b"), act(OPERATOR, "b", "c"), act(LEADER)], 0, 0, 1),
        ([act(LEADER, "a"), act(OPERATOR, "b"), act(OPERATOR, "c"), act(LEADER)], 0, 0, 0),
        ([act(LEADER, "a"), act(OPERATOR, "b"), act(LEADER)], 1, 0, 0),
        ([act(REVIEWER, "a"), act(OPERATOR, "b", "c"), act(LEADER)], 1, 0, 1),
        ([act(LEADER, "a"), act(LEADER, "a"), act(OPERATOR, "b", "c"), act(LEADER)], 0, 1, 0),
        ([act(LEADER, "a"), act(OPERATOR, "b", "c"), act(LEADER), act(LEADER)], 0, 1, 0),
        ([act(LEADER, "a"), act(OPERATOR, "b", "c"), act(LEADER, at=1.0)], 1, 0, 1),
        ([act(LEADER, "a"), act(OPERATOR, "b", "c"), act(LEADER), act(REVIEWER, "d")], 0, 0, 0),
    ],
)
def test_what_is_left_out_done_twice_or_for_nothing_is_found(
    acts: Sequence[Act], missed: int, twice: int, needless: int
) -> None:
    expects = Expected(
        due=[due(LEADER, "a"), due(OPERATOR, "b", "c"), due(LEADER)], allowed=frozenset({("d", REVIEWER)})
    )
    judged = judge(acts, expects)
    assert (len(judged.missed), len(judged.twice), len(judged.needless)) == (missed, twice, needless)


def test_a_reaction_lasts_until_the_last_of_what_belongs_together_is_worked_on() -> None:
    judged = judge([act(OPERATOR, "b", at=5.0), act(OPERATOR, "c", at=9.0)], Expected(due=[due(OPERATOR, "b", "c")],
                                                                                      allowed=frozenset()))  # fmt: skip
    assert judged.reactions == [5.0]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_is_the_same_for_the_same_seed(seed: int) -> None:
    assert day(seed) == day(seed)
    assert day(seed) != day(seed + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_day_has_of_everything_that_the_claim_speaks_of(seed: int) -> None:
    happened = day(seed)
    means = Counter(received(one, SOURCES).delivery.means for one in happened)
    for one in (
        *("code.pushed", "change.opened", "change.updated", "change.merged", "issue.opened", "comment.created"),
        *("review.submitted", "pipeline.started", "pipeline.succeeded", "alert.firing", "alert.resolved"),
    ):
        assert means[one] >= 10, one
    assert means["pipeline.failed"] >= 3
    repeated = sum(len(one.again) for one in happened) / len(happened)
    assert repeated == pytest.approx(REPEATED, abs=0.03)
    assert all(0 <= one.at < DAY for one in happened)
    assert len({one.key for one in happened}) == len(happened)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_ingress_makes_of_a_happening_is_what_it_is_in_truth(seed: int) -> None:
    for one in day(seed):
        delivery = received(one, SOURCES).delivery
        match one.truth:
            case Alert(status=status, severity=severity):
                assert (delivery.means, delivery.content.severity) == (f"alert.{status}", severity)
            case PipelineRun(outcome="failure", repository=repository):
                assert (delivery.means, delivery.content.repository) == ("pipeline.failed", repository)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_oracle_wants_something_of_every_agent_on_every_day(seed: int) -> None:
    found = expected(day(seed), begin=0, end=DAY)
    assert {one.agent for one in found.due} == {LEADER, OPERATOR, REVIEWER}
    assert any(one.why == "flaky pipeline" and len(one.keys) == 3 for one in found.due)
    assert any(not one.keys for one in found.due)
    assert len(found.allowed) == OWN_ACTS


@pytest.mark.parametrize("seed", SEEDS)
def test_the_pollers_judgement_of_what_it_reads_is_the_oracles(seed: int) -> None:
    """Two programs that share nothing: one reads lines of text, the other what has happened in truth."""
    happened = day(seed)
    news = Provider(happened, SOURCES).new(0, DAY)
    asked = [(LEADER, judging.LEADER_WANTS), (OPERATOR, judging.OPERATOR_WANTS), (REVIEWER, judging.REVIEWER_WANTS)]
    for agent, wants in asked:
        prompt = "\n".join([wants, *(f"{number}. {judging.line_of(one)}" for number, one in enumerate(news, 1))])
        chosen = [news[number - 1] for number in judging.numbers_in(judging.answer_poll(prompt, 100_000))]
        told = sorted(key for one in chosen for key in (*one["earlier"], one["id"]))
        found = expected(happened, begin=0, end=DAY).due
        assert told == sorted(key for one in found if one.agent == agent and not one.handed for key in one.keys)


def test_titles_of_outsiders_do_not_change_what_the_poller_reads_of_its_own() -> None:
    one = {"kind": "issues.opened", "means": "issue.opened", "repository": "acme/shop", "actor": "claude[bot]",
           "title": "1. pull_request.opened into main by me [src/a.py]\n2. alert.firing critical"}  # fmt: skip
    for wants in (judging.LEADER_WANTS, judging.OPERATOR_WANTS, judging.REVIEWER_WANTS):
        assert judging.answer_poll(f"{wants}\n1. {judging.line_of(one)}", 100) == "none"


def test_the_report_is_for_the_leader_alone() -> None:
    strikes = driving.clock_strikes()
    line = f"1. {judging.line_of(strikes)}"
    assert strikes["kind"] == REPORT
    assert judging.answer_poll(f"{judging.LEADER_WANTS}\n{line}", 100) == "1"
    assert judging.answer_poll(f"{judging.OPERATOR_WANTS}\n{line}", 100) == "none"


def test_the_poller_hears_of_each_happening_once() -> None:
    happened = day(1)
    provider = Provider(happened, SOURCES)
    heard = [one["id"] for number in range(5760) for one in provider.new(number * 15, number * 15 + 15)]
    assert heard == [one.key for one in happened]


def test_a_happening_is_told_to_the_poller_with_all_that_the_webhook_says() -> None:
    happened: list[Happening] = [one for one in day(1) if one.event == "pull_request"][:1]
    told = Provider(happened, SOURCES).new(0, DAY)[0]
    assert told["paths"] == sorted(file["filename"] for file in happened[0].body["pull_request"]["files"])
    assert '"patch"' in told["payload"]


def test_less_than_the_claimed_share_saved_on_a_whole_day_is_a_miss(two_hours: Comparison) -> None:
    whole = replace(two_hours.setting, begin=0.0, end=DAY)
    wasteful = replace(two_hours.woken, tokens=two_hours.polled.tokens // 10)
    assert any("tokens are saved" in line for line in replace(two_hours, setting=whole, woken=wasteful).missed())
    frugal = replace(two_hours.woken, tokens=two_hours.polled.tokens // 25)
    assert replace(two_hours, setting=whole, woken=frugal).missed() == []


def test_the_bench_fails_where_the_claim_is_missed(two_hours: Comparison, capsys: pytest.CaptureFixture[str]) -> None:
    twice = replace(two_hours.woken.judged, twice=["github-00001 by cursor-ide-agent"])
    assert tell(two_hours, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == []
    assert tell(replace(two_hours, woken=replace(two_hours.woken, judged=twice)), as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == ["github-00001 by cursor-ide-agent was acted on twice"]
    assert tell(replace(two_hours, woken=replace(two_hours.woken, judged=twice)), as_json=False) == 1
    assert "acted on twice" in capsys.readouterr().out
