"""What must not stand in a log: values under secret names, and texts that look like known secrets."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

REDACTED: Final = "[redacted]"

_WORDS: Final = re.compile(
    r"(?:^|[^a-z])(?:authorization|token|secret|password|passwd|passphrase|api_?key|private_?key|signature|cookie|credentials?)"
    r"(?:$|[^a-z])"
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KNOWN: Final = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|sk-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|whsec_[A-Za-z0-9+/=]{16,}|AIza[\w-]{30,}"
    r"|rvl_[a-z0-9_]+\.[\w-]{16}\.[\w-]{43}"  # an API key of ours
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"  # a JSON Web Token
    r"|(?<=sha256=)[0-9a-f]{64}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?i:(?<=\bbearer )|(?<=\bbasic ))[\w.~+/=-]{8,}"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user and password of a URL
    r"|(?<=[?&]token=)[^&\s\"']+|(?<=[?&]key=)[^&\s\"']+",  # what a page shows to open a socket
    re.DOTALL,
)
# Deeper than any log line of ours; what lies below is not worth a recursion error.
MAX_DEPTH: Final = 8


def redact(value: Any, depth: int = 0) -> Any:
    """The same value without its secrets."""
    if isinstance(value, str):
        return _KNOWN.sub(REDACTED, value)
    if isinstance(value, bytes):
        return _KNOWN.sub(REDACTED, value.decode(errors="replace"))
    if depth >= MAX_DEPTH:
        return REDACTED
    if isinstance(value, Mapping):
        return {key: redact_named(key, item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item, depth + 1) for item in value]
    return value


def redact_named(name: object, value: Any, depth: int = 0) -> Any:
    # Numbers and truths are no secrets: `token: 17` counts.
    if isinstance(value, bool | int | float | None):
        return value
    return REDACTED if is_secret(str(name)) else redact(value, depth)


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """By whole words, so that `tokens_used` is none."""
    return _WORDS.search(_CAMEL.sub("_", name).lower()) is not None
