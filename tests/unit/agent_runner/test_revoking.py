"""Work that nobody wants any more: what waits leaves its line, what goes on is told to stop, and each once."""

from typing import Any

from google.protobuf.message import Message
from hypothesis import given as over
from hypothesis import strategies as st

from reveille.adapters.sql import InlineTransactions
from reveille.agent_runner.adapters.sql.agents import Agents, all_of
from reveille.agent_runner.adapters.sql.running import Running, orphans
from reveille.agent_runner.adapters.sql.usage import Usage, used_since
from reveille.agent_runner.domain import run
from reveille.agent_runner.domain.agent import GiveUp, Revoke, decider
from reveille.agent_runner.domain.line import Line, Queued
from reveille.contracts.agent_runner.v1.events_pb2 import (
    FAILURE_CANCELLED,
    AgentConnected,
    AgentSlept,
    AgentWoken,
    LateUsageFound,
    ModelAnswered,
    ModelCalled,
    RunAbandoned,
    RunCompleted,
    RunFailed,
    RunResumed,
    RunStarted,
    Work,
    WorkRevoked,
)
from reveille.contracts.common.v1.common_pb2 import PRIORITY_HIGH, Sealed
from reveille.kernel.events import About, Meta, Recorded
from tests.unit.agent_runner.test_agent import THERE, leave, left, offer, queued, slept, woken, work
from tests.unit.agent_runner.test_remote_agent import GIVE_OUT, connected, disconnect, gone
from tests.unit.agent_runner.test_remote_agent import work as remote_work
from tests.unit.databases import database_of
from tests.unit.manual_clock import NOON
from tests.unit.spec import HERE, spec

given, given_run = spec(decider), spec(run.decider)
UNWANTED = Sealed(data=b"nobody wants its result any more")


def revoke(run_id: str = "r1") -> Revoke:
    return Revoke(now=NOON, run_id=run_id)


def revoked(one: Work, *, waited: bool = False) -> WorkRevoked:
    return WorkRevoked(work=one, queued=waited)


# An agent's work.


def test_work_that_waits_leaves_its_line() -> None:
    agent = given(woken(work()), queued(work("r2"))).when(revoke("r2"))
    agent.then((revoked(work("r2"), waited=True), HERE))
    assert not agent.state.lines


def test_it_stays_about_what_it_was_about() -> None:
    given(woken(work()), (queued(work("r2")), THERE)).when(revoke("r2")).then((revoked(work("r2"), waited=True), THERE))
    given((woken(work()), THERE)).when(revoke()).then((revoked(work()), THERE))


def test_those_before_and_behind_it_keep_their_order() -> None:
    waiting = [queued(work(f"w{number}")) for number in range(12)]
    agent = given(woken(work()), *waiting).when(revoke("w0")).when(revoke("w5")).when(leave())
    for before, following in [("r1", "w1"), *((f"w{at}", f"w{at + 1}") for at in (1, 2, 3)), ("w4", "w6")]:
        agent.then(left(before), (woken(work(following), waited=True), HERE))
        agent = agent.when(leave(following))


def test_what_wakes_after_it_is_the_next_one() -> None:
    agent = given(woken(work()), queued(work("r2")), queued(work("r3"))).when(revoke("r2")).when(leave())
    agent.then(left(), (woken(work("r3"), waited=True), HERE))


def test_an_agent_that_nothing_waits_for_any_more_sleeps_after_its_run() -> None:
    given(woken(work()), queued(work("r2"))).when(revoke("r2")).when(leave()).then(slept())


def test_whoever_may_run_beside_more_than_it_could_goes_when_it_has_gone() -> None:
    # The fleet was changed meanwhile: the agent may have two instances where it had one.
    narrow, wide = work("r2", priority=PRIORITY_HIGH), work("r3", max_instances=2)
    agent = given(woken(work()), queued(narrow), queued(wide)).when(revoke("r2"))
    agent.then((revoked(narrow, waited=True), HERE), (woken(wide, waited=True), HERE))


def test_work_that_goes_on_is_told_to_stop_and_keeps_its_place_until_it_has() -> None:
    agent = given(woken(work()), queued(work("r2"))).when(revoke())
    agent.then((revoked(work()), HERE))
    agent.when(leave()).then(left(), (woken(work("r2"), waited=True), HERE))


def test_it_is_told_once() -> None:
    given(woken(work())).when(revoke()).when(revoke()).then()
    given(woken(work()), queued(work("r2"))).when(revoke("r2")).when(revoke("r2")).then()


