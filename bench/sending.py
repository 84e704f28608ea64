"""Batches of small outside events for an ingress in this process, as no HTTP door for batches is there yet."""

import asyncio
import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from reveille.ingress.application.receiving import Received, Receiving
from reveille.ingress.domain import github
from reveille.ingress.entrypoints.http.strict_json import parse

BATCH: Final = 100
# Batches that wait for the log at the same time, as from so many senders.
SENDERS: Final = 8
TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def bodies(run: str, count: int) -> Iterator[bytes]:
    """Small events: about 300 bytes."""
    for number in range(count):
        yield json.dumps(
            {
                "action": "started",
                "delivery": f"{run}-{number}",
                "repository": {"id": 186853002, "full_name": "acme/app", "private": False, "default_branch": "main"},
                "sender": {"login": "ada", "id": 21031067, "type": "User"},
                "starred_at": "2026-11-21T12:00:00Z",
                "note": f"event {number} of one batch after another, none of which any rule of the fleet knows",
            }
        ).encode()


async def send(receiving: Receiving, bodies: Sequence[bytes]) -> None:
    """Return when all are in the log. Raises SystemExit where one is not new."""
    starts = itertools.count(0, BATCH)

    async def one_sender() -> None:
        while batch := bodies[(start := next(starts)) : start + BATCH]:
            receipts = await receiving.receive_many("default", [_received(body) for body in batch])
            if len(receipts) != len(batch) or any(receipt.duplicate for receipt in receipts):
                raise SystemExit(
                    f"{len(receipts)} receipts for {len(batch)} events, expected one for each, and all new"
                )

    async with asyncio.TaskGroup() as senders:
        for _ in range(SENDERS):
            senders.create_task(one_sender())


def _received(body: bytes) -> Received:
    """What a door does with an event before it hands it on: parse and normalise it."""
    document: Any = parse(body)
    delivery = github.normalise("watch", document, document["delivery"])
    assert delivery is not None
    return Received(delivery=delivery, body=body, verified=True, trace=TRACE)
