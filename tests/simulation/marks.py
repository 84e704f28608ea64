"""A word of its own that each tenant says wherever it says anything: found anywhere else, it has been seen there."""

from typing import Final

TENANTS: Final = ("acme", "beta")
_MARKS: Final = {tenant: f"word of {tenant}" for tenant in TENANTS}


def mark(tenant: str) -> str:
    return _MARKS[tenant]


def strangers(tenant: str, said: bytes) -> list[str]:
    """The others whose words are there."""
    return [other for other, word in _MARKS.items() if other != tenant and word.encode() in said]