def test_work_that_has_ended_is_not_revoked() -> None:
    given(woken(work()), slept()).when(revoke()).then()


def test_work_that_nobody_knows_is_not_revoked() -> None:
    given().when(revoke()).then()


def test_the_end_of_what_never_woke_its_agent_is_nothing_to_it() -> None:
    given(woken(work()), queued(work("r2"))).when(revoke("r2")).when(leave("r2")).then()


def test_work_that_is_offered_again_while_it_waits_waits_once() -> None:
    given(woken(work()), queued(work("r2"))).when(offer(work("r2"))).then()


# A remote agent's.


def test_what_waits_for_a_connection_is_never_given_out() -> None:
    away = given(queued(remote_work("r1"))).when(revoke())
    away.then((revoked(remote_work("r1"), waited=True), HERE))
    given(queued(remote_work("r1")), revoked(remote_work("r1"), waited=True), connected("s1")).when(GIVE_OUT).then()


def test_what_a_connection_has_names_it() -> None:
    has = given(connected("s1"), woken(remote_work("r1", "s1"))).when(revoke())
    has.then((revoked(remote_work("r1", "s1")), HERE))
    resumed = given(
        connected("s1"), woken(remote_work("r1", "s1")), gone("s1", "r1"), connected("s2"),
        RunResumed(work=remote_work("r1", "s2")),
    )  # fmt: skip
    resumed.when(revoke()).then((revoked(remote_work("r1", "s2")), HERE))


def test_its_connection_is_busy_until_it_has_ended() -> None:
    agent = given(connected("s1"), woken(remote_work("r1", "s1")), revoked(remote_work("r1", "s1")))
    agent.when(offer(remote_work("r2"))).then(queued(remote_work("r2")))
    agent.when(leave()).when(offer(remote_work("r2"))).then(woken(remote_work("r2", "s1")))


def test_a_connection_that_is_lost_then_leaves_nothing_for_others() -> None:
    agent = given(connected("s1"), connected("s2"), woken(remote_work("r1", "s1")), revoked(remote_work("r1", "s1")))
    agent.when(disconnect("s1")).then(gone("s1"))
    assert agent.when(disconnect("s1")).when(leave()).events == [slept()]


def test_what_has_lost_its_connection_is_given_to_no_other_and_its_wait_is_over() -> None:
    agent = given(connected("s1"), woken(remote_work("r1", "s1")), gone("s1", "r1")).when(revoke())
    agent.then((revoked(remote_work("r1", "s1")), HERE))
    assert not agent.when(GiveUp(now=NOON, run_id="r1")).events
    back = given(
        connected("s1"), woken(remote_work("r1", "s1")), gone("s1", "r1"), revoked(remote_work("r1", "s1")),
        connected("s2"),
    )  # fmt: skip
    back.when(GIVE_OUT).then()
    (end,) = back.when(leave()).events
    assert isinstance(end, AgentSlept)
    assert end.adrift  # its timer is put out


def test_what_was_given_up_is_revoked_all_the_same() -> None:
    lost = given(
        connected("s1"), woken(remote_work("r1", "s1")), gone("s1", "r1"), RunAbandoned(work=remote_work("r1"))
    )
    (event,) = lost.when(revoke()).events
    assert event == (revoked(remote_work("r1", "s1")), HERE)


# A run.
WORK = Work(run_id="r1", agent="a", tokens=100)
FAR = Work(run_id="r1", agent="a", tokens=100, remote=True)


def cancel(one: Work = WORK, *, waited: bool = False) -> run.Cancel:
    return run.Cancel(now=NOON, work=one, queued=waited)


def cancelled(used: int = 0, one: Work = WORK) -> RunFailed:
    return RunFailed(work=one, reason=FAILURE_CANCELLED, error=UNWANTED, tokens_used=used)


def test_a_run_that_was_never_begun_has_its_end_for_a_beginning() -> None:
    given_run().when(cancel(waited=True)).then(cancelled())


def test_it_is_not_begun_after_that_and_ends_once() -> None:
    ended = given_run().when(cancel(waited=True))
    ended.when(run.StartRun(now=NOON, work=WORK)).then()
    ended.when(cancel(waited=True)).then()


def test_a_run_that_should_have_been_begun_is_cancelled_behind_its_beginning() -> None:
    given_run().when(cancel()).then_rejected("a run that never started cannot go on")


