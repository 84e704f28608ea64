"""Hierarchies as their users begin them: over HTTP, waiting until they have settled."""

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx

from tests.e2e.running import Platform, until

API: Final = "/api/v1/executions"


class Scene:
    """One execution of a hierarchy."""

    def __init__(self, platform: Platform, blueprint: str = "film-scene") -> None:
        self.platform = platform
        self.blueprint = blueprint
        self.id = ""

    def start(self, prompt: str | Mapping[str, Any], **more: Any) -> "Scene":
        text = prompt if isinstance(prompt, str) else json.dumps(prompt)
        answer = self.platform.http.post(API, json={"blueprint": self.blueprint, "prompt": text, **more})
        assert answer.status_code == 202, answer.text
        self.id = answer.json()["execution_id"]
        return self

    def change(self, **body: Any) -> httpx.Response:
        return self.platform.http.patch(f"{API}/{self.id}/inputs", json=body)

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = self.platform.get(f"{API}/{self.id}")
        return found

    def at(self, *statuses: str) -> dict[str, Any]:
        """As it is when it has settled in one of these."""

        def look() -> dict[str, Any] | None:
            found = self.told()
            return found if found["settled"] and found["status"] in statuses else None

        return until(look, f"scene {self.id} is {' or '.join(statuses)}")

    def department(self, name: str) -> dict[str, Any]:
        return next(one for one in self.told()["departments"] if one["name"] == name)

    def drafts(self, department: str) -> dict[str, Any]:
        """By step."""
        return {
            step["name"]: step
            for step in self.told()["steps"]
            if step["department"] == department and step["role"] == "draft" and step["status"] != "removed"
        }

    def asked(self) -> dict[str, Any]:
        """The one question that is open."""

        def look() -> dict[str, Any] | None:
            found = self.platform.get("/api/v1/approvals", execution_id=self.id, status="open")["items"]
            return found[0] if found else None

        return until(look, f"scene {self.id} asks for its release")

    def answer(self, decision: str) -> None:
        answer = self.platform.http.post(f"/api/v1/approvals/{self.asked()['id']}", json={"decision": decision})
        assert answer.status_code in (200, 202), answer.text

    def live(self) -> list[dict[str, Any]]:
        """All its events so far, as sockets tell them."""
        position, found, cursor = self.told()["position"], list[dict[str, Any]](), dict[str, Any]()
        while True:
            page = self.platform.get(f"{API}/{self.id}/events", limit=200, wait_for=position, **cursor)
            found += [item["event"] for item in page["items"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}
