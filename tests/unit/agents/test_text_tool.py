"""The tool `text.measure`, which heads call and anybody else may."""

from typing import Any

import pytest

from reveille.agents import ToolFailed, builtin_tools, call_tool


async def measured(**arguments: Any) -> dict[str, Any]:
    result: dict[str, Any] = await call_tool(builtin_tools(), "text.measure", arguments)
    return result


async def test_it_says_how_good_a_text_is_and_why() -> None:
    result = await measured(text="A keeper waits on the rocks.", must_mention=["keeper", "son"], least=10, most=20)
    assert 0 < result["score"] < 100
    assert [check["name"] for check in result["checks"]] == ["coverage", "structure", "length", "repetition"]
    assert result["checks"][0]["advice"] == ["mention son"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"text": 7}, "text is a int, expected a text"),
        ({"text": "x" * 70_000}, "one of 70000"),
        ({"text": "x", "least": 0}, "least is 0"),
        ({"text": "x", "least": 9, "most": 3}, "expected 1 <= least <= most"),
        ({"text": "x", "most": True}, "most True"),
        ({}, "missing a required argument"),
    ],
)
async def test_wrong_arguments_are_told(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ToolFailed, match=says):
        await measured(**arguments)
