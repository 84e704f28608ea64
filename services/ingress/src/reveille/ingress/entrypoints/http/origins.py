"""Which pages in a browser may ask: what they send with everything, their host and origin, tells."""

from collections.abc import Mapping
from typing import Any

from reveille.ingress.domain.access import Principal
from reveille.ingress.domain.refusals import Forbidden
from reveille.ingress.settings import Settings, is_loopback


class Origins:
    """Whoever shows a key means to come; whom nobody asks for one may be a page that came to this machine by chance."""

    def __init__(self, settings: Settings) -> None:
        self._asked = settings.authenticates
        self._allowed = settings.allowed_origins

    def check_stranger(self, scope: Any) -> None:
        """Of whoever has proven nothing. Raises Forbidden."""
        if not self._asked:
            check_origin(dict(scope["headers"]))

    def check(self, scope: Any, principal: Principal) -> None:
        """Raises Forbidden. Answers of HTTP are hidden from other pages by their browser, what sockets say is not."""
        if not principal.proven:
            self.check_stranger(scope)
        elif scope["type"] == "websocket":
            self._check_page(dict(scope["headers"]))

    def _check_page(self, headers: Mapping[bytes, bytes]) -> None:
        origin = headers.get(b"origin")
        if origin is None or origin.decode("latin-1").lower() in self._allowed:
            return
        _check_same(origin, headers.get(b"host", b"").decode("latin-1"))


def check_origin(headers: Mapping[bytes, bytes]) -> None:
    """Any page in a browser can send to loopback, and its own name can point there: these headers tell."""
    host = headers.get(b"host", b"").decode("latin-1")
    if not is_loopback(_name(host)):
        raise Forbidden("foreign_host", f"Host is {host[:100]!r}, expected localhost or a loopback address")
    origin = headers.get(b"origin")
    if origin is not None:
        _check_same(origin, host)


def _check_same(origin: bytes, host: str) -> None:
    if origin.decode("latin-1").partition("://")[2] != host:
        raise Forbidden("foreign_origin", f"Origin is {origin[:100].decode('latin-1')!r}, expected none or this host")


def _name(host: str) -> str:
    """Without its port; the brackets of an IPv6 address stay."""
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
