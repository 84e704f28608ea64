"""The floor of a wake: as many appends and passes through the bus as lie on its way, one after the other, and bare."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.running import PATIENCE
from bench.stack import raw_kafka, raw_postgres

# SignalReceived, TriggerFired, ExecutionStarted, TokensReserved, AgentWoken, RunStarted; each but the last is read
# from an inbox by who appends the next.
APPENDS: Final = 6
PASSES: Final = APPENDS - 1


def milliseconds(url: str, brokers: str, rows: Sequence[Any], *, count: int) -> list[float]:
    """rows: of the log, one for each append; count: so many times."""

    async def run(topic: str) -> list[float]:
        connection = await asyncpg.connect(url)
        producer = AIOKafkaProducer(bootstrap_servers=brokers, acks="all", enable_idempotence=True)
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=brokers, auto_offset_reset="earliest")
        try:
            await connection.execute(f"DROP TABLE IF EXISTS raw; {raw_postgres.TABLE}")
            insert = await connection.prepare(raw_postgres.INSERT)
            await producer.start()
            await consumer.start()
            await raw_kafka.assigned(consumer)
            made = raw_kafka.records(rows[:PASSES])
            took = []
            for number in range(count):
                began = time.monotonic()
                for step, row in enumerate(rows[:APPENDS]):
                    # The first column is the position, which must be a new one.
                    await insert.fetch([number * APPENDS + step], *([value] for value in row[1:]))
                    if step < PASSES:
                        key, value, headers, partition = made[step]
                        await producer.send(topic, value, key, partition, headers=headers)
                        await asyncio.wait_for(consumer.getone(), PATIENCE)
                took.append((time.monotonic() - began) * 1000)
            return took
        finally:
            await consumer.stop()
            await producer.stop()
            await connection.close()

    return uvloop.run(raw_kafka.with_topic(brokers, run))
