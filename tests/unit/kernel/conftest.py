"""What the kernel is tried on: a log in memory that can be told what goes wrong."""

from collections.abc import Callable

import pytest

from reveille.kernel import parking
from reveille.kernel.decider import Decider
from reveille.kernel.handling import Handling
from tests.unit.kernel import tally
from tests.unit.kernel.tally import Inbox, WatchedStore
from tests.unit.log import Log

NewHandling = Callable[..., Handling]


@pytest.fixture
def store() -> WatchedStore:
    return WatchedStore()


@pytest.fixture
def log(store: WatchedStore) -> Log:
    return Log(store)


@pytest.fixture
def inbox(log: Log) -> Inbox:
    return Inbox(log)


@pytest.fixture
def new_handling(log: Log) -> NewHandling:
    """Cold: it knows of the log what it reads in it."""

    def new(decider: Decider = tally.decider, replica: str = "here") -> Handling:
        return Handling([decider, parking.decider], store=log.store, ids=log.ids, replica=replica)

    return new


@pytest.fixture
def handling(new_handling: NewHandling) -> Handling:
    return new_handling()
