"""The documentation's pages: each can be found from the index, and every link leads to what is there."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
# Where somebody writes; the rest of the tree is made, or others'.
WRITTEN: Final = (
    "*.md",
    "docs/**/*.md",
    "services/*/*.md",
    "packages/*/*.md",
    "dashboard/*.md",
    "deploy/**/*.md",
    "helm/*/*.md",
    "bench/*.md",
)
_FENCE: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def pages() -> list[Path]:
    return sorted(page for pattern in WRITTEN for page in ROOT.glob(pattern))


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """To places in this tree."""
    return [link for link in _LINK.findall(prose(page)) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """As code hosts make them of headings."""
    headings = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in _HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    found = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_link_to_nothing_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n[a](page.md#a-page) [b](#b) [c](other.md) [d](https://example.com)\n```\n[e](e.md)\n```\n"
    )
    assert broken(page) == ["#b", "other.md"]


def test_the_index_has_every_page_and_every_decision() -> None:
    found = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    wanted = {*DOCS.glob("*.md"), *DOCS.glob("decisions/*.md")} - {DOCS / "README.md"}
    assert sorted(str(page.relative_to(DOCS)) for page in wanted - found) == []


def test_every_decision_has_a_number_of_its_own_and_is_one_line_that_can_be_quoted() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    for number, page in enumerate(decisions, 1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04}-"), page.name
        assert text.startswith(f"# {number}. "), page.name
        assert re.search(r"^\*\*Decision: [^*]+\*\*$", text, re.MULTILINE), page.name
