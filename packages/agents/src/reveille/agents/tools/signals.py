"""What came in lately about a repository: the tool `signals.recent`, for skills that look for causes."""

import asyncio
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from reveille.agents.tool import Tool, ToolFailed

MAX_HOURS: Final = 24 * 14
MAX_SIGNALS: Final = 200
SECONDS: Final = 5.0
MAX_ANSWER: Final = 16 * 1024 * 1024

# (repository, hours, limit): signals as the API shows them, the newest first; "" is any repository. Raises ToolFailed.
Ask = Callable[[str, int, int], Awaitable[Sequence[dict[str, Any]]]]


def recent_by(ask: Ask) -> Tool:
    async def recent(repository: str = "", hours: int = 24, limit: int = 100) -> Sequence[dict[str, Any]]:
        if not 1 <= hours <= MAX_HOURS or not 1 <= limit <= MAX_SIGNALS:
            raise ToolFailed(f"hours is {hours} and limit {limit}, expected 1 to {MAX_HOURS} and 1 to {MAX_SIGNALS}")
        return await ask(repository, hours, limit)

    return recent


def recent_at(url: str, *, key: str | None = None, tls: ssl.SSLContext | None = None) -> Tool:
    """Asks the platform's API; url: of the agent socket, or of HTTP, as each of the ports answers both.

    key: the agent's; where the platform asks who it is, it needs the role viewer beside agent.
    """
    parts = urlsplit(url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    address = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/api/v1/signals"

    async def ask(repository: str, hours: int, limit: int) -> Sequence[dict[str, Any]]:
        query = {"limit": limit, **({"repository": repository} if repository else {})}
        items = await asyncio.to_thread(_get, f"{address}?{urlencode(query)}", key, tls)
        since = datetime.now(UTC) - timedelta(hours=hours)
        return [item for item in items if datetime.fromisoformat(item["received_at"]) >= since]

    return recent_by(ask)


def _get(url: str, key: str | None, tls: ssl.SSLContext | None) -> list[dict[str, Any]]:
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS, context=tls) as answer:
            items: list[dict[str, Any]] = json.loads(answer.read(MAX_ANSWER))["items"]
    except urllib.error.HTTPError as error:
        with error:
            raise ToolFailed(f"the platform answers {error.code}: {_detail(error)}") from error
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        raise ToolFailed(f"the platform cannot be asked for signals: {error}") from error
    return items


def _detail(error: urllib.error.HTTPError) -> str:
    """Of a problem document."""
    try:
        return str(json.loads(error.read(MAX_ANSWER))["detail"])
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return str(error.reason)
