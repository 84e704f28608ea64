"""Times in queries."""

from datetime import UTC, datetime

from reveille.ingress.domain.refusals import FieldError, Invalid
from reveille.kernel.clock import SECOND


def microseconds(name: str, given: str) -> int:
    """Since 1970, at least 1; 0 where nothing is given. A time without a zone is UTC's. Raises Invalid."""
    if not given:
        return 0
    try:
        # A plus sign that nobody has escaped comes as a space.
        at = datetime.fromisoformat(given.replace(" ", "+"))
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return max(1, round(at.timestamp() * SECOND))
    except (ValueError, OverflowError) as error:
        message = f"it is {given!r}, expected a time like 2026-11-21T12:00:00Z"
        raise Invalid("invalid_query", f"{name}: {message}", [FieldError(name, message)]) from error
