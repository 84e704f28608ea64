"""Whatever JSON a sender makes up, normalising gives a signal that fits into an event, or refuses it by name."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.ingress.domain import github, wakes
from reveille.ingress.domain.payload import MAX_PATHS_BYTES
from reveille.ingress.domain.refusals import Refusal

EVENTS = sorted([*github._EVENTS, "watch"])
KEYS = st.sampled_from(
    ["action", "pull_request", "issue", "comment", "review", "head", "base", "ref", "sha", "labels", "name", "number",
     "commits", "added", "modified", "removed", "size", "sender", "login", "repository", "full_name", "workflow_run",
     "check_run", "check_suite", "pull_requests", "conclusion", "title", "body", "before", "after", "type", "priority",
     "payload", "id", "path", "message", "head_commit", "draft", "merged"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
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
