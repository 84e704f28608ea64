"""The floor of every figure that ends in the log: the same bytes appended through a bare sqlite3 connection."""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path


def append_seconds(folder: Path, sizes: Sequence[int], *, per_commit: int) -> float:
    """WAL and synchronous=FULL as the product has it: each commit is on the disk when it returns."""
    folder.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(folder / "raw.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE events (position INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    rows = [(bytes(size),) for size in sizes]
    began = time.monotonic()
    for start in range(0, len(rows), per_commit):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO events (data) VALUES (?)", rows[start : start + per_commit])
        db.execute("COMMIT")
    seconds = time.monotonic() - began
    db.close()
    return seconds
