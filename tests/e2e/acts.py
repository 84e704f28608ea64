"""What comes in from outside, as a list that can be fed to any platform: one act at a time, or many at once."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.e2e import github, plan_acts
from tests.e2e.logged import Logged
from tests.e2e.running import Platform, until

EVENTS: Final = "application/cloudevents"
_AGENTS: Final = """
version: 1
defaults:
  budget: {tokens: 1_000_000, per_run: 1_000}
  timeout: 30s
  retries: {attempts: 3, backoff: 500ms}
agents:
  reviewer: {skill: "reveille.agents.coding:review", budget: {per_run: 3_000}}
  careful: {skill: "effectful:act"}
  worker: {skill: "effectful:act", instances: {max: 8}}
  unlucky: {skill: "effectful:fail_at_first"}
  endless: {skill: "effectful:never_end", timeout: 100ms, retries: {attempts: 2}}
  lost: {skill: "effectful:no_such_skill"}
  talkative: {skill: "effectful:tell_progress"}
  asking: {skill: "effectful:ask_model"}
  greedy: {skill: "effectful:ask_model", budget: {per_run: 600}}
  dropping: {skill: "effectful:ask_model", budget: {tokens: 1_000, per_run: 600, when_spent: drop}}
  deferring: {skill: "effectful:ask_model", budget: {tokens: 1_000, per_run: 600, when_spent: defer}}
  robot: {skill: "effectful:act", identities: ["acme-robot[bot]"], max_hops: 1}
  unanswered: {skill: "effectful:ask_model", budget: {tokens: 1_000, per_run: 600, when_spent: ask, answer: 1s}}
  giver: {skill: "effectful:hand_on"}
  taker: {skill: "effectful:take_over"}
  batching: {skill: "effectful:count_signals"}
  waiting: {skill: "effectful:count_signals"}
  cooling: {skill: "effectful:count_signals"}
  counting: {skill: "effectful:count_signals"}
  following: {skill: "effectful:count_signals"}
  alerted: {skill: "effectful:count_signals", cooldown: 1h}
  teller: {skill: "planned:tell", instances: {max: 8}}
  lister: {skill: "planned:list_words", instances: {max: 8}}
  broken: {skill: "planned:fail", retries: {attempts: 2, backoff: 50ms}}
  undoer: {skill: "planned:undo"}
