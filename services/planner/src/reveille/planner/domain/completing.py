"""What a plan keeps of a step's result: a digest, what it costs, what it recommends, and the lists that it names."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.message import Message

from reveille.contracts.common.v1.common_pb2 import Money, Sealed
from reveille.contracts.planner.v1.events_pb2 import Item, Items, StepCompleted
from reveille.kernel.digests import Digests
from reveille.kernel.sealing import open_sealed, seal_json
from reveille.planner.domain.answering import answered
from reveille.planner.domain.commands import CompleteStep
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.lists import MOST
from reveille.planner.domain.unusable import Unusable

RANKS: Final = ("high", "medium", "low")
MOST_RECOMMENDED: Final = 10
MOST_TEXT: Final = 500
# The log refuses events of more than 256 KiB.
MOST_BYTES: Final = 240 * 1024
# In hundredths: what no party costs.
MOST_MONEY: Final = 10**14
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


def completed(command: CompleteStep, draft: Draft, digests: Digests) -> tuple[StepCompleted, list[Message]]:
    """And what it says of others' drafts, where it is a review. Raises Unusable."""
    judged: list[Message] = []
    node, found = draft.state.steps[command.step], _read(command.result)
    event = StepCompleted(
        execution_id=draft.id,
        step=command.step,
        attempt=command.attempt,
        run_id=command.run_id,
        tokens_used=command.tokens_used,
        result=command.result,
        ref=command.ref,
        digest=node.digest,
        result_digest=_result_digest(command.result, found, digests),
    )
    owner, graph = node.of or command.step, draft.plan.graph
    if owner in graph.blueprint.money_from and (money := money_of(found.get("money"))) is not None:
        event.money.CopyFrom(money)
    if recommended := _recommended(found.get("recommendations")):
        event.recommendations.CopyFrom(recommended)
    step = graph.steps.get(owner)
    if step is not None and step.role:
        lists, judged = answered(draft, step, found, digests)
        event.items.extend(lists)
    else:
        event.items.extend(_items(owner, key, found.get(key), digests) for key in graph.listed.get(command.step, ()))
    if (size := event.ByteSize()) > MOST_BYTES:
        raise Unusable(f"the result with its lists takes {size} bytes, at most {MOST_BYTES} are kept")
    return event, judged


def _result_digest(result: Sealed, found: Mapping[str, Any], digests: Digests) -> str:
    return digests.of(found) if found else digests.of_bytes(open_sealed(result))


def _read(result: Sealed) -> Mapping[str, Any]:
    """{} where it is no object: a remote agent may say anything."""
    try:
        found = json.loads(open_sealed(result) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def money_of(told: Any) -> Money | None:
    """`{"min", "max"}` in the currency's units, as hundredths; None where it is none."""
    if not isinstance(told, Mapping):
        return None
    least, most = hundredths(told.get("min")), hundredths(told.get("max"))
    return None if least is None or most is None or least > most else Money(min=least, max=most)


def hundredths(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_MONEY / 100:
        return None
    return round(value * 100)


def _recommended(told: Any) -> Sealed | None:
    found = []
    for one in told if isinstance(told, list) else ():
        text = one.get("description") if isinstance(one, Mapping) else None
        if isinstance(text, str) and text.strip():
            rank = one.get("priority")
            found.append({"priority": rank if rank in RANKS else "medium", "description": text.strip()[:MOST_TEXT]})
    return seal_json(found[:MOST_RECOMMENDED]) if found else None


def _items(step: str, key: str, told: Any, digests: Digests) -> Items:
    """Each once; a text, or an object's `name`, names the run."""
    if told is None:
        told = []
    if not isinstance(told, list):
        raise Unusable(f"{key} in the result of {step} is no list, and another step is done for each of it")
    if len(told) > MOST:
        raise Unusable(f"{key} in the result of {step} has {len(told)} items, at most {MOST} are done")
    found: dict[str, Item] = {}
    for value in told:
        digest = digests.of(value)
        name = _name(value) or digest[:8]
        if name in found and found[name].digest != digest:
            name = f"{name}-{digest[:8]}"
        found[name] = Item(name=name, digest=digest, value=seal_json(value))
    return Items(key=key, items=found.values())


def _name(value: Any) -> str:
    text = value.get("name") if isinstance(value, Mapping) else value
    slug = "-".join(text.lower().split()) if isinstance(text, str) else ""
    return slug if _NAME.fullmatch(slug) else ""
