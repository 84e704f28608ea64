"""Chromium with one page in it, and whatever the page complains of or asks anybody else for."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

SETTING: Final = "REVEILLE_TEST_CHROMIUM"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The machine may be busy with other tests: what is waited for is there in a second when it is not.
PATIENCE_MS: Final = 30_000
# Reduced motion: nothing is still on its way when it is looked at. The times on the page are those of the log.
CONTEXT: Final[Mapping[str, Any]] = {
    "viewport": {"width": 1280, "height": 800},
    "reduced_motion": "reduce",
    "timezone_id": "UTC",
    "locale": "en-GB",
}
# A read whose view has gone is ended by the page itself.
GIVEN_UP: Final = "net::ERR_ABORTED"
LOCAL: Final = ("data", "blob")


def chromium() -> str:
    found = os.environ.get(SETTING) or shutil.which("chromium")
    if not found or not os.access(found, os.X_OK):
        pytest.fail(
            f"no Chromium at {found or 'chromium'}: install Debian's package chromium, or name one with {SETTING}",
            pytrace=False,
        )
    return found


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """With a new user's empty folder, which goes with it.

    While it is open an event loop counts as running in this thread: tests that begin one must not share it.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


class Heard:
    """Of one page: every request, and every complaint that nobody has expected."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._expected: tuple[str, ...] = ()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("websocket", lambda socket: self.requests.append(socket.url))

    @contextmanager
    def expecting(self, *parts: str) -> Iterator[None]:
        """Complaints with one of these in them are none meanwhile."""
        self._expected = parts
        try:
            yield
        finally:
            self._expected = ()

    def elsewhere(self, url: str) -> list[str]:
        """What went to another place than the platform's own."""
        home = urlsplit(url).netloc
        parts = [(asked, urlsplit(asked)) for asked in self.requests]
        return [asked for asked, one in parts if one.scheme not in LOCAL and one.netloc != home]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(f"console: {message.text} ({message.location['url']})")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self._complain(f"request: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._complain(f"answer: {response.status} {response.request.method} {response.url}")

    def _complain(self, text: str) -> None:
        if not any(part in text for part in self._expected):
            self.complaints.append(text)


@contextmanager
def opened_page(browser: Browser, **settings: Any) -> Iterator[tuple[Page, Heard]]:
    """In a context of its own, as a reader comes who has never been here."""
    context = browser.new_context(**{**CONTEXT, **settings})
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield page, Heard(page)
    finally:
        context.close()
