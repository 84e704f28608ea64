"""What a service answers about its inbox over gRPC: what it has brought, and what becomes of what was parked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import grpc
import pytest

from reveille.adapters.grpc import Server, open_channel
from reveille.adapters.inbox import Inboxes
from reveille.analyzer import bootstrap as analyzer
from reveille.cli.catalogue import EVENT_TYPES
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired
from reveille.contracts.common.v1.common_pb2 import (
    DeadLetterDropped,
    DeadLetterRetried,
    EventRef,
    MessageParked,
    Sealed,
    Signal,
    SignalContent,
)
from reveille.contracts.common.v1.inbox_pb2 import (
    DropDeadLetterRequest,
    GetInboxRequest,
    GetInboxResponse,
    RetryDeadLetterRequest,
)
from reveille.contracts.common.v1.inbox_pb2_grpc import InboxServiceStub
from reveille.contracts.ingress.v1.events_pb2 import SignalReceived
from reveille.kernel.ids import derive, text
from reveille.kernel.sealing import seal_json
from reveille.kernel.service import Service
from reveille.planner import bootstrap as planner
from tests.integration.services.house import FLEET_REVISION, PATIENCE, House, names

build_planner = partial(planner.build, key=b"test")


def signal(id: str, target: str = "worker") -> SignalReceived:
    content = Sealed(data=SignalContent().SerializeToString())
    told = Signal(id=id, source="trigger", kind="task", target=target, fleet_revision=FLEET_REVISION, content=content)
    return SignalReceived(signal=told)


@asynccontextmanager
async def asking(*services: Service) -> AsyncIterator[Any]:
    server = Server([Inboxes(services, decode=EVENT_TYPES.decode)], token="t")
    channel = open_channel(f"127.0.0.1:{await server.start()}", token="t")
    try:
        yield InboxServiceStub(channel)
    finally:
        await channel.close()
        await server.stop(0)


async def parked(house: House) -> EventRef:
    """Where the first dead letter stands."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for event in await house.store.read_all(0, 1_000):
                if isinstance(event.msg, MessageParked):
                    return EventRef(stream=event.stream, revision=event.revision)
            await asyncio.sleep(0.02)


