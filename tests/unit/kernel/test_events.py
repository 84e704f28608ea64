"""Names of streams and types, and what can be read from them."""

import pytest

from reveille.contracts.budget.v1 import events_pb2 as budget_pb2
from reveille.contracts.budget.v1.events_pb2 import TokensReleased
from reveille.kernel.events import (
    EventTypes,
    Meta,
    category_of,
    key_of,
    new_event,
    service_of,
    stream_name,
    tenant_of,
)
from tests.unit.spec import HERE

TYPES = EventTypes([budget_pb2])


@pytest.mark.parametrize(
    ("stream", "tenant", "category", "key"),
    [
        ("default.ledger", "default", "ledger", ""),
        ("t.signal-1f", "t", "signal", "1f"),
        ("t.agent-claude-code.cli", "t", "agent", "claude-code.cli"),
        ("t.deadletter-agent-runner-3", "t", "deadletter", "agent-runner-3"),
    ],
)
def test_a_streams_name_holds_its_tenant_its_category_and_its_key(
    stream: str, tenant: str, category: str, key: str
) -> None:
    assert (tenant_of(stream), category_of(stream), key_of(stream)) == (tenant, category, key)
    assert stream_name(tenant, category, key) == stream


@pytest.mark.parametrize(
    ("type_name", "service"),
    [("reveille.budget.v1.TokensReserved", "budget"), ("reveille.agent_runner.v1.RunStarted", "agent-runner")],
)
def test_a_type_names_the_service_that_writes_it(type_name: str, service: str) -> None:
    assert service_of(type_name) == service


def test_a_new_event_is_its_message_serialised_under_its_full_name() -> None:
    released = TokensReleased(run_id="r", tokens=7)
    new = new_event(b"id", released, Meta(1, HERE))
    assert (new.type, new.data) == ("reveille.budget.v1.TokensReleased", released.SerializeToString())


def test_an_event_is_decoded_by_its_full_name() -> None:
    released = TokensReleased(run_id="r", tokens=7)
    assert TYPES.decode("reveille.budget.v1.TokensReleased", released.SerializeToString()) == released


def test_an_event_of_another_build_is_not_decoded() -> None:
    assert TYPES.decode("reveille.budget.v1.FromTheFuture", b"") is None
