"""The platforms of the journeys."""

from tests.e2e.conftest import end_what_was_started, kind, make, make_for_module

__all__ = ["end_what_was_started", "kind", "make", "make_for_module"]
