"""What providers are asked, and what becomes of whatever they answer, over real HTTP."""

import gzip
import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from reveille.ingress.adapters.provider_apis import MAX_ANSWER, ProviderApis, apis
from reveille.ingress.domain.enrichment import Question, Unlearned
from tests.integration.ingress.provider_api import Answers, ProviderApi, Said, provider_api

PULL_REQUEST = Question(provider="github", repository="acme/app", number=7)
PUSH = Question(provider="github", repository="acme/app", before="a" * 40, after="b" * 40)
MERGE_REQUEST = Question(provider="gitlab", repository="acme/deep/app", number=7)
GITLAB_PUSH = Question(provider="gitlab", repository="acme/app", before="a" * 40, after="b" * 40)
TOKEN = "tell-nobody-of-this"
NEXT = {"link": '<https://elsewhere.example/?page=2>; rel="next"'}


async def ask(answers: Answers, question: Question = PULL_REQUEST, *, seconds: float = 20) -> tuple[Any, ProviderApi]:
    """What was told, or why nothing was."""
    with provider_api(answers) as api:
        known = apis(github=api.url, github_token=TOKEN, gitlab=f"{api.url}/api/v4", gitlab_token=TOKEN)
        async with ProviderApis(known, seconds=seconds).session() as asking:
            try:
                return list(await asking(question)), api
            except Unlearned as error:
                return error, api


def files(*names: str, key: str = "filename") -> Sequence[dict[str, str]]:
    return [{key: name} for name in names]


async def test_all_pages_of_a_pull_requests_files_are_asked_for() -> None:
    def answers(path: str, before: int) -> Said:
        return Said(document=files(f"src/{before}.py"), headers=NEXT if before < 2 else {})

    told, api = await ask(answers)
    assert told == ["src/0.py", "src/1.py", "src/2.py"]
    assert api.paths == [f"/repos/acme/app/pulls/7/files?per_page=100&page={page}" for page in (1, 2, 3)]
    assert {one.headers["authorization"] for one in api.asked} == {f"Bearer {TOKEN}"}
    assert api.asked[0].headers["accept"] == "application/vnd.github+json"


async def test_a_file_that_moved_counts_in_both_places() -> None:
    told, _ = await ask(lambda *_: Said(document=[{"filename": "new.py", "previous_filename": "old.py"}]))
    assert told == ["new.py", "old.py"]


async def test_a_pull_request_with_more_files_than_are_listed_stays_unknown() -> None:
    told, api = await ask(lambda *_: Said(document=files(*map(str, range(100))), headers=NEXT))
    assert "3000 files or more" in str(told)
    assert len(api.asked) == 30


async def test_a_push_is_compared_commit_by_commit() -> None:
    told, api = await ask(lambda *_: Said(document={"files": files("a.py", "b.py")}), PUSH)
    assert told == ["a.py", "b.py"]
    assert api.paths == [f"/repos/acme/app/compare/{'a' * 40}...{'b' * 40}?per_page=1"]


async def test_a_comparison_with_as_many_files_as_are_listed_stays_unknown() -> None:
    told, _ = await ask(lambda *_: Said(document={"files": files(*map(str, range(300)))}), PUSH)
    assert "these may not be all" in str(told)


async def test_a_merge_requests_project_is_one_part_of_the_path() -> None:
    told, api = await ask(lambda *_: Said(document=[{"new_path": "b", "old_path": "a"}]), MERGE_REQUEST)
    assert told == ["b", "a"]
    assert api.paths == ["/api/v4/projects/acme%2Fdeep%2Fapp/merge_requests/7/diffs?per_page=100&page=1"]
    assert api.asked[0].headers["private-token"] == TOKEN


async def test_pages_of_gitlab_are_followed_by_its_own_header() -> None:
    def answers(path: str, before: int) -> Said:
        return Said(document=[{"new_path": str(before)}], headers={"x-next-page": "" if before else "2"})

    assert (await ask(answers, MERGE_REQUEST))[0] == ["0", "1"]


async def test_a_push_to_gitlab_is_compared_too_and_one_that_took_too_long_stays_unknown() -> None:
    told, api = await ask(lambda *_: Said(document={"diffs": [{"new_path": "a"}]}), GITLAB_PUSH)
    assert told == ["a"]
    assert api.paths[0].startswith("/api/v4/projects/acme%2Fapp/repository/compare?from=aaaa")
    told, _ = await ask(lambda *_: Said(document={"diffs": [], "compare_timeout": True}), GITLAB_PUSH)
    assert "left files of a comparison out" in str(told)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422])
