"""What ingress makes of a happening, by its own normalisers."""

import json
from collections.abc import Mapping

from bench.tokens.happening import Happening
from reveille.contracts.ingress.v1.events_pb2 import Source
from reveille.ingress.application.receiving import Received
from reveille.ingress.domain import alerts, custom, github
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.payload import known_paths, objects


def received(one: Happening, sources: Mapping[str, Source]) -> Received:
    """As its door hands it to Receiving, its signature found right. sources: the fleet's, by name."""
    delivery = _delivery(one, sources)
    return Received(delivery=delivery, body=body_of(one), verified=True, trace="")


def body_of(one: Happening) -> bytes:
    """Of an alert, the alert alone: its door parts a notification into its alerts."""
    told = one.body["alerts"][0] if one.door == "prometheus" else one.body
    return json.dumps(told, ensure_ascii=False).encode()


def _delivery(one: Happening, sources: Mapping[str, Source]) -> Delivery:
    match one.door:
        case "github":
            delivery = github.normalise(one.event, one.body, one.key)
            assert delivery is not None, f"{one.key} is a ping"
            _learn_files(delivery, one)
            return delivery
        case "prometheus":
            return alerts.normalise(one.body)[0].delivery
        case "custom":
            return custom.normalise(sources[one.event], one.body, one.key)
    raise LookupError(f"there is no door {one.door}")


def _learn_files(delivery: Delivery, one: Happening) -> None:
    """The files of a pull request, which ingress' enricher asks GitHub for; here they come with it."""
    files = objects(one.body, "pull_request", "files")
    if files is not None:
        paths = known_paths([file["filename"] for file in files])
        assert paths is not None
        delivery.content.paths[:] = paths
        delivery.content.paths_known = True
