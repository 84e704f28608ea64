"""A person is forgotten: no word of his is left, and what stays can still be read, replayed and gone on with."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from reveille.adapters import cron
from reveille.adapters.data_keys import KeyRing
from reveille.adapters.encryption import FileKeys
from reveille.adapters.sealing_store import SealingStore
from reveille.adapters.sqlite_data_keys import SqliteDataKeys
from reveille.adapters.sqlite_store import SqliteEventStore
from reveille.agent_runner.domain import agent, run
from reveille.analyzer.domain import analysis, pattern, watch
from reveille.budget.domain import estimate, ledger
from reveille.cli.catalogue import EVENT_TYPES
from reveille.kernel import parking
from reveille.kernel.decider import Decider
from reveille.kernel.digests import Digests
from reveille.kernel.event_store import NO_STREAM
from reveille.kernel.events import Recorded, category_of
from reveille.planner.domain import execution
from tests.e2e import github
from tests.e2e.conftest import Make
from tests.e2e.embedded import Embedded
from tests.e2e.kinds import only
from tests.e2e.parties import Party, accepted
from tests.e2e.running import Platform, blocking, reveille, until
from tests.e2e.scenes import Scene
from tests.e2e.stack import Stack
from tests.sealing import MASTER, OTHER, SUBJECTS
from tests.servers import kafka_address

# Each stands in one place, and in what comes of it.
MALLORY, TRUDY = "mallory-planted", "trudy-planted"
PLANTED = ("planted", "quetzal", "zanzibar", "xylophone", "walrus")
DECIDERS: Mapping[str, Decider] = {
    decider.category: decider
    for decider in (
        watch.decider,
        pattern.decider(cron.next_time),
        analysis.decider,
        execution.decider(Digests(bytes(32))),
        ledger.decider,
        estimate.decider,
        agent.decider,
        run.decider,
        parking.decider,
    )
}
# What an administrator can read; lists of all tenants' things first.
READ = (
    "/status",
    "/metrics",
    "/api/v1/signals",
    "/api/v1/agents",
    "/api/v1/budgets",
    "/api/v1/blueprints",
    "/api/v1/analytics",
    "/api/v1/notifications",
    "/api/v1/approvals",
    "/api/v1/deadletters",
    "/api/v1/executions",
    "/api/v1/executions?summary=true",
    "/api/v1/executions/events",
    "/api/v1/audit",
    "/api/v1/erasures",
    "/openapi.json",
)
OF_EXECUTION = ("", "/causes", "/events")
OF_PLAN = ("/events?log=true", "/events/stats")


@pytest.fixture
def encrypted(make: Make, tmp_path: Path) -> Platform:
    """With the words of two persons in a signal, a plan, a scene, an approval and what came of them."""
    platform: Platform = make(tmp_path, settings=_settings(tmp_path)).start()
    # Large enough to be a blob.
    told: dict[str, Any] = {"title": "quetzal", "body": "quetzal " * 12_000, "user": {"login": MALLORY, "type": "User"}}
    change = github.pull_request(**told)
    change["sender"] = {"login": MALLORY, "type": "User"}
    change["repository"]["full_name"] = "acme/quetzal"
    platform.ended(github.accepted(platform.http, change), agent="reviewer")
    party = Party(platform, id="party-1")
    wish = {"content": "A zanzibar party by the sea for 20 guests in Berlin with a walrus cake", "added_by": MALLORY}
    accepted(party.post("/api/v1/event-driven/start", {"party_id": party.id, "inputs": [wish]}))
    accepted(party.add("And music for the evening", added_by=TRUDY, tags=["xylophone"]))
    party.settled()
    scene = Scene(platform)
    inputs = [{"content": "A knight meets a quetzal in a wood at night", "added_by": TRUDY}]
    answer = platform.http.post("/api/v1/executions", json={"blueprint": "film-scene", "inputs": inputs})
    scene.id = accepted(answer)["execution_id"]
    scene.asked()
    return platform


def _settings(folder: Path) -> dict[str, str]:
    masters = folder / "masters"
    masters.write_text(f"{MASTER}\n")
    return {"REVEILLE_ENCRYPTION_KEYS_FILE": str(masters), "REVEILLE_GITHUB_SECRET": github.SECRET}


def test_what_a_person_wrote_is_nowhere_any_more_and_everything_goes_on(encrypted: Platform) -> None:
    platform = encrypted
    assert _leaks(_stored(platform)) == []
    before = {word for word in PLANTED if any(word in text for _, text in _read(platform))}
    assert before == set(PLANTED)
    under_way = Party(platform)
    accepted(under_way.start("A zanzibar party for 5 guests", inputs=[{"content": "walrus", "added_by": MALLORY}]))
    for name in (MALLORY, TRUDY):
        erased = reveille("erase", "--subject", name, "--url", platform.url)
        assert erased.returncode == 0, erased.stderr
        assert name not in erased.stdout
    until(lambda: not _leaks(_read(platform)), "no reader meets a word any more")
    assert platform.get("/api/v1/executions/party-1")["status"] == "cancelled"
    assert under_way.settled()["inputs"][0]["content"] == "[erased]"
    again = reveille("erase", "--subject", MALLORY, "--url", platform.url, "--json")
    assert json.loads(again.stdout)["cancelled"] == []
    # The person may come again, and others have lost nothing.
    party = Party(platform)
    accepted(party.start("A party for 9 guests in Rome"))
    accepted(party.add("with a pirate theme", added_by=MALLORY))
    assert "pirate" in str(party.settled()["inputs"])
    until(platform.is_in_views, "views have taken in everything")
    platform.stop()
    live = platform.views()
    assert _leaks([("views", str(live))]) == []
    assert _leaks(_stored(platform)) == []
    if isinstance(platform, Embedded):
        assert blocking(_folded(platform)) >= DECIDERS.keys() - {"pattern", "deadletter"}
    assert platform.rebuild_views().returncode == 0
    assert platform.views() == live
    platform.start()
    # The name stands in what the person has written since.
    assert {word for _, word in _leaks(_read(platform))} == {"planted"}


@only("embedded", reason="the command is the same on any table")
def test_master_keys_rotate_while_the_platform_runs(make: Make, tmp_path: Path) -> None:
    platform = make(tmp_path, settings=_settings(tmp_path)).start()
    party, masters = Party(platform), tmp_path / "masters"
    accepted(party.start("A zanzibar party for 9 guests in Rome"))
    party.settled()
    masters.write_text(f"{OTHER}\n{MASTER}\n")
    data = ("--data", str(platform.data))
    rotated = reveille("encryption", "rotate", *data, **platform.settings)
    assert "all are under m2 now" in rotated.stdout
    masters.write_text(f"{OTHER}\n")
    later = Party(platform)
    accepted(later.start("A walrus party for 9 guests in Rome"))
    later.settled()
    told = json.loads(reveille("encryption", "status", *data, "--json", **platform.settings).stdout)
    assert (told["current"], set(told["wrapped"])) == ("m2", {"m2"})
    platform.restart()
    assert "zanzibar" in str(party.status())
    assert "walrus" in str(later.status())


def _leaks(told: "Iterator[tuple[str, str]] | list[tuple[str, str]]") -> list[tuple[str, str]]:
    """Where which word stands."""
    return [(where, word) for where, text in told for word in PLANTED if word in text.lower()]


def _read(platform: Platform) -> Iterator[tuple[str, str]]:
    """All that can be read over HTTP; whatever does not answer fails the test."""
    for path in READ:
        yield path, _text(platform, path)
    for one in _listed(platform, "/api/v1/executions"):
        for path in (*OF_EXECUTION, *(OF_PLAN if one["blueprint"] else ())):
            yield path, _text(platform, f"/api/v1/executions/{one['id']}{path}")
    for one in _listed(platform, "/api/v1/signals"):
        yield "signal", _text(platform, f"/api/v1/signals/{one['id']}")
        for name in ("reviewer", "careful"):
            yield "explain", _text(platform, f"/api/v1/explain?signal={one['id']}&agent={name}")
    for one in _listed(platform, "/api/v1/approvals"):
        yield "approval", _text(platform, f"/api/v1/approvals/{one['id']}")


def _listed(platform: Platform, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = platform.get(path, limit=500)["items"]
    return found


def _text(platform: Platform, path: str) -> str:
    answer = platform.http.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


def _stored(platform: Platform) -> list[tuple[str, str]]:
    """Whatever stands on disks but views, as text."""
    found = [("its own words", platform.errors)]
    if isinstance(platform, Embedded):
        files = [path for path in platform.data.rglob("*") if path.is_file() and path.parent.name != "views"]
        found += [(path.name, path.read_bytes().decode("latin-1")) for path in files]
    if isinstance(platform, Stack):
        found += [(one.type, one.data.decode("latin-1")) for one in platform.recorded()]
        found += [(topic, value.decode("latin-1")) for topic, value in blocking(_records(platform.topic_prefix))]
    return found


async def _records(prefix: str) -> list[tuple[str, bytes]]:
    """All that stands in the platform's topics."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka_address(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        topics = [topic for topic in await consumer.topics() if topic.startswith(f"{prefix}.")]
        places = [TopicPartition(topic, at) for topic in topics for at in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                found += [(place.topic, record.value or b"") for record in records]
        return found
    finally:
        await consumer.stop()


async def _folded(platform: Embedded) -> set[str]:
    """The categories of the streams that their deciders have folded; and each message is looked at."""
    async with AsyncExitStack() as stack:
        log = SqliteEventStore.open(platform.data / "log.db", EVENT_TYPES)
        stack.push_async_callback(log.close)
        rows = SqliteDataKeys.open(platform.data / "keys.db")
        stack.push_async_callback(rows.close)
        store = SealingStore(log, KeyRing(rows, FileKeys.of(MASTER)), SUBJECTS, EVENT_TYPES)
        events = await store.read_all(0, 100_000)
        assert [event.unreadable for event in events if event.msg is None] == []
        streams = {event.stream for event in events}
        found = await store.read_streams(dict.fromkeys(streams, NO_STREAM))
    for stream, told in found.items():
        if (decider := DECIDERS.get(category_of(stream))) is not None:
            _fold(decider, told)
    return {category_of(stream) for stream in streams} & DECIDERS.keys()


def _fold(decider: Decider, events: list[Recorded]) -> None:
    state = decider.initial
    for event in events:
        assert event.msg is not None
        state = decider.evolve(state, event.msg, event.meta.about)
