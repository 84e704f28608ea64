"""What a platform's HTTP interface tells of live events, for those who read and do not watch."""

import asyncio
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import quote, urlencode

from reveille.agents.live_event import Refused

SECONDS: Final = 30.0
MAX_ANSWER: Final = 64 * 1024 * 1024
PAGE: Final = 500


class Rest:
    def __init__(self, address: str, headers: Mapping[str, str], *, tls: ssl.SSLContext | None = None) -> None:
        """address: `http://host:port`, without a slash at its end."""
        self._address = address
        self._headers = dict(headers)
        self._tls = tls

    async def page(
        self, execution_id: str, query: Mapping[str, str], *, cursor: str = ""
    ) -> tuple[list[Mapping[str, Any]], str]:
        """Items in their order, and the cursor of the next page; "" is none. Raises Refused, ConnectionError."""
        asked = urlencode({**query, "limit": str(PAGE), **({"cursor": cursor} if cursor else {})})
        answer = await self.get(f"/api/v1/executions/{quote(execution_id, safe='')}/events?{asked}")
        try:
            return list(answer["items"]), str(answer["next"] or "")
        except (KeyError, TypeError) as error:
            raise ConnectionError(f"what {self._address} answers is no list of events") from error

    async def get(self, path: str) -> Any:
        """Raises Refused where it is refused, and ConnectionError where nobody answers."""
        return await asyncio.to_thread(self._get, f"{self._address}{path}")

    def _get(self, url: str) -> Any:
        request = urllib.request.Request(url, headers=self._headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS, context=self._tls) as answer:
                return json.loads(answer.read(MAX_ANSWER))
        except urllib.error.HTTPError as error:
            with error:
                detail, code = _problem(error)
            if error.code >= 500:
                raise ConnectionError(f"{error.code}: {detail}") from error
            raise Refused(f"{error.code}: {detail}", code=code) from error
        except (OSError, HTTPException, ValueError) as error:
            raise ConnectionError(f"no platform answers at {self._address}: {error}") from error


def _problem(error: urllib.error.HTTPError) -> tuple[str, str]:
    try:
        problem = json.loads(error.read(MAX_ANSWER))
        return str(problem["detail"]), str(problem.get("code") or error.code)
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return str(error.reason), str(error.code)
