"""What an agent author gets from `reveille.agents`."""

import asyncio
import subprocess
import sys

import pytest

from reveille.agents import (
    LocalContext,
    ModelRequest,
    SkillNotFound,
    TokensSpent,
    ToolFailed,
    builtin_tools,
    call_tool,
    estimate_tokens,
    load_skill,
)
from reveille.agents.coding import review
from reveille.agents.models.offline import OfflineModel

REQUEST = ModelRequest(
    purpose="summary", system="", prompt="Owls hunt at night. Owls sleep by day.", max_output_tokens=50
)


def test_the_review_skill_is_found_by_its_path() -> None:
    assert load_skill("reveille.agents.coding:review") is review


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("reveille.agents.coding", "expected 'module:function'"),
        (":review", "expected 'module:function'"),
        ("reveille.agents.coding:", "expected 'module:function'"),
        ("reveille.agents.codding:review", "module 'reveille.agents.codding' cannot be imported"),
        (
            "no_such_studio:compose",
            "No module named 'no_such_studio', expected it installed, or its folder in PYTHONPATH",
        ),
        # Programs end themselves when they are imported.
        ("unittest.__main__:run", "module 'unittest.__main__' cannot be imported: SystemExit"),
        ("reveille.agents.coding:revue", "has no function 'revue'"),
        ("reveille.agents.model:estimate_tokens", "a function that is not async"),
        ("reveille.agents.coding:SYSTEM", "is a str, expected an async function"),
        ("reveille.agents.tools.git:log", "expected (task, context)"),
    ],
)
def test_a_wrong_skill_path_is_told_which_part_is_wrong(path: str, says: str) -> None:
    with pytest.raises(SkillNotFound) as caught:
        load_skill(path)
    assert path in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("path", ["unittest.__main__:run", "reveille.agentsx:review", "acme_other:act", "os:system"])
def test_a_skill_elsewhere_than_it_may_be_is_not_even_imported(path: str) -> None:
    module = path.partition(":")[0]
    before = sys.modules.get(module)
    with pytest.raises(SkillNotFound, match=r"is none of those that agents may be in \(acme, studio\)"):
        load_skill(path, within=("acme", "studio"))
    assert sys.modules.get(module) is before


def test_a_skill_that_ships_and_one_below_a_named_module_may_be_named() -> None:
    assert load_skill("reveille.agents.coding:review", within=("acme",)) is review
    assert load_skill("reveille.agents.coding:review", within=("reveille",)) is review


def test_importing_the_sdk_loads_no_provider_and_no_server() -> None:
    heavy = "{'anthropic', 'openai', 'mcp', 'httpx', 'httpx2', 'grpc', 'google.protobuf', 'sqlalchemy', 'pydantic'}"
    modules = "reveille.agents, reveille.agents.coding, reveille.agents.models.selection"
    program = f"import sys, {modules}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.asyncio
async def test_a_call_that_could_use_more_than_is_left_is_not_made() -> None:
    context = LocalContext(OfflineModel(), tokens=55)
    with pytest.raises(TokensSpent) as caught:
        await context.model.complete(REQUEST)
    assert (caught.value.asked, caught.value.left) == (50 + estimate_tokens(REQUEST.prompt), 55)
    assert context.answers == []


@pytest.mark.asyncio
async def test_a_call_takes_what_it_used_off_what_is_left() -> None:
    context = LocalContext(OfflineModel(), tokens=1_000)
    answer = await context.model.complete(REQUEST)
    assert context.tokens_left == 1_000 - answer.input_tokens - answer.output_tokens
    assert answer.input_tokens + answer.output_tokens <= OfflineModel().cap(REQUEST)


@pytest.mark.asyncio
async def test_a_cancelled_run_ends_at_its_next_checkpoint() -> None:
    context = LocalContext(OfflineModel())
    await context.checkpoint()
    context.cancel()
    with pytest.raises(asyncio.CancelledError):
        await context.checkpoint()


@pytest.mark.asyncio
async def test_an_unknown_tool_is_answered_with_those_there_are() -> None:
    with pytest.raises(ToolFailed, match=r"no tool 'git\.push', expected one of git\.diff, git\.log"):
        await LocalContext(OfflineModel()).tools.call("git.push", {})


@pytest.mark.asyncio
async def test_a_tool_with_wrong_arguments_is_not_called() -> None:
    with pytest.raises(ToolFailed, match="missing a required argument: 'clone'"):
        await call_tool(builtin_tools(), "git.diff", {"after": "abc"})
