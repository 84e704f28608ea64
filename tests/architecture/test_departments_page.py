"""The page about departments: every key stands in it, its examples work, and what it tells of the reader is so."""

import asyncio
import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reveille.agents import LocalContext, Task
from reveille.agents.models.offline import OfflineModel
from reveille.contracts.ingress.v1.events_pb2 import Role
from reveille.ingress.application.blueprint_file import shipped_blueprint
from reveille.ingress.application.departments_file import (
    MAX_COMPILED,
    MAX_DEPARTMENTS,
    MAX_REVISIONS,
    MAX_SPECIALISTS,
    MIN_QUALITY,
    MIN_RELEVANCE,
    REVISIONS,
)
from reveille.ingress.bootstrap import blueprint_from

PAGE = (Path(__file__).resolve().parents[2] / "docs/departments.md").read_text(encoding="utf-8")
DEFS = json.loads(files("reveille.ingress.schemas").joinpath("blueprint.schema.json").read_text())["$defs"]
(SONG,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
(SKILL,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
(PICTURE,) = re.findall(r"```mermaid\n(.*?)```", PAGE, flags=re.DOTALL)
TASK = Task(run_id="r", execution_id="e", agent="composer", step="music", attempt=1, priority="medium", tokens=0)


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def answer(task: Task) -> dict[str, Any]:
    """Of the skill that the page shows."""
    module: dict[str, Any] = {}
    exec(SKILL, module)  # what readers are to copy
    found: dict[str, Any] = asyncio.run(module["compose"](task, LocalContext(OfflineModel())))
    return found


def test_every_key_of_a_hierarchy_stands_in_the_table_of_its_file() -> None:
    first = [row.split("|")[1] for row in section("The file").splitlines() if row.startswith("| `")]
    told = {name for cell in first for name in re.findall(r"\w+", cell)}
    blueprint = DEFS["blueprint"]["properties"]
    keys = {
        "orchestrator",
        "departments",
        "select",
        "review",
        "approvals",
        "autopilot",
        *DEFS["department"]["properties"],
    }
    for within in (blueprint["select"], blueprint["review"], DEFS["department"]["properties"]["relevance"]):
        keys |= within["properties"].keys()
    assert told == keys


def test_the_bounds_and_what_is_expected_are_those_of_the_reader() -> None:
    for words in (
        f"by name, 1 to {MAX_DEPARTMENTS}, none",
        f"1 to {MAX_SPECIALISTS} agents",
        f"0 to {MAX_REVISIONS}: how often work is done again | `{REVISIONS}`",
        f"| `{MIN_QUALITY}` |",
        f"| `{MIN_RELEVANCE}` |",
        f"more than {MAX_COMPILED} steps",
    ):
        assert words in PAGE


def test_the_example_of_the_page_is_taken() -> None:
    song = blueprint_from(SONG, file="song.yaml")
    assert [one.name for one in song.departments] == ["music", "lyrics"]
    assert (song.max_revisions, [gate.before for gate in song.gates]) == (1, ["complete"])


def test_the_picture_has_the_steps_that_the_film_has() -> None:
    film = blueprint_from(shipped_blueprint("film-scene") or "", file="film-scene.yaml")
    of_story = {one.name for one in film.steps if one.department == "story" and one.role != Role.ROLE_BRIEF}
    assert set(re.findall(r'\["(story/[^"]+)"\]', PICTURE)) == of_story
    assert f"the film's {len(film.steps)} steps" in PAGE
    assert film.gates[0].ask in PICTURE


@pytest.mark.parametrize("role", [value.name.removeprefix("ROLE_").lower() for value in Role.DESCRIPTOR.values[1:]])
def test_every_role_has_a_section_that_says_what_it_is_given_and_answers(role: str) -> None:
    told = section("What each role is given and answers").partition(f"\n### {role}\n")[2].partition("\n### ")[0]
    assert "| answers |" in told
    assert "`task." in told


def test_the_skill_of_the_page_briefs_every_specialist() -> None:
    facts = {"department": "music", "specialists": ["pianist", "drummer"], "min_quality": 70, "rounds": 2}
    task = replace(TASK, role="brief", facts=facts, results={"orchestrate": {"prompt": "a slow song"}})
    assert answer(task)["briefs"]["drummer"] == {"wanted": "a slow song", "lines": 8}


def test_the_skill_of_the_page_reviews_every_draft_by_its_measure() -> None:
    drafts = {"pianist": "music/pianist", "drummer": "music/drummer"}
    results = {"music/pianist": {"text": "la\n" * 8}, "music/drummer": {"text": "boom\n" * 4}}
    task = replace(TASK, role="review", round=1, facts={"drafts": drafts, "min_quality": 70}, results=results)
    assert [(one["specialist"], one["score"], one["status"]) for one in answer(task)["reviews"]] == [
        ("pianist", 100, "approved"),
        ("drummer", 50, "revise"),
    ]
