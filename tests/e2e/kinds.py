"""The kinds of platform that journeys run on: the same tests, twice."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.e2e.embedded import Embedded
from tests.e2e.running import Platform
from tests.e2e.stack import Stack

KINDS: Final[Mapping[str, type[Platform]]] = {"embedded": Embedded, "stack": Stack}


def only(kind: str, *, reason: str) -> Any:
    """A test about what only one kind has."""
    assert reason
    return pytest.mark.parametrize("kind", [kind], indirect=True)
