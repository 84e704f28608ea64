"""Whatever JSON a sender makes up, normalising gives a signal that fits into an event, or refuses it by name."""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.contracts.ingress.v1.events_pb2 import Source
from reveille.ingress.domain import alerts, ci, cloudevents, custom, github, gitlab, jenkins, wakes
from reveille.ingress.domain.delivery import MEANS, Delivery
from reveille.ingress.domain.payload import MAX_PATHS_BYTES
from reveille.ingress.domain.refusals import Refusal

EVENTS = sorted([*github._EVENTS, "watch"])
KEYS = st.sampled_from(
    ["action", "pull_request", "issue", "comment", "review", "head", "base", "ref", "sha", "labels", "name", "number",
     "commits", "added", "modified", "removed", "size", "sender", "login", "repository", "full_name", "workflow_run",
     "check_run", "check_suite", "pull_requests", "conclusion", "title", "body", "before", "after", "type", "priority",
     "payload", "id", "path", "message", "head_commit", "draft", "merged", "object_kind", "object_attributes", "user",
     "project", "iid", "merge_request", "note", "build", "phase", "scm", "changes", "culprits", "status", "event",
     "alerts", "annotations", "startsAt", "specversion", "source", "data", "data_base64", "subject", "app", "slug"]
)  # fmt: skip
# Now and then the very word that a normaliser looks for.
WORDS = st.sampled_from(
    ["push", "merge_request", "pipeline", "build", "issue", "note", "FINALIZED", "STARTED", "failed", "firing", "1.0",
     "open", "success", "2026-11-21T10:00:00Z"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=8),
    max_leaves=40,
)


@settings(max_examples=300, deadline=None)
@given(event=st.sampled_from(EVENTS), document=JSON)
def test_any_json_from_github_is_a_signal_or_refused(event: str, document: Any) -> None:
    try:
        delivery = github.normalise(event, document, "d")
    except Refusal:
        delivery = None
    assert (delivery is None) == (not isinstance(document, dict))
    if delivery is None:
        return
    assert delivery.kind.startswith(event)
    assert delivery.content.paths_known or not delivery.content.paths
    assert len(delivery.content.SerializeToString()) < 2 * MAX_PATHS_BYTES


@settings(max_examples=200, deadline=None)
@given(document=JSON)
def test_any_json_at_our_own_doors_is_a_signal_or_refused(document: Any) -> None:
    for normalise in (
        lambda: wakes.trigger("a", ["a"], document, ""),
        lambda: wakes.system_event("boot", document, ""),
        lambda: wakes.pushed(wakes.push(document), "", clone="", paths=None),
    ):
        try:
            delivery = normalise()
        except Refusal:
            continue
        assert len(delivery.content.SerializeToString()) < 2 * MAX_PATHS_BYTES


SOURCE = Source(name="any", fields={name: f"/{name}" for name in custom.FIELDS})
NESTED = Source(name="any", fields=dict.fromkeys(custom.FIELDS, "/labels/0/name"))
KIND = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
BINARY = {"specversion": "1.0", "id": "i", "source": "s", "type": "t"}
NORMALISERS: dict[str, Callable[[Any], list[Delivery]]] = {
    "gitlab": lambda document: [gitlab.normalise("Push Hook", document, "")],
    "jenkins": lambda document: [jenkins.normalise(document, "")],
    "ci": lambda document: [ci.normalise(document, "")],
    "prometheus": lambda document: [alert.delivery for alert in alerts.normalise(document)],
    "custom": lambda document: [custom.normalise(SOURCE, document, ""), custom.normalise(NESTED, document, "")],
    "event": lambda document: [cloudevents.signal(cloudevents.single(document))],
    "events": lambda document: [cloudevents.signal(event) for event in cloudevents.batch(document)],
    "binary": lambda document: [cloudevents.signal(cloudevents.from_headers(BINARY, "", b"", document))],
}
# What stands at the right place, with anything in it.
SHAPED = {
    "gitlab": st.fixed_dictionaries({"object_kind": WORDS}, optional={"object_attributes": JSON, "commits": JSON}),
    "jenkins": st.fixed_dictionaries({"build": st.fixed_dictionaries({"phase": WORDS}, optional={"scm": JSON})}),
    "ci": st.fixed_dictionaries({"status": WORDS}, optional={"labels": JSON, "paths": JSON, "number": JSON}),
    "prometheus": st.fixed_dictionaries(
        {"alerts": st.lists(st.fixed_dictionaries({"status": WORDS, "startsAt": WORDS, "labels": JSON}), max_size=3)}
    ),
    "event": st.fixed_dictionaries({**dict.fromkeys(cloudevents.NEEDED, WORDS), "specversion": WORDS, "data": JSON}),
}


@settings(max_examples=400, deadline=None)
@given(data=st.data(), door=st.sampled_from(sorted(NORMALISERS)))
def test_any_json_at_any_door_is_signals_or_refused(data: st.DataObject, door: str) -> None:
    document = data.draw(SHAPED[door] | JSON if door in SHAPED else JSON)
    try:
        found = NORMALISERS[door](document)
    except Refusal:
        return
    for delivery in found:
        assert KIND.fullmatch(delivery.kind)
        assert delivery.means in MEANS
        assert delivery.content.paths_known or not delivery.content.paths
        assert len(delivery.content.SerializeToString()) < 2 * MAX_PATHS_BYTES
