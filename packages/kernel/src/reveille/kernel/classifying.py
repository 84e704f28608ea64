"""The step that asks a model what inputs mean: in a plan beside the blueprint's steps, and none of them."""

from typing import Final

# No step of a blueprint can be called so.
CLASSIFYING: Final = "classify:"
# Of the built-in catalogue; a fleet may have its own.
CLASSIFIER: Final = "input-classifier"


def classifying_step(inputs_revision: int) -> str:
    return f"{CLASSIFYING}{inputs_revision}"


def is_classifying(step: str) -> bool:
    return step.startswith(CLASSIFYING)


def classified_revision(step: str) -> int:
    """The revision of the inputs that it was asked about."""
    return int(step.removeprefix(CLASSIFYING))
