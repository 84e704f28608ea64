"""GitHub's and GitLab's APIs, asked which files changed. Nothing that they say leads elsewhere than their own host."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

import orjson

from reveille.ingress.domain.enrichment import Question, Unlearned

if TYPE_CHECKING:
    import httpx

GITHUB: Final = "https://api.github.com"
GITLAB: Final = "https://gitlab.com/api/v4"
SECONDS: Final = 10.0
MAX_ANSWER: Final = 8 * 1024 * 1024
MAX_REDIRECTS: Final = 3
PAGE: Final = 100
# GitHub lists at most 3,000 files of a pull request, and 300 of a comparison, and does not say that it left some out.
# https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
# https://docs.github.com/en/rest/commits/commits#compare-two-commits
MAX_FILES: Final = 3_000
MAX_COMPARED: Final = 300
# GitLab's own limit on the files of one diff. https://docs.gitlab.com/administration/diff_limits/
MAX_GITLAB_COMPARED: Final = 1_000
FIRST_DELAY: Final = 0.25

# What is asked of one provider, and the names in its answer.
Get = Callable[[str, Mapping[str, str | int]], Awaitable["Answer"]]


@dataclass(frozen=True, slots=True)
class Api:
    """base: without a slash at its end. headers: with what proves who asks."""

    base: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    document: Any
    has_next: bool


def apis(*, github: str, github_token: str, gitlab: str, gitlab_token: str) -> dict[str, Api]:
    """Those that can be asked: a URL or a token is enough."""
    found: dict[str, Api] = {}
    if github or github_token:
        headers = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
        proof = {"authorization": f"Bearer {github_token}"} if github_token else {}
        found["github"] = Api(github or GITHUB, {**headers, **proof})
    if gitlab or gitlab_token:
        found["gitlab"] = Api(gitlab or GITLAB, {"private-token": gitlab_token} if gitlab_token else {})
    return found


class ProviderApis:
    def __init__(self, known: Mapping[str, Api], *, seconds: float = SECONDS) -> None:
        self._known = known
        self.seconds = seconds

    def can_ask(self, provider: str) -> bool:
        return provider in self._known

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Callable[[Question], Awaitable[Sequence[object]]]]:
        async with AsyncExitStack() as stack:
            opened: list[httpx.AsyncClient] = []

            def client() -> "httpx.AsyncClient":
                """Imported and opened late, 100 ms that only those pay whose fleet asks."""
                if not opened:
                    import httpx

                    opened.append(httpx.AsyncClient(follow_redirects=False, timeout=self.seconds))
                    stack.push_async_callback(opened[0].aclose)
                return opened[0]

            async def ask(question: Question) -> Sequence[object]:
                asking = _Asking(client(), self._known[question.provider], question.provider)
                try:
                    async with asyncio.timeout(self.seconds):
                        return await _FILES[question.provider, question.number > 0](asking.get, question)
                except TimeoutError:
                    told = f"{question.provider} did not answer within {self.seconds:g} s{asking.last}"
                    raise Unlearned(told, away=True) from None

            yield ask


async def _of_pull_request(get: Get, question: Question) -> list[object]:
    repository = quote(question.repository, safe="/")
    files = await _paged(get, f"/repos/{repository}/pulls/{question.number}/files", MAX_FILES)
    return _names(files, "filename", "previous_filename")


async def _of_push(get: Get, question: Question) -> list[object]:
    repository = quote(question.repository, safe="/")
    answer = await get(f"/repos/{repository}/compare/{question.before}...{question.after}", {"per_page": 1})
    files = _objects(answer.document.get("files") if isinstance(answer.document, dict) else None)
    if len(files) >= MAX_COMPARED:
        raise Unlearned(f"github lists at most {MAX_COMPARED} files of a comparison, and these may not be all")
    return _names(files, "filename", "previous_filename")


async def _of_merge_request(get: Get, question: Question) -> list[object]:
    project = quote(question.repository, safe="")
    files = await _paged(get, f"/projects/{project}/merge_requests/{question.number}/diffs", MAX_FILES)
    return _names(files, "new_path", "old_path")


async def _of_gitlab_push(get: Get, question: Question) -> list[object]:
    project = quote(question.repository, safe="")
    asked = {"from": question.before, "to": question.after, "straight": "true"}
    answer = await get(f"/projects/{project}/repository/compare", asked)
    document = answer.document if isinstance(answer.document, dict) else {}
    files = _objects(document.get("diffs"))
    if document.get("compare_timeout") or len(files) >= MAX_GITLAB_COMPARED:
        raise Unlearned("gitlab left files of a comparison out")
    return _names(files, "new_path", "old_path")


_FILES: Final = {
    ("github", True): _of_pull_request,
    ("github", False): _of_push,
    ("gitlab", True): _of_merge_request,
    ("gitlab", False): _of_gitlab_push,
}


async def _paged(get: Get, path: str, most: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for page in range(1, most // PAGE + 1):
        answer = await get(path, {"per_page": PAGE, "page": page})
        found += _objects(answer.document)
        if not answer.has_next:
            # GitHub stops at its limit without a word.
            break
    if len(found) >= most or answer.has_next:
        raise Unlearned(f"it has {most} files or more, of which not all are listed")
    return found


def _objects(document: object) -> list[Mapping[str, Any]]:
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise Unlearned("the answer is no list of files")
    return document


def _names(files: Sequence[Mapping[str, Any]], *keys: str) -> list[object]:
    """A file that moved is gone from one place and new in another."""
    return [file[key] for file in files for key in keys if file.get(key) is not None]


class _Asking:
    """One signal's questions. last: what became of the last try, for people."""

    def __init__(self, client: "httpx.AsyncClient", api: Api, provider: str) -> None:
        self._client = client
        self._api = api
        self._provider = provider
        self.last = ""

    async def get(self, path: str, query: Mapping[str, str | int]) -> Answer:
        """Again while the provider is away or overloaded, as long as the caller waits."""
        import httpx

        url, redirects, delay = f"{self._api.base}{path}?{urlencode(query)}", 0, FIRST_DELAY
        while True:
            try:
                status, headers, body = await self._fetch(url)
            except httpx.TransportError:
                self.last, wait = ", it cannot be reached", 0.0
            else:
                if status == 200:
                    return Answer(self._parsed(body), _has_next(headers, query))
                if status in (301, 302, 307, 308) and redirects < MAX_REDIRECTS:
                    url, redirects = self._moved(url, headers.get("location", "")), redirects + 1
                    continue
                if not _may_pass(status, headers):
                    raise Unlearned(f"{self._provider} answered {status}")
                self.last, wait = f", its last answer was {status}", _seconds(headers)
            if wait > SECONDS:
                raise Unlearned(f"{self._provider} asks to be left alone for {wait:.0f} s", away=True)
            await asyncio.sleep(max(delay, wait))
            delay *= 2

    async def _fetch(self, url: str) -> tuple[int, Mapping[str, str], bytes]:
        # Not packed: a small answer could unpack to a huge one before anybody has counted.
        headers = {**self._api.headers, "accept-encoding": "identity", "user-agent": "reveille"}
        async with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code != 200:
                return response.status_code, response.headers, b""
            if response.headers.get("content-encoding", "identity") != "identity":
                raise Unlearned(f"{self._provider} packed its answer, which nobody had asked for")
            parts, size = [], 0
            async for part in response.aiter_raw():
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER:
                    raise Unlearned(f"{self._provider} answered with more than {MAX_ANSWER} bytes")
            return 200, response.headers, b"".join(parts)

    def _parsed(self, body: bytes) -> Any:
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Unlearned(f"{self._provider} answered no JSON") from error

    def _moved(self, url: str, location: str) -> str:
        """The token goes along: so nowhere else than to the same host."""
        there = urljoin(url, location)
        if not location or urlsplit(there)[:2] != urlsplit(self._api.base)[:2]:
            raise Unlearned(f"{self._provider} points elsewhere, and nobody follows it there")
        return there


def _has_next(headers: Mapping[str, str], query: Mapping[str, str | int]) -> bool:
    return 'rel="next"' in headers.get("link", "") or bool(headers.get("x-next-page"))


def _may_pass(status: int, headers: Mapping[str, str]) -> bool:
    """GitHub says 403 too where too much was asked. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
    limited = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status in (408, 429) or status >= 500 or (status == 403 and limited)


def _seconds(headers: Mapping[str, str]) -> float:
    told = headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0.0