rules:
  - name: review-pull-requests
    on: {source: github, kind: pull_request.opened}
    where: '!signal.draft'
    wake: reviewer
    priority: high
  - {name: only-known-paths, on: {source: github, kind: push}, paths: src/**, paths_unknown: skip, wake: careful}
  - {name: answer-the-robot, on: {source: github, kind: issue_comment.created}, wake: robot}
  - {name: full, on: {kind: acme.full}, wake: batching, batch: {by: repository, window: 1h, max: 3}}
  - {name: window, on: {kind: acme.window}, wake: waiting, batch: {by: repository, window: 1s, max: 9}}
  - {name: cool, on: {kind: acme.cool}, wake: cooling, cooldown: {by: "repository, number", for: 3s}}
  - {name: count, pattern: {on: {means: pipeline.failed}, count: 3, within: 1h, by: repository}, wake: counting}
  - name: follow
    pattern: {sequence: [{kind: acme.begun}, {kind: acme.ended}], within: 1h, by: repository}
    wake: following
  - {name: silence, absence: {of: {kind: acme.backup}, for: 26h}, wake: following}
  - {name: page, on: {kind: alert.firing}, labels: {severity: page}, wake: alerted, priority: critical}
  - {name: tell, on: {kind: acme.tell}, start: {blueprint: tale, prompt: "chapters: first"}}
"""
FLEET: Final = _AGENTS + plan_acts.FLEET


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """agent: whom it is sent to; "" is a delivery of GitHub. status: what it is answered; 0 is whatever it is.

    kinds: of several events in one request, which are one append. alert: it is one of Alertmanager's.
    """

    agent: str = ""
    kinds: Sequence[str] = ()
    alert: bool = False
    payload: dict[str, Any] = field(default_factory=dict)
    event: str = "pull_request"
    name: str
    status: int = 202
    secret: str = github.SECRET

    def send(self, platform: Platform) -> dict[str, Any] | None:
        """What was answered, where it was taken."""
        if self.agent:
            body = {"payload": self.payload, "id": self.name}
            answer = platform.http.post(f"/webhook/trigger/{self.agent}", json=body)
        elif self.kinds:
            answer = platform.http.post(
                "/api/v1/events", content=json.dumps(self._events()), headers={"content-type": f"{EVENTS}-batch+json"}
            )
        elif self.alert:
            answer = platform.http.post("/webhooks/prometheus", json={"version": "4", "alerts": [self.payload]})
        else:
            forged = {} if self.secret == github.SECRET else {"x-hub-signature-256": github.signature(b"", self.secret)}
            answer = github.deliver(platform.http, self.payload, event=self.event, delivery=self.name, **forged)
        assert self.status in (0, answer.status_code), answer.text
        told: dict[str, Any] = answer.json()
        if not answer.is_success:
            return None
        return {**told, "signal_id": told["signals"][-1]["signal_id"]} if "signals" in told else told

    @property
    def signals(self) -> int:
        return len(self.kinds) or 1

    def _events(self) -> list[dict[str, Any]]:
        about = {"specversion": "1.0", "source": "acme", "data": {"repository": "acme/app", "number": 7}}
        return [{**about, "id": f"{self.name}-{number}", "type": kind} for number, kind in enumerate(self.kinds)]


def _deliveries() -> Iterable[Act]:
    for number in range(6):
        opened = github.pull_request(number=number, title=f"Add exporter {number}")
        yield Act(name=f"opened-{number}", payload=opened)
        if number % 2:
            yield Act(name=f"opened-{number}", payload=opened, status=200)
    yield Act(name="opened-0", payload=github.pull_request(title="Another title"), status=200)
    yield Act(name="forged", payload=github.pull_request(), secret="guessed", status=401)
    yield Act(name="draft", payload=github.pull_request(draft=True))
    yield Act(name="closed", payload=github.pull_request("closed"))
    yield Act(name="known", payload=github.push("src/app.py", "README.md"), event="push")
    yield Act(name="known", payload=github.push("src/app.py", "README.md"), event="push", status=200)
    yield Act(name="elsewhere", payload=github.push("README.md"), event="push")
    yield Act(name="star", payload={"action": "created", "sender": {"login": "ada"}}, event="star")


def _chain() -> Iterable[Act]:
    """The robot wakes on its own act once, and no more on what follows from that."""
    for number, login in enumerate(("ada", "acme-robot[bot]", "acme-robot[bot]")):
        yield Act(name=f"comment-{number}", payload=github.issue_comment(login, "look"), event="issue_comment")


def _triggers() -> Iterable[Act]:
    for number in range(4):
        yield Act(agent="worker", name=f"task-{number}", payload={"name": f"task-{number}"})
    yield Act(agent="worker", name="task-0", payload={"name": "task-0"}, status=200)
    for failures in (1, 2, 99):
        yield Act(agent="unlucky", name=f"unlucky-{failures}", payload={"failures": failures})
    yield Act(agent="endless", name="endless")
    yield Act(agent="lost", name="lost")
    yield Act(agent="talkative", name="talkative")
    yield Act(agent="asking", name="asking", payload={"input": 300})
    yield Act(agent="greedy", name="greedy", payload={"input": 500, "output": 200})
    for agent in ("dropping", "deferring"):
        for number in range(3):
            yield Act(agent=agent, name=f"{agent}-{number}", payload={"input": 500})


def _gathered() -> Iterable[Act]:
    """Events of one request are decided on one right after the other, whoever is quicker."""
    yield Act(name="full", kinds=["acme.full"] * 3)
    yield Act(name="window", kinds=["acme.window"] * 2)
    yield Act(name="cool", kinds=["acme.cool"] * 3)
    yield Act(name="failed", kinds=["pipeline.failed"])
    yield Act(name="failed-twice", kinds=["pipeline.failed"] * 2)
    yield Act(name="in order", kinds=["acme.ended", "acme.begun", "acme.other", "acme.ended"])
    yield Act(name="backup", kinds=["acme.backup"])
    yield Act(name="tell", kinds=["acme.tell"])
    for number, severity in enumerate(("page", "ticket", "page")):
        labels = {"alertname": f"Latency {number}", "severity": severity}
        alert = {"status": "firing", "labels": labels, "startsAt": "2026-01-01T00:00:00Z"}
        yield Act(name=f"alert-{number}", alert=True, payload=alert)


def _handed_on() -> Iterable[Act]:
    """Whether the other one's tokens are reserved before the giver's are settled depends on who is quicker."""
    for name, failures in (("handed-on", 0), ("handed-on-twice", 1)):
        told = {"name": name, "to": "taker", "note": "yours", "failures": failures}
        yield Act(agent="giver", name=name, payload=told)


def _unanswered() -> Iterable[Act]:
    for number in range(2):
        yield Act(agent="unanswered", name=f"unanswered-{number}", payload={"input": 500})


ACTS: Final = (*_deliveries(), *_chain(), *_triggers(), *_gathered(), *_unanswered())
RACING: Final = (*_handed_on(),)
# Of acts that are there twice the first counts, and one is forged.
SIGNALS: Final = sum({act.name: act.signals for act in (*ACTS, *RACING)}.values()) - 1


def feed_one_by_one(platform: Platform) -> None:
    """Each act when all that the one before it has led to is done, so that nothing depends on who is quicker."""
    for act in ACTS:
        told = act.send(platform)
        if told is not None:
            until_decided(platform, told)
            until_at_rest(platform)
    for request in plan_acts.ONE_BY_ONE:
        request.send(platform)
        until_at_rest(platform)


def until_at_rest(platform: Platform) -> None:
    left: set[str] = set()

    def at_rest() -> bool:
        nonlocal left
        left = unfinished(platform.log())
        return not left

    try:
        until(at_rest, "all of it is done")
    except AssertionError as error:
        raise AssertionError(f"{error}, but {sorted(left)}") from error


def until_decided(platform: Platform, told: dict[str, Any]) -> None:
    """Return when the log holds what the analyzer has decided about a signal."""
    platform.explain(told, "worker")


def unfinished(log: list[Logged]) -> set[str]:
    """Whatever waits, was fired, started, reserved or woken and has not ended, but for what waits for another day."""
    waiting, decided, living = set[str](), set[str](), set[str]()
    fired, executions, reserved = set[str](), set[str](), set[str]()
    woken, deferred, asked = set[str](), dict[str, str](), set[str]()
    accounts = set[str]()
    for event in log:
        told = event.message
        match event.name:
            case "TriggerGathered" | "PatternDetected" | "WorkHandedOn":
                waiting.add(told.trigger_id)
            case "TriggerSuppressed":
                decided.add(told.trigger_id)
            case "TriggerFired":
                decided.add(told.trigger_id)
                fired.add(told.trigger_id)
            case "ExecutionStarted":
                fired.discard(told.trigger_id)
                if told.blueprint:
                    living.add(f"execution:{told.execution_id}")
                else:
                    executions.add(told.execution_id)
            case "ExecutionCompleted" | "ExecutionFailed" | "ExecutionCancelled":
                executions.discard(told.execution_id)
                if event.name == "ExecutionCancelled":
                    living.discard(f"execution:{told.execution_id}")
            case "ReservationDeferred" if told.reservation.ask:
                asked.add(told.reservation.run_id)
            case "ReservationDeferred":
                deferred[told.reservation.run_id] = told.reservation.execution_id
            case "TokensReserved":
                asked.discard(told.reservation.run_id)
                deferred.pop(told.reservation.run_id, None)
                reserved.add(told.reservation.run_id)
                if told.reservation.tokens:
                    accounts |= {account for account in told.accounts if account.startswith("execution:")}
            case "TokensDenied":
                asked.discard(told.reservation.run_id)
            case "ReservationWithdrawn":
                asked.discard(told.run_id)
                deferred.pop(told.run_id, None)
            case "AccountClosed":
                accounts.discard(told.account)
            case "TokensSettled" | "TokensReleased":
                reserved.discard(told.run_id)
            case "AgentWoken":
                woken.add(told.work.run_id)
            case "AgentSlept" | "RunLeft":
                woken.discard(told.run_id)
    of_plans, accounts = plan_acts.unfinished(log), accounts - living
    of_runs = (executions - set(deferred.values())) | reserved | asked | accounts | woken
    return (waiting - decided) | fired | of_runs | of_plans
