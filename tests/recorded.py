"""What providers send, cut down from their documentation: `tests/payloads/<provider>/<event>.json`."""

import json
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str) -> dict[str, Any]:
    """name: `gitlab/push`."""
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def names(provider: str) -> list[str]:
    return sorted(path.name.removesuffix(".json") for path in (PAYLOADS / provider).iterdir())
