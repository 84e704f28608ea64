"""The offline model."""

import json

import pytest

from reveille.agents import ModelAnswer, ModelRequest
from reveille.agents.models.offline import OfflineModel

DIFF = "diff --git a/src/a.py b/src/a.py\n--- a/src/a.py\n+++ b/src/a.py\n@@ -1 +1,2 @@\n x = 1\n+breakpoint()\n"
TEXT = "The harbour sleeps.\nShips leave the harbour at dawn.\nNobody sings.\nShips return to the harbour with fish."

pytestmark = pytest.mark.asyncio


async def ask(purpose: str, prompt: str, tokens: int = 500) -> ModelAnswer:
    return await OfflineModel().complete(
        ModelRequest(purpose=purpose, system="", prompt=prompt, max_output_tokens=tokens)
    )


async def test_a_review_is_asked_with_any_text_that_holds_a_diff() -> None:
    answer = await ask("review", f"Please look at this:\n\n{DIFF}")
    found = [(finding["rule"], finding["line"]) for finding in json.loads(answer.text)["findings"]]
    assert ("debug-leftover", 2) in found


async def test_findings_that_have_no_room_are_counted() -> None:
    many = "".join(f"+    breakpoint()  # {at}\n" for at in range(100))
    diff = f"--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,100 @@\n{many}"
    answer = json.loads((await ask("review", diff, tokens=200)).text)
    assert 0 < len(answer["findings"]) < 100
    assert answer["dropped"] + len(answer["findings"]) >= 100


async def test_another_purpose_is_answered_with_the_texts_own_weightiest_sentences() -> None:
    answer = await ask("standup", TEXT, tokens=20)
    assert answer.text == "Ships leave the harbour at dawn. Ships return to the harbour with fish."


async def test_the_same_request_has_the_same_answer() -> None:
    assert await ask("review", DIFF) == await ask("review", DIFF)


async def test_usage_is_reckoned_from_the_text_and_says_so() -> None:
    answer = await ask("standup", "word " * 80)
    assert (answer.input_tokens, answer.estimated, answer.model) == (100, True, "offline")


async def test_an_answer_stays_within_its_tokens() -> None:
    assert (await ask("standup", TEXT, tokens=3)).output_tokens <= 3
