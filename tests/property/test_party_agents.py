"""Whatever a task says, a party agent answers, and the same task always the same."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.agents.party.asking import SKILLS, WITH_MONEY, answer, asked, task_of

ROOT: Final = Path(__file__).parents[2]
_WORDS = """jungle space theme instead of no not outdoor indoor park hall barn $800 1.200€ per guest hour under
    chocolate cupcakes tiered vegan nut allergy halal buffet tacos magician clown dj balloons entertainment Austin
    Berlin Tokyo 75 20 0 -3 9999999999 party and also , . ; ! steampunk"""
WORDS = st.sampled_from(_WORDS.split())
TEXTS = st.one_of(
    st.lists(WORDS, max_size=12).map(" ".join),
    st.text(max_size=80),
    # Also what no file can hold: halves of characters.
    st.text(st.characters(categories=("Cs", "Cc", "So", "Mn", "Lo")), max_size=20),
)
ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "guests": st.one_of(st.integers(-5, 300), ODD, st.fixed_dictionaries({"max": ODD})),
        "budget": st.one_of(st.integers(0, 20_000), ODD, st.fixed_dictionaries({"min": ODD, "max": ODD})),
        "city": st.one_of(st.sampled_from(["Austin", "nyc", "Tokyo"]), ODD),
        "date": st.one_of(st.sampled_from(["2027-06-12", "2027-13-40", "2027-01-02T10:00"]), ODD),
        "age": st.one_of(st.integers(-1, 130), ODD),
        "diet": st.one_of(
            st.dictionaries(st.sampled_from(["vegan", "nut allergy", "kosher", "vegetarian"]), ODD, max_size=4), ODD
        ),
    },
)
# What stands where the results of the steps before belong: of the right names, and of any shape.
RESULTS = st.dictionaries(
    st.sampled_from(["theme", "venue", "cake"]),
    st.one_of(
        ODD,
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(("theme", "title", "colours", "designs", "flavours", "entertainment", "venue"), ODD),
        ),
        st.fixed_dictionaries(
            {"venue": st.fixed_dictionaries({"kitchen": ODD, "name": TEXTS, "outside_catering": ODD})}
        ),
    ),
    max_size=3,
)


@pytest.mark.parametrize("step", SKILLS)
@given(texts=st.lists(TEXTS, max_size=5), facts=FACTS, results=RESULTS, item=ODD)
@settings(max_examples=120)
def test_it_always_answers_and_always_the_same(
    step: str, texts: list[str], facts: Mapping[str, Any], results: Mapping[str, Any], item: Any
) -> None:
    task = task_of(step, *texts, facts=facts, results=results, item=item)
    result = answer(task)  # JSON below 12 KiB: asking.py looks
    assert result == answer(task)
    _is_a_result(step, result)


@pytest.mark.parametrize("step", SKILLS)
@given(texts=st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=60))
@settings(max_examples=20)
def test_hundreds_of_wishes_are_still_a_small_result(step: str, texts: list[str]) -> None:
    _is_a_result(step, answer(task_of(step, *(texts * 5), *(["x" * 4_000] * 20), facts={"guests": 50})))


@pytest.mark.parametrize("step", SKILLS)
def test_another_process_answers_the_same(step: str) -> None:
    """Sets come in another order there."""
    texts = (
        "a hall with parking, a stage and a bar",
        "no clown",
        "vegan buffet",
        "lemon cake",
        "pirates",
        "a dj, balloons",
    )
    program = (
        "import json; from tests.unit.agents.party.asking import asked; "
        f"print(json.dumps(asked({step!r}, *{texts!r}, guests=40, diet=['vegan', 'halal', 'nuts'])))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=ROOT)
        assert json.loads(done.stdout) == asked(step, *texts, guests=40, diet=["vegan", "halal", "nuts"])


def _is_a_result(step: str, result: Mapping[str, Any]) -> None:
    assert result["summary"]
    assert 0 <= result["confidence"] <= 1
    assert all(isinstance(reason, str) for reason in result["reasons"])
    assert {one["priority"] for one in result["recommendations"]} <= {"high", "medium", "low"}
    assert all(0 <= one["score"] <= 1 for one in result["alternatives"])
    if step in WITH_MONEY:
        low, high = result["money"]["min"], result["money"]["max"]
        assert isinstance(low, int)
        assert isinstance(high, int)
        assert 0 <= low <= high