async def answered(stub: Any, service: str, count: int) -> GetInboxResponse:
    """What it says once so many messages have been answered or parked."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found: GetInboxResponse = await stub.GetInbox(GetInboxRequest(service=service))
            if found.delivered + found.parked >= count:
                return found
            await asyncio.sleep(0.02)


async def refusal(call: Any) -> tuple[str, str]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return raised.value.code().name, raised.value.details()


async def test_what_came_is_counted_by_what_became_of_it(house: House) -> None:
    await house.tell("default.signal-1", signal("s-1"))
    await house.tell("default.signal-2", signal("s-2", target="nobody"))
    await house.tell("default.signal-3", signal("s-3"))
    async with asking(await house.run("analyzer", analyzer.build)) as stub:
        found = await answered(stub, "analyzer", 4)
    # With the fleet that the house has told of.
    assert (found.published, found.delivered, found.parked, found.failed) == (4, 3, 1, 0)
    assert (found.service, found.topic) == ("analyzer", "reveille.analyzer.inbox.v1")


async def test_a_letter_that_is_still_wrong_stays_and_one_that_is_dropped_is_closed(house: House) -> None:
    await house.tell("default.signal-1", signal("s-1", target="nobody"))
    async with asking(await house.run("analyzer", analyzer.build)) as stub:
        ref = await parked(house)
        code, why = await refusal(stub.RetryDeadLetter(RetryDeadLetterRequest(service="analyzer", parked=ref)))
        assert (code, "nobody" in why) == ("ABORTED", True)
        drop = DropDeadLetterRequest(service="analyzer", parked=ref, reason="nobody has that agent")
        answer = await stub.DropDeadLetter(drop)
        told = await house.store.read_at([answer.position])
        reason = Sealed(data=b"nobody has that agent")
        assert told[0].msg == DeadLetterDropped(service="analyzer", parked=ref, reason=reason)
        for call in (
            stub.DropDeadLetter(drop),
            stub.RetryDeadLetter(RetryDeadLetterRequest(service="analyzer", parked=ref)),
        ):
            code, why = await refusal(call)
            assert (code, why) == ("FAILED_PRECONDITION", f"dead letter {ref.stream}@{ref.revision} was dropped before")


async def test_a_letter_that_can_be_handled_now_is_handled_and_recorded(house: House) -> None:
    """Of a record that somebody else's hand has put into the inbox: the log does not have its event."""
    fired = TriggerFired(trigger_id="t-1", agent="worker", signal_ids=["s"], fleet_revision=FLEET_REVISION)
    letter = MessageParked(
        service="planner",
        event_id=text(bytes(15) + b"\x01"),
        event_type=TriggerFired.DESCRIPTOR.full_name,
        event=EventRef(stream="default.watch-worker", revision=0),
        position=1,
        error="a fault of an earlier build",
        record=Sealed(data=fired.SerializeToString()),
    )
    (told,) = await house.tell("default.deadletter-planner-0", letter)
    ref = EventRef(stream=told.stream, revision=told.revision)
    async with asking(await house.run("planner", build_planner)) as stub:
        answer = await stub.RetryDeadLetter(RetryDeadLetterRequest(service="planner", parked=ref))
        stream = f"default.execution-{derive('execution', 't-1')}"
        planned = (await house.store.read_streams({stream: -1}))[stream]
        assert names(planned)[0] == "ExecutionStarted"
        (closed,) = await house.store.read_at([answer.position])
        assert closed.msg == DeadLetterRetried(service="planner", parked=ref)
        assert closed.position > planned[-1].position
        code, _ = await refusal(stub.RetryDeadLetter(RetryDeadLetterRequest(service="planner", parked=ref)))
        assert code == "FAILED_PRECONDITION"
        assert (await house.store.read_streams({stream: -1}))[stream][-1].position == planned[-1].position


async def test_a_letter_that_names_an_event_of_another_tenant_is_not_taken_for_it(house: House) -> None:
    """A record that is no event says of itself whatever its sender likes."""
    (theirs,) = await house.tell("acme.watch-worker", TriggerFired(trigger_id="t-1", agent="worker"))
    for letter in (
        MessageParked(event=EventRef(stream=theirs.stream, revision=theirs.revision)),
        MessageParked(headers=seal_json({"ce_subject": theirs.stream, "ce_streamrevision": str(theirs.revision)})),
    ):
        letter.service, letter.event_id, letter.event_type = "planner", text(theirs.id), theirs.type
        (told,) = (await house.tell("default.deadletter-planner-0", letter))[-1:]
        ref = EventRef(stream=told.stream, revision=told.revision)
        async with asking(await house.run("planner", build_planner)) as stub:
            code, why = await refusal(stub.RetryDeadLetter(RetryDeadLetterRequest(service="planner", parked=ref)))
        assert (code, "no record of it was kept" in why) == ("ABORTED", True)
    streams = {event.stream for event in await house.store.read_all(0, 1_000)}
    assert not [stream for stream in streams if ".execution-" in stream]


async def test_a_server_answers_for_its_own_services_only(house: House) -> None:
    async with asking(await house.run("planner", build_planner)) as stub:
        unknown = EventRef(stream="default.deadletter-planner-0", revision=3)
        calls = {
            stub.GetInbox(GetInboxRequest(service="budget")): "no inbox of budget is here, only of planner",
            stub.GetInbox(GetInboxRequest()): "no inbox of nobody is here, only of planner",
            stub.RetryDeadLetter(RetryDeadLetterRequest(service="planner", parked=unknown)): (
                "planner has no dead letter default.deadletter-planner-0@3"
            ),
        }
        for call, why in calls.items():
            assert await refusal(call) == ("NOT_FOUND", why)
