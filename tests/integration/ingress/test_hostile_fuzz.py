"""Whatever is said on the socket of live events, it answers and lives on."""

import asyncio
import json
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reveille.ingress.entrypoints.http.live_messages import TYPES
from tests.integration.ingress.live_house import LiveHouse

VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["e", "other"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MESSAGES: Final = st.fixed_dictionaries(
    {"type": st.sampled_from(["subscribe", "unsubscribe", "ping", "pong"]) | VALUES},
    optional={
        "executionId": st.sampled_from(["e", "other", "nobody"]) | VALUES,
        "conversationId": st.sampled_from(["c", "nobody"]) | VALUES,
        "topic": st.just("overview") | VALUES,
        "after": st.integers(-1, 5) | st.dictionaries(st.sampled_from(["e", "x"]), st.integers(-1, 3)) | VALUES,
        "types": st.lists(st.sampled_from(TYPES), max_size=3) | VALUES,
        "agents": st.lists(st.text(max_size=5), max_size=3) | VALUES,
        "departments": VALUES,
        "replay": st.fixed_dictionaries({"speed": st.sampled_from([0, 1, 1000, 1001]) | VALUES}) | VALUES,
        "ref": st.integers(0, 9) | VALUES,
    },
)
SAID: Final = MESSAGES.map(json.dumps) | VALUES.map(json.dumps) | st.text(max_size=50) | st.binary(max_size=50)
ANSWERS: Final = {"error", "event", "subscribed", "unsubscribed", "pong", "replayed", "overview", "lagging"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sayings=st.lists(SAID, max_size=40))
def test_whatever_is_said_the_socket_answers_and_lives_on(sayings: list[str | bytes]) -> None:
    asyncio.run(_said(sayings))


async def _said(sayings: list[str | bytes]) -> None:
    async with LiveHouse().serving() as house:
        await house.begin(conversation="c")
        await house.begin("other")
        async with house.client() as client:
            for said in sayings:
                await client.ws.send(said)
            await client.say("ping", ref="the last")
            heard = await client.hear()
            while heard != {"type": "pong", "ref": "the last"}:
                assert heard["type"] in ANSWERS
                heard = await client.hear()
