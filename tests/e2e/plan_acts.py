"""What people do to plans, as lists to feed to any platform: one request at a time, or several lists at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.e2e.logged import Logged
from tests.e2e.running import Platform

# For the end of a fleet file.
FLEET: Final = """blueprints:
  - blueprint: tale
    title: A tale
    required: [chapters, ending]
    facts: [guests]
    steps:
      chapters: {agent: lister, category: {words: [chapters]}, compensate: undoer}
      each: {agent: teller, needs: [chapters], for_each: chapters.words}
      ending: {agent: teller, always: true, needs: [each], reads: [guests], compensate: undoer}
      dragon: {agent: broken, category: {words: [dragon]}, optional: true}
      sequel: {agent: teller, category: {words: [sequel]}, needs: [dragon]}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """of: the execution; where it is "rule:<name>", the one that the rule has begun."""

    of: str = ""
    method: str = "POST"
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    status: int = 202

    def send(self, platform: Platform) -> None:
        of, _, rule = self.of.partition(":")
        if rule:
            begun = platform.get("/api/v1/executions", blueprint="tale")["items"]
            (of,) = (one["id"] for one in begun if one["cause"]["rule"] == rule)
        url = f"/api/v1/executions{'/' if of else ''}{of}{self.path}"
        answer = platform.http.request(self.method, url, json=self.body)
        assert answer.status_code == self.status, answer.text


def begin(blueprint: str, execution_id: str, **inputs: str) -> Request:
    return Request(path="", body={"blueprint": blueprint, "execution_id": execution_id, "inputs": _inputs(inputs)})


def change(of: str, *remove: str, **add: str) -> Request:
    return Request(of=of, method="PATCH", path="/inputs", body={"add": _inputs(add), "remove": list(remove)})


def _inputs(named: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"input_id": name, "content": text} for name, text in named.items()]


# Of what runs side by side it depends on who is quicker what is recorded first, and what something costs is told beside
# what runs: here each request leads to one step after the other, and costs change where none follows.
ONE_BY_ONE: Final[Sequence[Request]] = (
    begin("tale", "tale", chapters="chapters: red"),
    change("tale", "chapters", more="chapters: red blue"),
    change("tale", guests="a tale for 12 guests"),
    change("tale", dragon="a dragon"),
    change("tale", sequel="a sequel"),
    change("tale", "dragon", "sequel"),
    change("tale", "guests", "more", fewer="chapters: blue"),
    Request(of="tale", path="/fork", body={"execution_id": "tale-fork"}),
    change("tale-fork", "fewer", other="chapters: green"),
    Request(of="tale", path="/cancel", body={"reason": "rain"}),
    change("tale-fork", "other"),
    change("rule:tell", second="chapters: second"),
    begin("party", "party", theme="jungle theme party for 75 guests under $9000"),
    change("party", venue="outdoor venue in Austin"),
    change("party", food="buffet for everyone"),
    Request(of="party", path="/fork", body={"execution_id": "party-fork"}),
    change("party", "food"),
    change("party", cake="chocolate cake", nothing="qwertz"),
    change("party-fork", vendor="a magician"),
    Request(of="party", path="/cancel"),
    Request(of="party", method="PATCH", path="/inputs", body={"remove": ["cake"]}, status=409),
)


def _party(name: str) -> Sequence[Request]:
    """Waves that meet each other."""
    return (
        begin(
            "party",
            name,
            theme="jungle theme party for 75 guests",
            venue="outdoor venue under $800 in Austin",
            food="buffet for everyone",
            cake="chocolate cake",
            vendor="a magician",
        ),
        change(name, "theme", space="space theme instead, for 40 guests"),
        change(name, diet="two guests are vegetarian"),
        Request(of=name, path="/fork", body={"execution_id": f"{name}-fork"}),
        change(name, "venue"),
        change(f"{name}-fork", "space"),
        Request(of=name, path="/cancel"),
    )


AT_ONCE: Final[Sequence[Sequence[Request]]] = [_party(f"party-{number}") for number in range(4)]


def unfinished(log: Sequence[Logged]) -> set[str]:
    """Whatever of plans is not analysed, not planned, under way, waits to be tried again, or is not added up."""
    changed: dict[str, int] = {}
    runs, retried, cancelling = dict[tuple[str, str], str](), set[tuple[str, str]](), set[str]()
    counted: dict[str, Any] = {}
    plans = set[str]()
    for event in log:
        told = event.message
        match event.name:
            case "InputsChanged":
                changed[told.execution_id] = event.revision
            case "ExecutionStarted" if told.blueprint:
                plans.add(told.execution_id)
            case "InputsTaken" if changed.get(told.execution_id) == told.inputs_revision:
                del changed[told.execution_id]
            case "StepReady" if told.execution_id in plans:
                retried.discard((told.execution_id, told.step))
                runs[told.execution_id, told.run_id] = told.step
            case "StepCompleted" | "StepRevoked":  # a revoked one holds tokens until it has ended
                runs.pop((told.execution_id, told.run_id), None)
            case "StepRetryScheduled" | "StepFailed" if told.execution_id in plans:
                for key in [key for key, step in runs.items() if (key[0], step) == (told.execution_id, told.step)]:
                    del runs[key]
                if event.name == "StepRetryScheduled":
                    retried.add((told.execution_id, told.step))
            case "StepRemoved":
                retried.discard((told.execution_id, told.step))
            case "MoneyPlanned":
                counted[told.execution_id] = told
            case "PlanUpdated" if told.execution_id in counted:
                planned, budget = counted[told.execution_id], told.budget
                if (dict(budget.by_step), budget.limit) == (dict(planned.by_step), planned.limit):
                    del counted[told.execution_id]
            case "ExecutionCancelling":
                cancelling.add(told.execution_id)
            case "ExecutionCancelled":
                cancelling.discard(told.execution_id)
                counted.pop(told.execution_id, None)
                changed.pop(told.execution_id, None)
    return {*changed, *(f"{of} {step}" for (of, _), step in runs.items()), *cancelling, *counted} | {
        f"{of} {step} again" for of, step in retried
    }
