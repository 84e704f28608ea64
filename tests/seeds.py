"""The seed of a session's random tests: the same in every worker, told in the names of those tests."""

import os
import random
from typing import Final

# An environment that names one repeats the session that had it.
VARIABLE: Final = "REVEILLE_TEST_SEED"


def session_seed() -> int:
    """Below 10,000. Workers inherit it: whoever asks first, before they are started, chooses it."""
    return int(os.environ.setdefault(VARIABLE, str(random.randrange(10_000))))
