"""The dashboard: files that are built from dashboard/ and are a part of this package."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from reveille.ingress.domain.refusals import Missing

INDEX: Final = "index.html"
# Their names have a digest of their content.
FOR_EVER: Final = "public, max-age=31536000, immutable"
# Asked for at each look, and mostly answered with 304: a new build is seen at once.
ASK: Final = "no-cache"
TYPES: Final[Mapping[str, str]] = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "png": "image/png",
}
_HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_METHODS: Final = ["GET", "HEAD"]


@dataclass(frozen=True, slots=True)
class BuiltFile:
    name: str
    content: bytes
    packed: bytes
    etag: str

    @property
    def media_type(self) -> str:
        return TYPES.get(self.name.rpartition(".")[2], "application/octet-stream")


def page_routes() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    folder = files("reveille.ingress.entrypoints.http").joinpath("page")

    @cache
    def found(name: str) -> BuiltFile | None:
        """Read when it is first asked for: whoever starts for webhooks alone need not wait for it."""
        return _read(folder.joinpath(name), name)

    @cache
    def assets() -> frozenset[str]:
        within = folder.joinpath("assets")
        return frozenset(one.name for one in within.iterdir()) if within.is_dir() else frozenset()

    @router.api_route("/", methods=_METHODS)
    async def index(request: Request) -> Response:
        if (file := found(INDEX)) is None:
            raise Missing("not_built", "this checkout has no page, expected the files that `make dashboard` builds")
        return _answer(request, file, ASK)

    @router.api_route("/assets/{name}", methods=_METHODS)
    async def asset(name: str, request: Request) -> Response:
        # Only names of files that are there: no path leads anywhere else.
        file = found(f"assets/{name}") if name in assets() else None
        if file is None:
            raise Missing("not_found", f"the page has no file {name[:100]}")
        return _answer(request, file, FOR_EVER)

    return router


def _read(file: Traversable, name: str) -> BuiltFile | None:
    if not file.is_file():
        return None
    content = file.read_bytes()
    return BuiltFile(name, content, gzip.compress(content, mtime=0), hashlib.sha256(content).hexdigest()[:32])


def _answer(request: Request, file: BuiltFile, cached: str) -> Response:
    packed = "gzip" in request.headers.get("accept-encoding", "") and len(file.packed) < len(file.content)
    # The two are different bytes, and so different entities.
    etag = f'"{file.etag}{"-gzip" if packed else ""}"'
    headers = {
        "etag": etag,
        "cache-control": cached,
        "vary": "accept-encoding",
        "content-security-policy": _policy(request.headers.get("host", "")),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }
    given = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if etag in given or "*" in given:
        return Response(status_code=304, headers=headers)
    body = file.packed if packed else file.content
    headers |= {"content-type": file.media_type, "content-length": str(len(body))}
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(b"" if request.method == "HEAD" else body, headers=headers)


def _policy(host: str) -> str:
    """Not all browsers take 'self' for the sockets of the page's own host."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        f"default-src 'self'; connect-src 'self'{sockets}; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    )
