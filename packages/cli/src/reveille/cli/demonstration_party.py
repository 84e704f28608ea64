"""`reveille demo party`: a plan that follows every change of what somebody wants, checked as it goes."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
from rich.table import Table

from reveille.cli.demonstration import Demo, console, started

PARTY: Final = "mia-turns-eight"
API: Final = "/api/v1/event-driven"
COLOURS: Final = {"done": "green", "failed": "red", "skipped": "yellow"}


class Planning:
    """One party. `runs`: the attempts that each step has had when it was looked at last."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._runs: dict[str, int] = {}
        self.status: dict[str, Any] = {}

    def start(self, text: str) -> None:
        body = {"party_id": PARTY, "inputs": [{"input_id": "first", "content": text}]}
        _sent(httpx.post(f"{self._demo.platform.url}{API}/start", json=body, timeout=10))
        self._settle()

    def add(self, text: str, id: str) -> None:
        body = {"party_id": PARTY, "input_id": id, "content": text}
        _sent(httpx.post(f"{self._demo.platform.url}{API}/input", json=body, timeout=10))
        self._settle()

    def remove(self, id: str) -> None:
        url = f"{self._demo.platform.url}{API}/input/{id}"
        _sent(httpx.delete(url, params={"party_id": PARTY}, timeout=10))
        self._settle()

    def change(self, add: Sequence[Mapping[str, Any]], remove: Sequence[str]) -> None:
        """In one request."""
        url = f"{self._demo.platform.url}/api/v1/executions/{PARTY}/inputs"
        _sent(httpx.patch(url, json={"add": list(add), "remove": list(remove)}, timeout=10))
        self._settle()

    def ran(self) -> dict[str, int]:
        """By step, how often it has run since the last time that this was asked."""
        found = {step["name"]: step["attempt"] for step in self._execution()["steps"]}
        since = {name: count - self._runs.get(name, 0) for name, count in found.items()}
        self._runs |= found
        return {name: count for name, count in since.items() if count}

    def result(self, step: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.status["agent_results"].get(f"{step}_agent", {}).get("result") or {}
        return found

    def table(self) -> Table:
        table = Table("step", "says", "costs")
        for step in self._execution()["steps"]:
            if step["status"] == "removed":
                continue
            colour, money = COLOURS.get(step["status"], "cyan"), step.get("money") or {}
            said = (step.get("result") or {}).get("summary", step["status"])
            costs = f"{money['min']} to {money['max']}" if money else ""
            table.add_row(f"[{colour}]{step['name']}[/]", said, costs)
        return table

    def _settle(self) -> None:
        """Wait until everything that follows from the change has happened."""

        def settled() -> bool:
            self.status = self._demo.get(f"{API}/status/{PARTY}")
            return bool(self.status["settled"])

        if not self._demo.until(settled):
            self._demo.check(False, "the plan settles")

    def _execution(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._demo.get(f"/api/v1/executions/{PARTY}")
        return found


def show(demo: Demo) -> None:
    console.rule("[bold]Reveille: a plan whose agents come, rerun and go with its inputs")
    console.print(f"The platform is up after {started(demo):.2f} s: {demo.platform.what}.")
    party = Planning(demo)
    _says("jungle theme party for 75 guests")
    party.start("jungle theme party for 75 guests")
    _ran(demo, party, {"theme": 1}, "the theme step alone runs")
    missing = party.status["final_plan"]["missing_agents"]
    demo.check(len(missing) == 4, f"the plan asks for what is missing: {', '.join(missing)}")
    _says("outdoor venue under $800 in Austin")
    party.add("outdoor venue under $800 in Austin", "venue")
    _ran(demo, party, {"venue": 1}, "the venue step runs, with the theme's result; the theme does not run again")
    _says("buffet for everyone · chocolate cake and a magician")
    party.add("buffet for everyone", "food")
    _ran(demo, party, {"catering": 1}, "catering runs, with the venue's result")
    party.add("chocolate cake and a magician", "sweet")
    _ran(demo, party, {"cake": 1, "vendor": 1}, "one input, two steps, side by side")
    done = party.status["final_plan"]["completion_percent"]
    demo.check(done == 100 and party.status["status"] == "completed", "the plan is complete")
    console.print(party.table())
    _show_budget(party)
    _says("two guests are vegetarian")
    party.add("two guests are vegetarian", "diet")
    _ran(demo, party, {"cake": 1, "catering": 1}, "exactly the steps that read the diet run again")
    _show_exchange(demo, party)
    _show_crash(demo, party)
    _show_removal(demo, party)


def _show_exchange(demo: Demo, party: Planning) -> None:
    _says("space theme instead, for 20 guests", "in one request the first wish goes, and there comes: ")
    before = party.status["budget"]["total_budget"]["max"]
    party.change([{"input_id": "second", "content": "space theme instead, for 20 guests"}], ["first"])
    ran = party.ran()
    demo.check(ran == dict.fromkeys(ran, 1) and "theme" in ran, f"one wave, each step once: {', '.join(ran)}")
    demo.check(party.result("theme").get("theme") == "space", "everybody reads the new theme")
    now = party.status["budget"]["total_budget"]["max"]
    demo.check(now < before, f"20 guests cost less than 75: up to {now} instead of {before}")
    console.print(party.table())


def _show_crash(demo: Demo, party: Planning) -> None:
    _says("we expect 40 guests", f"with {demo.platform.crash} in the middle, somebody says: ")
    url = f"{demo.platform.url}{API}/input"
    body = {"party_id": PARTY, "input_id": "more", "content": "we expect 40 guests"}
    _sent(httpx.post(url, json=body, timeout=10))
    demo.platform.kill()
    began = time.perf_counter()
    demo.platform.start()
    party.add("a balloon artist", "balloons")
    console.print(f"  killed and started again in {time.perf_counter() - began:.2f} s")
    guests = demo.get(f"/api/v1/executions/{PARTY}")["facts"].get("guests")
    demo.check(guests == 40 and party.status["status"] == "completed", "the plan went on and is complete for 40 guests")
    party.ran()


def _show_removal(demo: Demo, party: Planning) -> None:
    _says("outdoor venue under $800 in Austin", "somebody takes back: ")
    party.remove("venue")
    ran = party.ran()
    gone = "venue_agent" not in party.status["agent_results"]
    demo.check(gone and "catering" in ran, "the venue and its data go, and catering runs again without it")
    by_step = party.status["budget"]["by_step"]
    demo.check("venue" not in by_step, f"the budget follows: {', '.join(by_step)}")
    demo.check(party.status["status"] == "planning", "the plan is open again, and asks for a venue")


def _show_budget(party: Planning) -> None:
    budget = party.status["budget"]
    total = f"{budget['total_budget']['min']} to {budget['total_budget']['max']}"
    over = f"; over the budget of {budget['limit']} by up to {budget['over_by']}" if budget["over_by"] else ""
    driver = f", most of all for the {budget['driver']}" if budget["driver"] else ""
    console.print(f"  the budget service adds up: [bold]{total}[/bold]{over}{driver}")


def _says(text: str, before: str = "somebody says: ") -> None:
    console.print(f"\n{before}[bold]{text}[/bold]")


def _ran(demo: Demo, party: Planning, expected: Mapping[str, int], said: str) -> None:
    ran = party.ran()
    demo.check(ran == expected, said if ran == expected else f"{said}; what ran: {ran}")


def _sent(answer: httpx.Response) -> None:
    answer.raise_for_status()
