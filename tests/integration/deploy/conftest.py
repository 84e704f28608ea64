"""Folders for servers: PostgreSQL's user reaches them also when root runs the tests, which it does not pytest's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.native import stack
from deploy.native.places import temporary_folder
from deploy.native.record import records


@pytest.fixture
def folder() -> Iterator[Path]:
    """What still runs in it after the test is ended with it."""
    made = temporary_folder("reveille-test-")
    yield made
    for record in [*stack.processes(made), *records(made)]:
        record.end()
    shutil.rmtree(made)
