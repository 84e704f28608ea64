"""What holds for all tests."""

import gc

import pytest

from tests import servers
from tests.seeds import session_seed

session_seed()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the tests' servers, and gRPC's channels.

    gRPC's asynchronous core counts its channels, and complains at the interpreter's end of each that is still kept.
    Applications under test keep theirs in cycles that nobody collects in time; the platform closes its only one.
    """
    servers.end()
    gc.collect()
    for kept in gc.get_objects():
        if str(type(kept).__module__).startswith("grpc.aio") and getattr(kept, "_channel", None) is not None:
            kept._channel = None