def test_a_run_that_goes_on_ends_and_is_charged_for_what_it_used_and_for_a_call_in_flight_at_its_cap() -> None:
    answered = ModelAnswered(run_id="r1", call=1, input_tokens=10, output_tokens=5)
    calls = ModelCalled(run_id="r1", call=1, cap=40), answered, ModelCalled(run_id="r1", call=2, cap=30)
    given_run(RunStarted(work=WORK), *calls).when(cancel()).then(cancelled(45))


def test_a_run_that_has_ended_is_not_cancelled() -> None:
    done = given_run(RunStarted(work=WORK), RunCompleted(work=WORK))
    done.when(cancel()).then()


def test_a_cancelled_run_says_nothing_more() -> None:
    ended = given_run(RunStarted(work=WORK)).when(cancel())
    ended.when(run.CallModel(now=NOON, call=1, model="m", cap=5)).then_rejected("run r1 has ended")
    ended.when(run.Complete(now=NOON, result=Sealed(data=b"{}"))).then()


def test_what_a_remote_agent_used_of_a_cancelled_run_counts() -> None:
    ended = given_run(RunStarted(work=FAR)).when(cancel(FAR))
    ended.then(cancelled(one=FAR))
    late = ended.when(run.Complete(now=NOON, result=Sealed(data=b"{}"), tokens=30)).events
    assert late[-1] == LateUsageFound(work=FAR, tokens=30)


# A line.
@over(ops=st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=60))
def test_a_line_keeps_its_order_whoever_leaves(ops: list[tuple[bool, int]]) -> None:
    line, expected, come = Line(), list[str](), 0
    for comes, which in ops:
        if comes:
            line = line.with_last(Queued(f"r{come}", b"", About("c")))
            expected.append(f"r{come}")
            come += 1
        elif expected:
            leaves = expected.pop(which % len(expected))
            line = line.without(leaves)
            assert line.without(leaves) is line
        assert [one in line for one in expected] == [True] * len(expected)
        assert len(line.items) == len(line.places) == len(expected)
        if expected:
            assert line.head().run_id == expected[0]


# Views.
async def seen(database: InlineTransactions, *events: tuple[str, Message]) -> dict[str, Any]:
    """The agent's row, after each event by itself."""
    for revision, (stream, msg) in enumerate(events):
        one = Recorded(b"id", msg.DESCRIPTOR.full_name, b"", Meta(NOON, About("c")), msg, revision, stream, revision)
        for view in (Agents(), Running(), Usage()):
            if view.types is not None and one.type in view.types:
                await database.run(lambda connection, view=view, one=one: view.project(connection, [one]))  # type: ignore[misc]
    rows = await database.run(lambda connection: all_of(connection, "t"))
    return dict(rows["a"])


async def test_what_never_woke_its_agent_leaves_nothing_in_the_views() -> None:
    database = database_of("agent-runner")
    waits = Work(run_id="r2", agent="a")
    row = await seen(
        database,
        ("t.agent-a", woken(work())),
        ("t.run-r1", RunStarted(work=work())),
        ("t.agent-a", queued(waits)),
        ("t.agent-a", revoked(waits, waited=True)),
        ("t.run-r2", cancelled(one=waits)),
    )
    assert {name: row[name] for name in ("running", "started", "queued", "wakes", "tokens_used")} == {
        "running": 1,
        "started": 1,
        "queued": 0,
        "wakes": 1,
        "tokens_used": 0,
    }
    left_over = await database.run(lambda connection: orphans(connection, [], 10))
    assert [orphan.stream for orphan in left_over] == ["t.run-r1"]
    assert await database.run(lambda connection: used_since(connection, "t", 0)) == []
    await database.close()


async def test_a_run_that_was_told_to_stop_is_left_like_any_other() -> None:
    database = database_of("agent-runner")
    row = await seen(
        database,
        ("t.agent-a", AgentConnected(agent="a", session="s1", capacity=1)),
        ("t.agent-a", AgentWoken(work=remote_work("r1", "s1"))),
        ("t.run-r1", RunStarted(work=remote_work("r1", "s1"))),
        ("t.agent-a", revoked(remote_work("r1", "s1"))),
        ("t.run-r1", cancelled(30, remote_work("r1", "s1"))),
        ("t.agent-a", slept()),
    )
    figures = {name: row[name] for name in ("running", "started", "queued", "connections", "tokens_used")}
    assert figures == {"running": 0, "started": 0, "queued": 0, "connections": 1, "tokens_used": 30}
    (used,) = await database.run(lambda connection: used_since(connection, "t", 0))
    assert used.other_tokens == 30
    await database.close()
