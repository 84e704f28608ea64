"""`reveille demo`: the main journey on real input, in a folder of its own, checked as it goes."""

import hashlib
import hmac
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from reveille.cli.asking import cause_tree
from reveille.cli.demonstration_platform import SECRET, OneProcess, Shown
from reveille.cli.demonstration_repository import make_repository, push_flawed_branch
from reveille.kernel.errors import Misconfigured

# What a run whose process was killed takes to be missed and tried again is the most of it.
SECONDS: Final = 60.0
AWAY: Final = 503
# Deliveries around the SIGKILL: enough that some are accepted, some under way and some not yet sent.
BURST: Final = 40

# Of demonstration.yaml.
REVIEWER: Final = "cursor-ide-agent"

console: Final = Console(highlight=False)


@dataclass(slots=True)
class Demo:
    """What it is shown on, and which of the promises did not hold."""

    folder: Path
    platform: Shown
    broken: list[str] = field(default_factory=list)

    def check(self, holds: bool, said: str) -> None:
        console.print(f"  [green]✓[/green] {said}" if holds else f"  [red]✗ {said}[/red]")
        if not holds:
            self.broken.append(said)

    def get(self, path: str, **query: Any) -> Any:
        """Whoever has just been killed and started again is away for a moment more, as 503 says."""

        def ask() -> httpx.Response:
            return httpx.get(self.platform.url + path, params=query, timeout=10)

        answer = self.until(lambda: None if (answer := ask()).status_code == AWAY else answer) or ask()
        return answer.raise_for_status().json()

    def deliver(self, delivery: str, number: int, *, secret: str = SECRET) -> httpx.Response:
        """A pull request, as GitHub sends it."""
        body = json.dumps(_pull_request(number)).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json",
            "x-github-event": "pull_request",
            "x-github-delivery": delivery,
            "x-hub-signature-256": f"sha256={signature}",
        }
        return httpx.post(f"{self.platform.url}/webhooks/github", content=body, headers=headers, timeout=10)

    def until(self, found: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if result := found():
                return result
            time.sleep(0.05)
        return None

    def ended(self, signal_id: str) -> Any:
        """The execution of a signal, once it has ended."""
        items = self.get("/api/v1/executions", signal_id=signal_id)["items"]
        return items[0] if items and items[0]["status"] in ("completed", "failed") else None


def run(platform_in: Callable[[Path], Shown] = OneProcess, *, show: Callable[[Demo], None] | None = None) -> int:
    """0 only if everything that is shown was so. platform_in: a folder, which is removed afterwards."""
    show = show or show_waking
    if show is show_waking and not shutil.which("git"):
        raise Misconfigured("the demo needs git, which is not on the PATH")
    with tempfile.TemporaryDirectory(prefix="reveille-demo-") as folder:
        demo = Demo(Path(folder), platform_in(Path(folder)))
        try:
            show(demo)
        finally:
            demo.platform.stop()
    if demo.broken:
        console.print(Panel(f"{len(demo.broken)} of the promises did not hold", style="red"))
        return 1
    console.print(
        Panel("All of it held. Next: `.venv/bin/reveille up`, then look at http://127.0.0.1:3004", style="green")
    )
    return 0


def show_waking(demo: Demo) -> None:
    console.rule("[bold]Reveille: agents that sleep until an event wakes them")
    seconds = started(demo)
    console.print(f"The platform is up after {seconds:.2f} s: {demo.platform.what}.\n")
    _show_push(demo)
    _show_webhooks(demo)
    _show_crash(demo)


def _show_push(demo: Demo) -> None:
    console.print("[bold]1. A branch is pushed[/bold], and the repository's hook tells Reveille")
    work = make_repository(demo.folder, demo.platform.url)
    push_flawed_branch(work)
    signals = demo.until(lambda: demo.get("/api/v1/signals", source="git")["items"])
    execution = signals and demo.until(lambda: demo.ended(signals[0]["id"]))
    demo.check(bool(execution) and execution["status"] == "completed", "the push woke the reviewer, and it is done")
    if not execution:
        return
    result = execution["result"]
    console.print(_findings(result))
    rules = {finding["rule"] for finding in result["findings"]}
    demo.check(len(rules) >= 3 and all("path" in one for one in result["findings"]), f"it found: {result['summary']}")
    causes = demo.until(lambda: _whole(demo, execution["id"])) or []
    if not causes:
        demo.check(False, "all that it led to is told")
        return
    demo.check(
        execution["tokens_used"] > 0, f"tokens used: {execution['tokens_used']} of 3000 reserved, settled and released"
    )
    _show_time_to_wake(causes)
    console.print("  why it woke, from the log alone:")
    console.print(cause_tree(causes))
    traces, services = {one["trace_id"] for one in causes}, {one["service"] for one in causes}
    demo.check(len(traces) == 1 and len(services) == 5, "one trace spans all five services")


def started(demo: Demo) -> float:
    """The seconds until it accepts webhooks."""
    began = time.perf_counter()
    demo.platform.start()
    return time.perf_counter() - began


def _whole(demo: Demo, execution_id: str) -> Any:
    """All that the execution has led to, once its agent sleeps and its tokens are released; a view may be behind."""
    causes = demo.get(f"/api/v1/executions/{execution_id}/causes")["items"]
    names = {one["type"].rpartition(".")[2] for one in causes}
    return causes if names >= {"ExecutionCompleted", "TokensReleased", "AgentSlept"} else None


def _asleep(demo: Demo) -> Any:
    """What is told of the reviewer, once nothing of it goes on."""
    agent = next(one for one in demo.get("/status")["agents"] if one["id"] == REVIEWER)
    return agent if agent["state"] == "dormant" else None


def _show_time_to_wake(causes: list[dict[str, Any]]) -> None:
    from datetime import datetime

    at = {one["type"].rpartition(".")[2]: datetime.fromisoformat(one["at"]) for one in causes}
    seconds = (at["RunStarted"] - at["SignalReceived"]).total_seconds()
    console.print(f"  time to wake, from the signal's receipt to the run's start: [bold]{seconds * 1000:.0f} ms[/bold]")


def _show_webhooks(demo: Demo) -> None:
    console.print("\n[bold]2. GitHub tells of a pull request[/bold], then again, then somebody forges one")
    first = demo.deliver("delivery-1", 1)
    signal_id = first.json()["signal_id"]
    execution = demo.until(lambda: demo.ended(signal_id))
    demo.check(first.status_code == 202 and bool(execution), "a signed delivery is accepted and wakes the reviewer")
    again = demo.deliver("delivery-1", 1)
    same = again.status_code == 200 and again.json()["duplicate"] and again.json()["signal_id"] == signal_id
    demo.check(same, "the same delivery again is told apart: 200, the first one's id, no second wake")
    before = demo.until(lambda: _asleep(demo))
    forged = demo.deliver("delivery-2", 2, secret="guessed")
    demo.check(forged.status_code == 401, "a forged signature is refused with 401 before anything is read")
    count = len(demo.get("/api/v1/executions", limit=500)["items"])
    demo.check(count == 2 and before == _asleep(demo), "neither of the two had any effect")


def _show_crash(demo: Demo) -> None:
    console.print(f"\n[bold]3. {BURST} pull requests, and {demo.platform.crash} in the middle[/bold]")
    accepted: dict[str, str] = {}
    for number in range(BURST // 2):
        accepted[f"burst-{number}"] = demo.deliver(f"burst-{number}", 100 + number).json()["signal_id"]
    demo.platform.kill()
    seconds = started(demo)
    console.print(
        f"  killed and started again in {seconds:.2f} s; the sender goes on, and repeats what it is not sure of"
    )
    repeated = 0
    for number in range(BURST):
        answer = demo.deliver(f"burst-{number}", 100 + number).json()
        repeated += answer["duplicate"]
        first = accepted.setdefault(f"burst-{number}", answer["signal_id"])
        if first != answer["signal_id"]:
            demo.check(False, f"delivery burst-{number} became two signals")
    executions = demo.until(lambda: _all_done(demo, accepted))
    demo.check(repeated == BURST // 2, f"what was accepted before the kill was still known: {repeated} repetitions")
    demo.check(bool(executions), f"{len(accepted)} accepted, {len(executions or ())} completed: none lost")
    demo.check(
        bool(executions) and len(set(executions.values())) == len(executions), "one execution each: none doubled"
    )


def _all_done(demo: Demo, accepted: Mapping[str, str]) -> dict[str, str] | None:
    """By signal, the execution that it led to, once all have completed."""
    items = demo.get("/api/v1/executions", limit=500, status="completed")["items"]
    by_signal: dict[str, str] = {}
    for item in items:
        for signal_id in item["cause"]["signal_ids"]:
            if signal_id in by_signal:
                demo.check(False, f"signal {signal_id} led to two executions")
            by_signal[signal_id] = item["id"]
    found = {signal_id: by_signal[signal_id] for signal_id in accepted.values() if signal_id in by_signal}
    return found if len(found) == len(accepted) else None


def _findings(result: Mapping[str, Any]) -> Table:
    table = Table("severity", "where", "rule", "finding")
    colours = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}
    for one in result["findings"][:12]:
        style = colours.get(one["severity"], "")
        where = f"{one['path']}:{one['line']}" if one.get("line") else one["path"]
        table.add_row(
            f"[{style}]{one['severity']}[/]" if style else one["severity"], where, one["rule"], one["message"]
        )
    return table


def _pull_request(number: int) -> dict[str, Any]:
    return {
        "action": "opened",
        "number": number,
        "pull_request": {
            "number": number,
            "title": f"Add exporter {number}",
            "body": "Adds the exporter.",
            "draft": False,
            "html_url": f"https://github.com/acme/app/pull/{number}",
            "user": {"login": "ada"},
            "head": {"ref": f"exporter-{number}", "sha": f"{number:040x}"},
            "base": {"ref": "main", "sha": "0" * 39 + "1"},
            "labels": [],
            "additions": 620,
            "deletions": 12,
            "changed_files": 31,
        },
        "repository": {"full_name": "acme/app"},
        "sender": {"login": "ada"},
    }
