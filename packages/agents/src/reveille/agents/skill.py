"""Skills by their import path, `module:function`."""

import importlib
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, cast

from reveille.agents.context import Context
from reveille.agents.task import Result, Task

Skill: TypeAlias = Callable[[Task, Context], Coroutine[Any, Any, Result]]


class SkillNotFound(Exception):
    """The path leads to no async function; the message names the part that is wrong."""


def load_skill(path: str) -> Skill:
    module_name, colon, function_name = path.partition(":")
    if not (colon and module_name and function_name.isidentifier()):
        raise SkillNotFound(f"skill {path!r} is no path, expected 'module:function'")
    try:
        module = importlib.import_module(module_name)
    # Whatever the author's module raises while it is imported: the skill cannot be had.
    except Exception as error:
        root = module_name.partition(".")[0]
        is_nowhere = isinstance(error, ModuleNotFoundError) and error.name == root
        where = ", expected it installed, or its folder in PYTHONPATH" if is_nowhere else ""
        raise SkillNotFound(
            f"skill {path!r}: module {module_name!r} cannot be imported: {type(error).__name__}: {error}{where}"
        ) from error
    try:
        skill = getattr(module, function_name)
    except AttributeError as error:
        raise SkillNotFound(f"skill {path!r}: module {module_name!r} has no function {function_name!r}") from error
    if not inspect.iscoroutinefunction(skill):
        raise SkillNotFound(f"skill {path!r} is {_kind(skill)}, expected an async function of (task, context)")
    try:
        inspect.signature(skill).bind(None, None)
    except TypeError as error:
        signature = inspect.signature(skill)
        raise SkillNotFound(f"skill {path!r} takes {signature}, expected (task, context)") from error
    return cast("Skill", skill)


def _kind(thing: object) -> str:
    return "a function that is not async" if callable(thing) else f"a {type(thing).__name__}"
