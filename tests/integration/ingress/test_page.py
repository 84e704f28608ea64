"""The page at `/`, as a browser gets it: what is built into the package, what may run in it, and who may see it."""

import base64
import gzip
import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.integration.ingress.conftest import House, Open

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "services/ingress/src/reveille/ingress/entrypoints/http/page"


async def asked(house: House, path: str, **headers: str) -> httpx.Response:
    return await house.client.get(path, headers={"accept-encoding": "identity", **headers})


def named_in(index: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', index)


async def test_the_page_is_there_with_all_the_files_that_it_names(house: House) -> None:
    index = await asked(house, "/")
    assert index.status_code == 200
    assert index.headers["content-type"] == "text/html; charset=utf-8"
    names = named_in(index.text)
    kinds = {(await asked(house, name)).headers["content-type"] for name in names}
    assert {"text/javascript; charset=utf-8", "text/css; charset=utf-8", "image/svg+xml"} <= kinds
    assert {(await asked(house, name)).status_code for name in names} == {200}


async def test_the_page_takes_nothing_from_elsewhere_and_runs_no_script_that_stands_in_it(house: House) -> None:
    index = await asked(house, "/", host="localhost:3004")
    policy = dict(part.strip().split(" ", 1) for part in index.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://localhost:3004 wss://localhost:3004"
    assert policy["frame-ancestors"] == "'none'"
    assert index.headers["x-content-type-options"] == "nosniff"
    # Nothing overrides the scripts' and styles' sources, and none is in need of more.
    assert not {"script-src", "style-src"} & policy.keys()
    assert "<style" not in index.text
    assert " style=" not in index.text
    assert not re.search(r"<script(?![^>]*\ssrc=)", index.text)


async def test_the_page_of_the_api_runs_what_stands_in_it_and_nothing_else(house: House) -> None:
    answer = await asked(house, "/docs")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["connect-src"]) == ("'none'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'",) * 3
    for tag in ("script", "style"):
        (within,) = re.findall(rf"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(within.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"
    # None of these would run, or count.
    assert not re.search(r"<(script|style)[^>]|\s(style|on[a-z]+)=", answer.text)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_built_file_names_an_address_to_load_from() -> None:
    for file in PAGE.rglob("*"):
        if file.suffix in (".html", ".css"):
            assert "//" not in re.sub(r"https?://www\.w3\.org/\S+", "", file.read_text()), file.name


async def test_a_host_that_is_no_name_is_not_written_into_the_policy(open_house: Open) -> None:
    house = await open_house(host="0.0.0.0")
    index = await asked(house, "/", host="x; script-src *")
    assert "script-src" not in index.headers["content-security-policy"]
    assert "connect-src 'self';" in index.headers["content-security-policy"]


async def test_a_new_build_is_seen_at_once_and_what_has_a_digest_in_its_name_is_kept_for_ever(house: House) -> None:
    index = await asked(house, "/")
    assert index.headers["cache-control"] == "no-cache"
    asset = await asked(house, named_in(index.text)[0])
    assert "immutable" in asset.headers["cache-control"]


async def test_who_has_it_gets_no_second_copy(house: House) -> None:
    index = await asked(house, "/")
    again = await asked(house, "/", **{"if-none-match": f'"other", W/{index.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == index.headers["etag"]
    assert (await asked(house, "/", **{"if-none-match": '"other"'})).status_code == 200


async def test_it_comes_packed_to_who_can_unpack_it_under_a_tag_of_its_own(house: House) -> None:
    script = next(name for name in named_in((await asked(house, "/")).text) if name.endswith(".js"))
    plain = await asked(house, script)
    async with house.client.stream("GET", script, headers={"accept-encoding": "gzip"}) as packed:
        body = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert len(body) < len(plain.content)


@pytest.mark.parametrize("path", ["/", "asset"])
async def test_head_tells_what_get_would_and_sends_no_body(house: House, path: str) -> None:
    path = path if path == "/" else named_in((await asked(house, "/")).text)[0]
    get = await asked(house, path)
    head = await house.client.head(path, headers={"accept-encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers["etag"] == get.headers["etag"]


@pytest.mark.parametrize("name", ["none.js", "..%2Findex.html", "%2e%2e/index.html", "..%2F..%2Fguard.py", "%00"])
async def test_a_file_that_is_not_built_is_a_problem_and_no_way_out_of_the_folder(house: House, name: str) -> None:
    answer = await asked(house, f"/assets/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nothing_can_be_written_to_it(house: House) -> None:
    answer = await house.client.post("/", json={})
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


async def test_the_page_itself_shows_nothing_of_anybody_and_is_for_all(open_house: Open) -> None:
    elsewhere = await open_house(host="0.0.0.0")
    script = sorted(PAGE.glob("assets/*.js"))[0].name
    for path in ("/", f"/assets/{script}"):
        assert (await asked(elsewhere, path)).status_code == 200
    assert (await asked(elsewhere, "/api/v1/agents")).status_code == 401


async def test_a_name_that_somebody_points_at_loopback_does_not_get_the_page(house: House) -> None:
    answer = await asked(house, "/", host="evil.example")
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_host")


async def test_what_the_page_writes_is_taken_and_what_another_page_writes_is_not(house: House) -> None:
    own = {"origin": "http://localhost:3004", "host": "localhost:3004"}
    begun = {"blueprint": "party", "prompt": "a jungle party"}
    assert (await house.client.post("/api/v1/executions", json=begun, headers=own)).status_code == 202
    foreign = own | {"origin": "http://evil.example"}
    refused = await house.client.post("/api/v1/executions", json=begun, headers=foreign)
    assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")


async def test_requests_for_the_page_are_counted_as_such(house: House) -> None:
    await asked(house, "/")
    text = (await asked(house, "/metrics", accept="text/plain")).text
    assert 'reveille_http_requests_total{service="ingress",door="page",status="200"} 1' in text


def test_the_page_is_light() -> None:
    assert sum(file.stat().st_size for file in PAGE.rglob("*") if file.is_file()) < 500_000


def test_the_wheel_has_the_page() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # As pip builds it, with what is installed here.
        build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
        done = subprocess.run(
            [sys.executable, "-c", build, folder],
            cwd=ROOT / "services/ingress",
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        wheel = Path(folder) / done.stdout.split()[-1]
        built = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(file.relative_to(ROOT / "services/ingress/src")) for file in PAGE.rglob("*") if file.is_file()}
    assert wanted
    assert wanted <= built
