"""Databases of views in memory, with the schema that a service's migrations make."""

import sqlite3
from functools import cache

from reveille.adapters.migrations import migrate_connection
from reveille.adapters.sql import InlineTransactions


def database_of(service: str) -> InlineTransactions:
    transactions = InlineTransactions()
    _migrated(service).backup(_driver(transactions))
    return transactions


@cache
def _migrated(service: str) -> sqlite3.Connection:
    """Once: the migrations take longer than all that a test does with the database."""
    transactions = InlineTransactions()
    with transactions.engine.begin() as connection:
        migrate_connection(connection, service)
    return _driver(transactions)


def _driver(transactions: InlineTransactions) -> sqlite3.Connection:
    driver = transactions.engine.raw_connection().driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
