"""Fan-out over Redis: several replicas on one server, and a server that is killed, stopped and started again."""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from reveille.adapters.local_fanout import CAPACITY
from reveille.adapters.redis_fanout import RedisFanout
from reveille.adapters.redis_outbox import Outbox
from reveille.adapters.redis_server import RedisLink, RedisServer
from reveille.kernel.errors import Misconfigured
from tests.integration.adapters.redis_server import OwnRedis, forwarding, free_port, own_redis
from tests.servers import redis_url

Open = Callable[..., Awaitable[RedisFanout]]


@pytest.fixture
async def replica() -> AsyncIterator[Open]:
    """Opens replicas of one platform, on the server that all tests share unless told otherwise."""
    prefix = f"{uuid.uuid4().hex}:"
    async with AsyncExitStack() as opened:

        async def open_one(url: str = "", *, capacity: int = CAPACITY, outbox: Outbox | None = None) -> RedisFanout:
            fanout = await RedisFanout.open(url or redis_url(), prefix=prefix, capacity=capacity, outbox=outbox)
            opened.push_async_callback(fanout.close)
            return fanout

        yield open_one


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(tmp_path) as running:
        yield running


async def read(messages: AsyncIterator[bytes], count: int = 1) -> list[bytes]:
    async with asyncio.timeout(30):
        return [await anext(messages) for _ in range(count)]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.01)


async def until_connected(*fanouts: RedisFanout, connected: bool = True) -> None:
    async def all_are() -> bool:
        return all(fanout.connected == connected for fanout in fanouts)

    await until(all_are)


async def asked(link: RedisLink, *command: str) -> list[str]:
    answer = await link.ask(*command)
    return [line.decode() for line in (answer if isinstance(answer, list) else answer.splitlines())]


async def test_replicas_hear_each_other_in_order(replica: Open) -> None:
    one, other = await replica(), await replica()
    async with one.subscribe("execution-1") as by_one, other.subscribe("execution-1") as by_other:
        for number in range(1_000):
            await one.publish("execution-1", b"%d" % number)
        sent = [b"%d" % number for number in range(1_000)]
        assert await read(by_other, 1_000) == await read(by_one, 1_000) == sent
        await other.publish("execution-1", b"back")
        assert await read(by_one) == await read(by_other) == [b"back"]


async def test_what_comes_back_from_redis_is_not_delivered_again(replica: Open) -> None:
    one, other = await replica(), await replica()
    async with one.subscribe("execution-1") as by_one, other.subscribe("execution-1") as by_other:
        await one.publish("execution-1", b"own")
        await read(by_other)
        # Redis keeps the order: its copy of the first has come to `one` before the second.
        await other.publish("execution-1", b"foreign")
        assert await read(by_one, 2) == [b"own", b"foreign"]


async def test_a_subscription_is_active_when_it_is_entered(replica: Open) -> None:
    one, other = await replica(), await replica()
    for number in range(100):
        async with other.subscribe(f"execution-{number}") as messages:
            await one.publish(f"execution-{number}", b"1")
            assert await read(messages) == [b"1"]


async def test_a_channel_that_is_left_and_entered_again_is_active_each_time(replica: Open) -> None:
    one, other = await replica(), await replica()
    for number in range(100):
        async with other.subscribe("execution-1") as messages:
            await one.publish("execution-1", b"%d" % number)
            assert await read(messages) == [b"%d" % number]


async def test_many_that_come_and_go_hear_what_is_published_while_they_are_there(replica: Open) -> None:
    one, other = await replica(), await replica()

    async def come_and_go(who: int) -> None:
        for turn in range(60):
            channel, mine = f"execution-{(who + turn) % 5}", b"%d %d" % (who, turn)
            async with other.subscribe(channel) as messages:
                await one.publish(channel, mine)
                while await read(messages) != [mine]:
                    pass

    async with asyncio.TaskGroup() as tasks:
        for who in range(4):  # fewer than channels: each is left by its last subscriber again and again
            tasks.create_task(come_and_go(who))


async def test_redis_is_asked_for_channels_with_subscribers_alone(server: OwnRedis, replica: Open) -> None:
    fanout = await replica(server.url())
    async with RedisServer(server.url()).connect() as link:

        async def channels() -> list[str]:
            return sorted(name.split(":")[1] for name in await asked(link, "PUBSUB", "CHANNELS"))

        async def none_is_left() -> bool:
            return await channels() == []

        async with fanout.subscribe("execution-1"):
            async with fanout.subscribe("execution-1"), fanout.subscribe("execution-2"):
                assert await channels() == ["execution-1", "execution-2"]
            async with fanout.subscribe("execution-3"):  # what was left before is unsubscribed when this is subscribed
                assert await channels() == ["execution-1", "execution-3"]
        await until(none_is_left)


