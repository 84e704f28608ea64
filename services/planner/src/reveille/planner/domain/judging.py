"""What becomes of drafts that a head has reviewed: its word counts as far as the blueprint's measure allows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from reveille.contracts.ingress.v1.events_pb2 import BlueprintStep
from reveille.planner.domain.draft import Draft
from reveille.planner.domain.hierarchy import APPROVED, REJECTED, REVISE, drafts_of
from reveille.planner.domain.unusable import Unusable

MOST_REASONS: Final = 20
MOST_REASON: Final = 300
MOST_NOTES: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """step: the draft's. passed: its score is what the blueprint asks for."""

    specialist: str
    step: str
    score: int
    reasons: tuple[str, ...]
    passed: bool
    status: str
    notes: str


def verdicts(draft: Draft, review: BlueprintStep, found: Mapping[str, Any]) -> list[Verdict]:
    """One for each draft that the review was given, in the blueprint's order. Raises Unusable where one is missing."""
    told = found.get("reviews")
    if not isinstance(told, list):
        raise Unusable("reviews in the result is no list, expected one entry for each draft")
    by_specialist = {one.get("specialist"): one for one in told if isinstance(one, Mapping)}
    verdicts = []
    for specialist, step in drafts_of(draft, review).items():
        if (one := by_specialist.get(specialist)) is None:
            raise Unusable(f"the review says nothing of {specialist}, expected one entry for each draft")
        verdicts.append(_verdict(draft, review, step, specialist, one))
    return verdicts


def _verdict(draft: Draft, review: BlueprintStep, step: str, specialist: str, told: Mapping[str, Any]) -> Verdict:
    blueprint = draft.plan.graph.blueprint
    score, said, notes, reasons = (told.get(key) for key in ("score", "status", "notes", "reasons"))
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 100:
        raise Unusable(f"the score of {specialist} is {str(score)[:40]}, expected 0 to 100")
    if said not in (APPROVED, REVISE, REJECTED):
        expected = f"{APPROVED}, {REVISE} or {REJECTED}"
        raise Unusable(f"the status of {specialist} is {str(said)[:40]!r}, expected {expected}")
    rounded = round(score)
    passed = rounded >= blueprint.min_quality
    return Verdict(
        specialist=specialist,
        step=step,
        score=rounded,
        reasons=tuple(str(one)[:MOST_REASON] for one in reasons[:MOST_REASONS]) if isinstance(reasons, list) else (),
        passed=passed,
        status=_status(said, passed=passed, is_last=review.round > blueprint.max_revisions),
        notes=notes[:MOST_NOTES] if isinstance(notes, str) else "",
    )


def _status(said: str, *, passed: bool, is_last: bool) -> str:
    """What is not good enough is done again, as long as there are rounds; after the last one its score decides."""
    if said == REJECTED:
        return REJECTED
    if said == APPROVED and passed:
        return APPROVED
    if not is_last:
        return REVISE
    return APPROVED if passed else REJECTED
