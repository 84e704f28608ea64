"""What a process complains of: only of what lasts, and of nothing that something else away explains."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from reveille.adapters.complaints import MOST, Complaint, decoded, encoded
from reveille.cli.complaints import BEHIND_SECONDS, Complaints, Look, of_inbox, of_relay, of_views
from reveille.cli.probes import Probes
from reveille.ingress.domain import advice
from reveille.ingress.domain.advice import ADVICE, advice_on
from reveille.kernel.clock import SECOND
from reveille.kernel.errors import Transient
from reveille.kernel.event_bus import Lag
from tests.unit.log import Log
from tests.unit.manual_clock import NOON, ManualClock
from tests.unit.running import running

pytestmark = pytest.mark.asyncio


class House:
    """A service as far as it is looked after: its views stand at a position, its inbox lags."""

    def __init__(self) -> None:
        self.log, self.clock = Log(), ManualClock()
        self.position = 0
        self.lags: dict[int, Lag] = {}

        async def lag() -> Mapping[int, Lag]:
            return self.lags

        self.service: Any = SimpleNamespace(
            name="planner",
            ports=SimpleNamespace(store=self.log.store, clock=self.clock),
            follower=self,
            processing=SimpleNamespace(lag=lag),
        )


@pytest.fixture
async def house() -> House:
    made = House()
    await made.log.apply_fleet()
    return made


async def looked(look: Look) -> list[Complaint]:
    return list(await look())


async def test_views_complain_when_what_they_have_not_taken_in_is_old(house: House) -> None:
    look = of_views(house.service)
    assert await looked(look) == []
    house.clock.advance(BEHIND_SECONDS + 1)
    assert await looked(look) == [Complaint(advice.VIEWS_BEHIND, "its views are 31 s behind the log")]
    house.position = await house.log.store.head()
    assert await looked(look) == []


async def test_an_inbox_complains_of_what_has_waited_for_long(house: House) -> None:
    look = of_inbox(house.service)
    house.lags = {0: Lag(0, 0), 1: Lag(2, NOON), 2: Lag(1, NOON + 5 * SECOND)}
    assert await looked(look) == []
    house.clock.advance(40)
    assert await looked(look) == [Complaint(advice.INBOX_BEHIND, "3 messages wait in its inbox, the oldest for 40 s")]


@pytest.mark.parametrize(
    ("held", "code"), [({"relay/planner"}, advice.RELAY_BEHIND), ({"relay/budget"}, advice.RELAY_MISSING)]
)
async def test_a_relay_that_is_late_says_whether_anybody_holds_its_lease(
    house: House, held: set[str], code: str
) -> None:
    async def relayed() -> Mapping[str, int]:
        return {"budget": 10}

    async def holders(prefix: str) -> Collection[str]:
        return held

    house.clock.advance(40)
    (complaint,) = await looked(of_relay(house.service, relayed, holders))
    assert complaint.code == code


@asynccontextmanager
async def looking(complaints: Complaints) -> AsyncIterator[None]:
    async with running(complaints.run()):
        yield


async def test_what_cannot_look_complains_of_nothing_and_others_go_on() -> None:
    found, seen = Complaint("x", "y"), []

    async def away() -> Sequence[Complaint]:
        raise Transient("the log is away")

    async def finds() -> Sequence[Complaint]:
        seen.append(1)
        return [found]

    complaints = Complaints([away, finds])
    async with looking(complaints):
        while not complaints.now():
            await ManualClock().sleep(0)
    assert complaints.now() == [found]


async def test_what_is_away_is_said_at_once_and_in_place_of_what_follows_from_it() -> None:
    answers = {"the log": True}

    async def check() -> None:
        if not answers["the log"]:
            raise Transient("no route")

    async def finds() -> Sequence[Complaint]:
        return [Complaint(advice.VIEWS_BEHIND, "late")]

    probes = Probes({"the log": check})
    complaints = Complaints([finds], probes)
    async with running(complaints.run()):
        while not complaints.now():
            await ManualClock().sleep(0)
        answers["the log"] = False
        await probes._ask("the log", check)
        assert complaints.now() == [Complaint(advice.LOG_AWAY, "the log is away: no route")]
        probes.leave()
        assert [one.code for one in complaints.now()] == [advice.STOPPING, advice.LOG_AWAY]


async def test_complaints_pass_in_a_header_of_bounded_length_and_what_is_none_is_nothing() -> None:
    many = [Complaint("log_away", "ä" * 10_000)] * 100
    back = decoded(encoded(many))
    assert len(back) == MOST
    assert all(one.code == "log_away" and one.text == "ä" * 300 for one in back)
    for strange in (b"", b"[1]", b"{", b'[{"code": "x"}]', b"\xff"):
        assert decoded(strange) == []


async def test_each_complaint_has_advice_that_names_a_command() -> None:
    codes = {value for name, value in vars(advice).items() if name.isupper() and isinstance(value, str)}
    assert codes == set(ADVICE)
    for code in [*codes, "of a later build"]:
        told = advice_on(code, "planner")
        assert told.what
        assert told.command.split()[0]
        assert "{service}" not in told.command