async def test_a_process_listens_by_one_connection(server: OwnRedis, replica: Open) -> None:
    fanout = await replica(server.url())
    async with RedisServer(server.url()).connect() as link, AsyncExitStack() as subscribed:
        for number in range(20):
            await subscribed.enter_async_context(fanout.subscribe(f"execution-{number}"))
        [connection] = await asked(link, "CLIENT", "LIST", "TYPE", "pubsub")
        assert " sub=20 " in connection


async def test_a_slow_subscriber_loses_the_oldest_and_slows_nobody(replica: Open) -> None:
    one, other = await replica(), await replica(capacity=3)
    async with other.subscribe("execution-1") as slow, other.subscribe("execution-1") as quick:
        for number in range(50):
            await one.publish("execution-1", b"%d" % number)
            assert await read(quick) == [b"%d" % number]
        assert await read(slow, 3) == [b"47", b"48", b"49"]


async def test_a_server_that_dies_and_comes_back_parts_replicas_only_meanwhile(server: OwnRedis, replica: Open) -> None:
    one, other = await replica(server.url()), await replica(server.url())
    async with one.subscribe("execution-1") as by_one, other.subscribe("execution-1") as by_other:
        for turn in (b"first", b"second"):  # a fan-out that survives one death may not survive two
            await server.kill()
            await one.publish("execution-1", b"at once " + turn)
            await until_connected(one, other, connected=False)
            await one.publish("execution-1", b"while away " + turn)
            assert await read(by_one, 2) == [b"at once " + turn, b"while away " + turn]
            async with other.subscribe("execution-2") as entered_meanwhile:
                await server.start()
                await until_connected(one, other)
                await one.publish("execution-1", b"after " + turn)
                await one.publish("execution-2", b"new " + turn)
                assert await read(by_one) == [b"after " + turn]
                while await read(by_other) != [b"after " + turn]:  # of what came before, all or nothing may arrive
                    pass
                assert await read(entered_meanwhile) == [b"new " + turn]


async def test_a_server_that_answers_nothing_holds_nobody_up(server: OwnRedis, replica: Open) -> None:
    one, other = await replica(server.url()), await replica(server.url())
    server.pause()
    await one.publish("execution-1", b"on its way")
    async with other.subscribe("execution-1") as by_other:
        await until_connected(one, other, connected=False)
        assert one.lost == 1
        async with one.subscribe("execution-1") as by_one:
            await one.publish("execution-1", b"meanwhile")
            assert await read(by_one) == [b"meanwhile"]
            server.go_on()
            await until_connected(one, other)
            await one.publish("execution-1", b"after")
            assert await read(by_one) == [b"after"]
            while await read(by_other) != [b"after"]:  # of what came before, all or nothing may arrive
                pass


async def test_while_redis_is_away_so_much_is_kept_and_the_oldest_is_lost(server: OwnRedis, replica: Open) -> None:
    away = free_port()
    one = await replica(f"redis://127.0.0.1:{away}", outbox=Outbox(messages=3))
    other = await replica(server.url())
    async with other.subscribe("execution-1") as by_other:
        for number in range(10):
            await one.publish("execution-1", b"%d" % number)
        assert (one.connected, one.lost) == (False, 7)
        async with forwarding(away, server.port):
            assert await read(by_other, 3) == [b"7", b"8", b"9"]
            await one.publish("execution-1", b"10")
            assert await read(by_other) == [b"10"]
            assert (one.connected, one.lost) == (True, 7)
            await one.close()


async def test_without_a_server_it_opens_with_one_warning_and_serves_its_own(
    replica: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "reveille")
    port = free_port()
    fanout = await replica(f"redis://someone:hunter2@127.0.0.1:{port}/0")
    async with fanout.subscribe("execution-1") as messages:
        await fanout.publish("execution-1", b"1")
        assert await read(messages) == [b"1"]
    assert not fanout.connected
    [warning] = caplog.records
    assert warning.levelname == "WARNING"
    assert f"redis at 127.0.0.1:{port} is away" in warning.getMessage()
    assert "hunter2" not in caplog.text


async def test_going_and_coming_back_are_told_once_each(
    server: OwnRedis, replica: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "reveille")
    fanout = await replica(server.url())
    await server.kill()
    await until_connected(fanout, connected=False)
    await server.start()
    await until_connected(fanout)
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "INFO"]


async def test_closing_sends_what_is_queued(replica: Open) -> None:
    one, other = await replica(), await replica()
    sent = [b"%d" % number for number in range(600)]  # more than one pipeline takes
    async with other.subscribe("execution-1") as messages:
        for message in sent:
            await one.publish("execution-1", message)
        await one.close()
        assert await read(messages, len(sent)) == sent
    assert one.lost == 0


