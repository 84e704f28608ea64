"""The time from an agent's word to every one of a thousand sockets that watch it."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import httpx

from bench.figure import Figure, Target, percentile
from bench.fleet import fleet
from bench.running import PATIENCE, PYTHON, ROOT, BenchFailed, bare, environment
from bench.session import Session
from bench.watchers import Seen, Watch

# Events a second, of one execution: each goes to all of its sockets.
RATE: Final = 4.0
# What no figure is about: sockets that are opened by the hundred from one address, and an agent that says a lot.
SETTINGS: Final = {
    "REVEILLE_MAX_IN_FLIGHT": "10000",
    "REVEILLE_RATE_LIMIT": "100000/second",
    "REVEILLE_THINKING_RATE": "1000/second",
}


def measure(session: Session) -> list[Figure]:
    events = session.pick(40, 12)
    folder = session.fresh()
    folder.mkdir()
    figures = []
    with (
        session.platform(folder, fleet(skill="speak"), SETTINGS) as platform,
        bare(session.fresh(), "bench.bare_sockets") as floor,
    ):
        for sockets in (100, 1_000):
            watched: list[Seen] = []
            floors: list[Seen] = []
            for number in session.rounds(f"live, {sockets} sockets", 3, 1):
                floors.append(_bare(floor.port, sockets, events))
                watched.append(_watched(platform.port, folder / f"begin-{sockets}-{number}", sockets, events))
            figures += _figures(sockets, events, watched, floors)
    return figures


def _figures(sockets: int, events: int, watched: list[Seen], floors: list[Seen]) -> list[Figure]:
    return [
        Figure(
            name=f"live-{sockets}-p{share * 100:.0f}",
            title=f"agent says it → each of {sockets:,} sockets has it, p{share * 100:.0f}, {events} at {RATE:g}/s",
            unit="ms",
            values=[percentile(seen.latencies, share) / 1e6 for seen in watched],
            floors=[percentile(seen.latencies, share) / 1e6 for seen in floors],
            floor_is="a bare server that sends each socket the same, from the same clock",
            target=Target(most=50) if (sockets, share) == (1_000, 0.99) else None,
            beside={
                "sockets that saw every event once and in order": min(seen.held for seen in watched),
                "of them told that they lag": max(seen.lagging for seen in watched),
            },
        )
        for share in (0.5, 0.99)
    ]


def _watched(port: int, begin: Path, sockets: int, events: int) -> Seen:
    url = f"http://127.0.0.1:{port}"
    payload = {"begin": str(begin), "events": events, "rate": RATE}
    with httpx.Client(base_url=url, timeout=PATIENCE) as http:
        receipt = http.post("/webhook/trigger/worker", json={"payload": payload}).raise_for_status().json()
        execution = _execution(http, receipt["signal_id"])
    said = json.dumps({"type": "subscribe", "executionId": execution, "types": ["agent-thinking"], "after": 0})
    watch = Watch(port=port, path="/ws/events", sockets=sockets, said=said, events=events, seconds=PATIENCE)
    with _watching(watch) as outcome:
        begin.write_text("")
        return _checked(outcome())


def _bare(port: int, sockets: int, events: int) -> Seen:
    watch = Watch(port=port, path="/", sockets=sockets, said="", events=events, seconds=PATIENCE)
    with _watching(watch) as outcome:
        httpx.get(f"http://127.0.0.1:{port}/say", params={"events": events, "rate": RATE}).raise_for_status()
        return _checked(outcome())


def _checked(seen: Seen) -> Seen:
    if seen.errors:
        raise BenchFailed(f"{len(seen.errors)} sockets did not see it all, the first: {seen.errors[0]}")
    return seen


def _execution(http: httpx.Client, signal_id: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        items = http.get("/api/v1/executions", params={"signal_id": signal_id}).raise_for_status().json()["items"]
        if items:
            return str(items[0]["id"])
        time.sleep(0.05)
    raise BenchFailed(f"signal {signal_id} led to no execution within {PATIENCE:g} s")


@contextmanager
def _watching(watch: Watch) -> Iterator[Any]:
    """Sockets in a process of their own, all subscribed; gives what waits for their outcome."""
    process = subprocess.Popen(
        [PYTHON, "-m", "bench.watchers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(asdict(watch)) + "\n")
        process.stdin.flush()
        if process.stdout.readline().strip() != "watching":
            raise BenchFailed(f"{watch.sockets} sockets were not opened within {watch.seconds:g} s")
        yield lambda: Seen(**json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
