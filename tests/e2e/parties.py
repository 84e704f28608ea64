"""Parties as their users plan them: over HTTP, waiting until a plan has settled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.e2e.running import Platform, until

API: Final = "/api/v1/event-driven"


class Party:
    """One party, and how often each of its steps has run."""

    def __init__(self, platform: Platform, *, id: str | None = None) -> None:
        self.platform = platform
        self.id = id or f"party-{uuid4().hex[:12]}"
        self._runs: dict[str, int] = {}

    def start(self, *texts: str, **more: Any) -> httpx.Response:
        body = {"party_id": self.id, "inputs": [{"content": text} for text in texts], **more}
        return self.post(f"{API}/start", body)

    def add(self, text: str, id: str | None = None, **more: Any) -> httpx.Response:
        body = {"party_id": self.id, "content": text, **({"input_id": id} if id else {}), **more}
        return self.post(f"{API}/input", body)

    def remove(self, id: str, **headers: str) -> httpx.Response:
        url = f"{self.platform.url}{API}/input/{id}"
        return self.platform.http.delete(url, params={"party_id": self.id}, headers=headers)

    def change(self, *, add: Sequence[Mapping[str, Any]] = (), remove: Sequence[str] = ()) -> httpx.Response:
        url = f"{self.platform.url}/api/v1/executions/{self.id}/inputs"
        return self.platform.http.patch(url, json={"add": list(add), "remove": list(remove)})

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> httpx.Response:
        return self.platform.http.post(f"{self.platform.url}{path}", json=body, headers=headers)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.platform.get(f"{API}/status/{self.id}")
        return found

    def settled(self) -> dict[str, Any]:
        """The status, once everything that follows from what was accepted has happened."""

        def look() -> dict[str, Any] | None:
            status = self.status()
            return status if status["settled"] else None

        return until(look, f"party {self.id} settles")

    def execution(self) -> dict[str, Any]:
        found: dict[str, Any] = self.platform.get(f"/api/v1/executions/{self.id}")
        return found

    def ran(self) -> dict[str, int]:
        """By step, how many attempts it has had since this was asked the last time."""
        found = {step["name"]: step["attempt"] for step in self.execution()["steps"]}
        since = {name: count - self._runs.get(name, 0) for name, count in found.items()}
        self._runs |= found
        return {name: count for name, count in since.items() if count}

    def events(self, **query: Any) -> Iterator[dict[str, Any]]:
        """Of the log, as far as the plan has come by now."""
        seen, cursor = self.execution()["position"], dict[str, Any]()
        while True:
            url = f"/api/v1/executions/{self.id}/events"
            page = self.platform.get(url, log="true", limit=100, wait_for=seen, **cursor, **query)
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}


def accepted(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told
