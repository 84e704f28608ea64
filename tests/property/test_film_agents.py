"""Whatever a prompt says, there is a scene of it, always the same; and going over a draft with notes never hurts."""

import json
import os
import statistics
import subprocess
import sys
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.agents.film.playing import DEPARTMENTS, HEAD, SPECIALISTS, answer, played, task_of

ROOT: Final = Path(__file__).parents[2]
ALL: Final = {
    "all": {
        "title": "All",
        "head": "head",
        "specialists": [*SPECIALISTS],
        "words": ["scene"],
    }
}
WHO: Final = ("A lighthouse keeper", "Two brothers", "Anna", "three astronauts", "a vampire dentist", "an old king")
DOES: Final = ("finds a sealed letter", "argue over a map", "refuses to open the door", "waits for a lost train")
WHERE: Final = ("in a burning theatre", "on a frozen lake at dawn", "in an elevator", "during a storm", "")
HOW: Final = ("", "No dialogue.", "With a twist.", "Sad ending.", "Two characters, about 150 words.", "Make it funny.")
PROMPTS: Final = [
    " ".join(part for part in (f"{who} {does} {where}".strip() + ".", HOW[number % len(HOW)]) if part)
    for number, (who, does, where) in enumerate(product(WHO, DOES, WHERE))
]
_WORDS = """a the two three her his keeper son king astronauts Anna Detective finds argue waits in on at the rocks
    elevator storm night dawn letter last write scene dialogue no without sad twist comedy horror and , . ; : ! ? who
    200 words 100 pages named {A} {np} %s | monologue silent Paris oxygen tank"""
TEXTS = st.one_of(
    st.lists(st.sampled_from(_WORDS.split()), min_size=1, max_size=25).map(" ".join),
    st.sampled_from(PROMPTS),
    st.text(min_size=1, max_size=80),
    # Also what no file can hold: halves of characters.
    st.text(st.characters(categories=("Cc", "So", "Mn", "Lo")), min_size=1, max_size=20),
)


@given(texts=st.lists(TEXTS, min_size=1, max_size=3).filter(lambda texts: any(text.strip() for text in texts)))
@settings(max_examples=25, deadline=None)
def test_any_prompt_makes_a_scene_and_the_same_prompt_the_same(texts: list[str]) -> None:
    result = played(*texts)
    assert result.scene == played(*texts).scene
    assert result.scene["title"]
    assert result.scene["text"]
    assert len(result.scene["text"].encode()) < 20_000
    for name, scores in result.scores.items():
        assert all(0 <= score <= 100 for score in scores)
        assert all(later >= earlier for earlier, later in pairwise(scores)), name


@given(texts=st.lists(TEXTS, min_size=1, max_size=2).filter(lambda texts: any(text.strip() for text in texts)))
@settings(max_examples=25, deadline=None)
def test_no_revision_is_worse_than_its_draft(texts: list[str]) -> None:
    for scores in played(*texts, departments=ALL, min_quality=95).scores.values():
        assert all(later >= earlier for earlier, later in pairwise(scores))


def test_first_drafts_fall_short_revisions_help_and_nearly_all_pass(capsys: pytest.CaptureFixture[str]) -> None:
    scores = list(chain.from_iterable(played(prompt, departments=ALL).scores.values() for prompt in PROMPTS))
    first, last = [one[0] for one in scores], [one[-1] for one in scores]
    steps = [later - earlier for one in scores for earlier, later in pairwise(one)]
    passed = sum(score >= 70 for score in last) / len(last)
    with capsys.disabled():
        print(
            f"\n{len(PROMPTS)} prompts, {len(scores)} drafts: first {_deciles(first)}, last {_deciles(last)};"
            f" {sum(score >= 70 for score in first) / len(first):.0%} pass at first, {passed:.0%} in the end"
        )
    assert sum(score < 70 for score in first) > len(first) / 2
    assert len(set(first)) > 20
    assert sum(step > 0 for step in steps) > 0.95 * len(steps)
    assert min(steps) >= 0
    assert passed > 0.95


def test_different_prompts_make_different_scenes() -> None:
    texts = [played(prompt).scene["text"] for prompt in PROMPTS[:60]]
    assert len(set(texts)) == len(texts)


def test_another_process_makes_the_same_scene() -> None:
    """Sets come in another order there."""
    prompts = PROMPTS[:3]
    program = (
        "import json; from tests.unit.agents.film.playing import played; "
        f"print(json.dumps([played(one, departments={ALL!r}).scene['text'] for one in {prompts!r}]))"
    )
    here = [played(one, departments=ALL).scene["text"] for one in prompts]
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=ROOT)
        assert json.loads(done.stdout) == here


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
OF_A_DRAFT = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("kind", "text", "beats", "lines", "people", "shots", "setups"), ODD)
)
OF_A_BRIEF = st.fixed_dictionaries(
    {"prompt": st.just("A keeper finds a letter")},
    optional=dict.fromkeys(("aims", "must_mention", "length", "structure", "cast", "craft"), ODD),
)


@given(draft=st.one_of(ODD, OF_A_DRAFT), brief=st.one_of(ODD, OF_A_BRIEF), department=st.sampled_from([*DEPARTMENTS]))
@settings(max_examples=20, deadline=None)
def test_a_head_reviews_whatever_it_is_given(draft: Any, brief: Any, department: str) -> None:
    specialist = "plot-writer"
    task = task_of(
        f"{department}/review",
        role="review",
        department=department,
        round=1,
        facts={"drafts": {specialist: "draft"}, "min_quality": 70, "rounds": 2},
        item={"round": 1, "briefs": {specialist: brief}},
        results={"draft": draft},
    )
    (review,) = answer(HEAD, task)[0]["reviews"]
    assert 0 <= review["score"] <= 100
    assert review["status"] == ("approved" if review["score"] >= 70 else "revise")


@pytest.mark.parametrize("specialist", SPECIALISTS)
@given(brief=OF_A_BRIEF, previous=OF_A_DRAFT, notes=st.one_of(ODD, st.text(max_size=60)), round_=st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_a_specialist_drafts_whatever_it_is_given(
    specialist: str, brief: Any, previous: Any, notes: Any, round_: int
) -> None:
    step = f"story/{specialist}" + (f"/{round_}" if round_ > 1 else "")
    before = f"story/{specialist}" + (f"/{round_ - 1}" if round_ > 2 else "")
    item = {"brief": brief, "round": round_, "notes": notes}
    results = {before: previous} if round_ > 1 else {}
    task = task_of(step, role="draft", department="story", round=round_, item=item, results=results)
    result, _ = answer(SPECIALISTS[specialist], task)
    assert isinstance(result["text"], str)
    assert result["summary"]


def _deciles(values: list[int]) -> list[int]:
    return [round(value) for value in statistics.quantiles(values, n=10)]
