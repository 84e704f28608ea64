"""Whether an agent itself did what a signal tells of: the mark that its runs leave."""

import re
from typing import Final

# In commit messages and comments; JSON escapes nothing in it.
_MARK: Final = re.compile(rb"Reveille-Run: ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def marked_run(body: bytes) -> str:
    """The run that left its mark; "" where none did."""
    found = _MARK.search(body) if b"Reveille-Run: " in body else None
    return found[1].decode() if found else ""