async def test_what_is_closed_still_serves_its_own_process(replica: Open) -> None:
    fanout = await replica()
    await fanout.close()
    assert not fanout.connected
    async with fanout.subscribe("execution-1") as messages:
        await fanout.publish("execution-1", b"1")
        assert await read(messages) == [b"1"]


@pytest.mark.parametrize("name", ["", "überall", "\ud800", "a b\r\nc", "x" * 10_000])
async def test_a_channel_may_have_any_name(replica: Open, name: str) -> None:
    one, other = await replica(), await replica()
    async with other.subscribe(name) as messages:
        await one.publish(name, b"1")
        assert await read(messages) == [b"1"]


async def test_platforms_on_one_server_do_not_mix(replica: Open) -> None:
    one, other = await replica(), await replica()
    stranger = await RedisFanout.open(redis_url(), prefix=f"{uuid.uuid4().hex}:")
    async with other.subscribe("execution-1") as messages:
        await stranger.publish("execution-1", b"strange")
        await stranger.close()  # which has sent it
        await one.publish("execution-1", b"own")
        assert await read(messages) == [b"own"]


async def test_what_no_replica_has_sent_is_passed_over(server: OwnRedis) -> None:
    fanout = await RedisFanout.open(server.url(), prefix="known:")
    async with RedisServer(server.url()).connect() as link, fanout.subscribe("execution-1") as messages:
        assert await link.ask("PUBLISH", "known:execution-1", "too short") == 1
        assert await link.ask("PUBLISH", "known:execution-1", b"0123456789abcdef" + b"whole") == 1
        assert await read(messages) == [b"whole"]
    await fanout.close()


@pytest.mark.parametrize("who", ["", ":hunter3@", "someone:hunter3@"])
async def test_a_user_that_redis_does_not_know_is_told_at_the_start(tmp_path: Path, who: str) -> None:
    async with own_redis(tmp_path, "--requirepass", "hunter2") as server:
        with pytest.raises(Misconfigured, match=rf"redis at 127\.0\.0\.1:{server.port} refuses the user") as refused:
            await RedisFanout.open(server.url(who))
        assert "hunter" not in str(refused.value)
        fanout = await RedisFanout.open(server.url(":hunter2@"))
        assert fanout.connected
        await fanout.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://hunter2@127.0.0.1",
        "redis://:hun/ter2@127.0.0.1:6379",
        "redis://:hunter2@127.0.0.1:port",
        "redis://:hunter2@127.0.0.1:6379?socket_timeout=1",
        "redis://:hunter2@127.0.0.1:6379?decode_responses=true",
        "redis://:hunter2@127.0.0.1:6379?ssl_nonsense=hunter2",
        "unix:///run/hunter2",
        "hunter2",
        "",
    ],
)
async def test_a_url_that_is_none_is_one_line_that_shows_nothing_of_it(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"^the URL of Redis cannot be used, expected redis://[^\n]*$") as refused:
        await RedisFanout.open(url)
    assert "hun" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


async def test_tls_is_spoken_to_a_server_that_can_be_trusted_alone(tmp_path: Path, replica: Open) -> None:
    making = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/own.pem"]
    made = await asyncio.create_subprocess_exec(*making.split(), *files, stderr=asyncio.subprocess.DEVNULL)
    assert await made.wait() == 0
    port = free_port()
    certificate = ("--tls-cert-file", f"{tmp_path}/own.pem", "--tls-key-file", f"{tmp_path}/key.pem")
    options = ("--tls-port", str(port), *certificate, "--tls-ca-cert-file", f"{tmp_path}/own.pem")
    async with own_redis(tmp_path, *options, "--tls-auth-clients", "no") as server:
        one, other = (
            await replica(f"rediss://localhost:{port}?ssl_ca_certs={tmp_path}/own.pem"),
            await replica(server.url()),
        )
        assert one.connected
        async with other.subscribe("execution-1") as messages:
            await one.publish("execution-1", b"1")
            assert await read(messages) == [b"1"]
        with pytest.raises(Misconfigured, match="self-signed certificate, see ssl_ca_certs"):
            await replica(f"rediss://localhost:{port}")
        await one.close()


async def test_it_closes_while_redis_is_away(server: OwnRedis) -> None:
    fanout = await RedisFanout.open(server.url())
    async with fanout.subscribe("execution-1") as messages:
        await server.kill()
        await fanout.publish("execution-1", b"1")
        async with asyncio.timeout(30):
            await fanout.close()
            await fanout.close()
        assert await read(messages) == [b"1"]
    assert not fanout.connected
