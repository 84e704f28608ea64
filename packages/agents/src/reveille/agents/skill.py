"""Skills by their import path, `module:function`."""

import importlib
import inspect
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Final, TypeAlias, cast

from reveille.agents.context import Context
from reveille.agents.task import Result, Task

# Those that ship may be named wherever others may not.
SHIPPED: Final = "reveille.agents"

Skill: TypeAlias = Callable[[Task, Context], Coroutine[Any, Any, Result]]


class SkillNotFound(Exception):
    """The path leads to no async function; the message names the part that is wrong."""


def load_skill(path: str, *, within: Collection[str] = ()) -> Skill:
    """within: modules that it may be in, or in what is below them; () is any.

    Its module is imported, and so does what stands in it: whoever may name one is to be trusted, or to be bounded.
    """
    module_name, colon, function_name = path.partition(":")
    if not (colon and module_name and function_name.isidentifier()):
        raise SkillNotFound(f"skill {path!r} is no path, expected 'module:function'")
    if within and not any(f"{module_name}.".startswith(f"{one}.") for one in (SHIPPED, *within)):
        raise SkillNotFound(
            f"skill {path!r}: module {module_name!r} is none of those that agents may be in ({', '.join(within)})"
        )
    try:
        module = importlib.import_module(module_name)
    # Whatever the author's module raises while it is imported: the skill cannot be had. A program that ends itself,
    # such as `unittest.__main__`, would end the platform with it.
    except (Exception, SystemExit) as error:
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
