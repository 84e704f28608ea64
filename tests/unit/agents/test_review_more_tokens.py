"""A review whose question does not fit asks for what is missing, and is content with what it gets."""

import pytest

from reveille.agents import LocalContext
from reveille.agents.coding import review
from reveille.agents.models.offline import OfflineModel
from tests.unit.agents.test_review import DIFF, Scripted, found, many_files, signal, task

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("tokens", [300, 900, 1_500])
async def test_where_it_gets_more_the_model_is_shown_everything(tokens: int) -> None:
    model = Scripted('{"findings": []}')
    context = LocalContext(model, tokens=tokens, more=30_000)
    result = await review(task(signal({"diff": many_files(12)})), context)
    assert "Files shown: 12 of 12." in model.asked[0].prompt
    assert "do not suffice" not in result["summary"]


async def test_where_it_gets_nothing_it_shows_what_fits() -> None:
    model = Scripted('{"findings": []}')
    context = LocalContext(model, tokens=1_500, more=10)
    result = await review(task(signal({"diff": many_files(60)})), context)
    (asked,) = model.asked
    assert "Files shown: 60 of 60." not in asked.prompt
    assert model.cap(asked) <= 1_500
    assert len([one for one in found(result) if one[0] == "secret"]) == 60


async def test_what_the_rules_found_is_kept_before_it_asks() -> None:
    context = LocalContext(OfflineModel(), tokens=300)
    await review(task(signal({"diff": many_files(12)})), context)
    assert context.kept is not None
    assert len([one for one in found(context.kept) if one[0] == "secret"]) == 12


async def test_a_question_that_fits_asks_for_nothing() -> None:
    context = LocalContext(OfflineModel(), tokens=4_000, more=30_000)
    await review(task(signal({"diff": DIFF})), context)
    assert context.kept is None
    assert context.tokens_left < 4_000


async def test_a_skill_may_not_ask_for_nothing() -> None:
    with pytest.raises(ValueError, match="0 tokens are asked for, expected at least 1"):
        await LocalContext(OfflineModel()).more_tokens(0)