async def test_what_is_refused_is_not_asked_again(status: int) -> None:
    told, api = await ask(lambda *_: Said(status))
    assert (str(told), told.away, len(api.asked)) == (f"github answered {status}", False, 1)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(429, {"retry-after": "0"}), (403, {"x-ratelimit-remaining": "0"}), (500, {}), (502, {}), (503, {})],
)
async def test_what_may_pass_is_asked_again(status: int, headers: dict[str, str]) -> None:
    def answers(path: str, before: int) -> Said:
        return Said(document=files("a.py")) if before == 2 else Said(status, headers=headers)

    told, api = await ask(answers)
    assert (told, len(api.asked)) == (["a.py"], 3)


async def test_a_provider_that_wants_to_be_left_alone_for_long_is() -> None:
    told, api = await ask(lambda *_: Said(429, headers={"retry-after": "3600"}))
    assert (str(told), told.away, len(api.asked)) == ("github asks to be left alone for 3600 s", True, 1)


async def test_who_does_not_answer_in_time_is_away() -> None:
    told, _ = await ask(lambda *_: Said(never=True), seconds=0.3)
    assert (str(told), told.away) == ("github did not answer within 0.3 s", True)


async def test_who_is_away_all_the_time_is_told_of_with_the_last_answer() -> None:
    told, api = await ask(lambda *_: Said(503), seconds=1)
    assert (str(told), told.away) == ("github did not answer within 1 s, its last answer was 503", True)
    assert len(api.asked) > 1


async def test_where_nobody_listens_it_cannot_be_reached() -> None:
    known = apis(github="http://127.0.0.1:1", github_token="", gitlab="", gitlab_token="")
    async with ProviderApis(known, seconds=0.5).session() as asking:
        with pytest.raises(Unlearned, match="it cannot be reached"):
            await asking(PULL_REQUEST)


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1}', b"[1]", b"[" * 100_000, b"\xff"])
async def test_an_answer_that_is_no_list_of_files_tells_nothing(body: bytes) -> None:
    told, _ = await ask(lambda *_: Said(body=body))
    assert isinstance(told, Unlearned)


async def test_a_huge_answer_is_not_read_to_its_end() -> None:
    told, _ = await ask(lambda *_: Said(body=b" " * (MAX_ANSWER + 1)))
    assert str(told) == f"github answered with more than {MAX_ANSWER} bytes"


async def test_a_packed_answer_is_not_unpacked() -> None:
    body = gzip.compress(json.dumps(files("a.py")).encode())
    told, api = await ask(lambda *_: Said(body=body, headers={"content-encoding": "gzip"}))
    assert "packed its answer" in str(told)
    assert api.asked[0].headers["accept-encoding"] == "identity"


async def test_a_redirect_is_followed_on_the_same_host_alone() -> None:
    def moved(path: str, before: int) -> Said:
        return (
            Said(301, headers={"location": "/repositories/1/pulls/7/files"})
            if not before
            else Said(document=files("a"))
        )

    told, api = await ask(moved)
    assert (told, api.paths[1]) == (["a"], "/repositories/1/pulls/7/files")
    with provider_api(lambda *_: Said(document=files("stolen"))) as other:
        for location in (f"{other.url}/x", "//127.0.0.1:9/x", "file:///etc/passwd", ""):
            told, api = await ask(lambda *_, to=location: Said(302, headers={"location": to}))
            assert (str(told), len(api.asked)) == ("github points elsewhere, and nobody follows it there", 1)
        assert other.asked == []


async def test_redirects_in_a_circle_come_to_an_end() -> None:
    told, api = await ask(lambda path, _: Said(302, headers={"location": path}))
    assert (str(told), len(api.asked)) == ("github answered 302", 4)


async def test_the_token_is_in_no_log_and_in_no_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told, _ = await ask(lambda *_: Said(404))
    known = apis(github="", github_token=TOKEN, gitlab="", gitlab_token=TOKEN)
    assert TOKEN not in caplog.text + str(told) + repr(told) + repr(known)
    assert [known[name].base for name in ("github", "gitlab")] == [
        "https://api.github.com",
        "https://gitlab.com/api/v4",
    ]


def test_without_a_url_and_a_token_nobody_is_asked() -> None:
    assert not ProviderApis(apis(github="", github_token="", gitlab="", gitlab_token="")).can_ask("github")
