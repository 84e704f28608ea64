"""Choices that a text makes: the same words choose the same, wherever and whenever."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


def number(seed: str, what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{what}\0{seed}".encode(errors="replace")).digest()[:6])


def one_of(seed: str, what: str, options: Sequence[_T]) -> _T:
    return options[number(seed, what) % len(options)]


def in_turn(seed: str, what: str, options: Sequence[_T]) -> list[_T]:
    """All of them, in an order of its own."""
    return sorted(options, key=lambda option: number(seed, f"{what}/{option!r}"))
