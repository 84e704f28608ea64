"""`where` expressions in the Common Expression Language, over the variable `signal`."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from reveille.kernel.signals import EXAMPLE

MAX_LENGTH: Final = 2_000


@cache
def _environment() -> Any:
    # Imported late: 40 ms that only those pay who have a rule with `where`.
    from cel_expr_python import cel

    return cel.NewEnv(variables={"signal": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})


@cache
def where(expression: str) -> Callable[[Mapping[str, Any]], bool]:
    """A test of a signal's variables. What cannot be evaluated (a label that is not there) does not match.

    Raises ValueError where the expression is none.
    """
    try:
        compiled = _environment().compile(expression)
    except RuntimeError as error:
        raise ValueError(_reason(error)) from error
    evaluate = compiled.eval
    # An error comes back as a value that is true: nothing but True itself matches.
    return lambda signal: evaluate(data={"signal": signal}).value() is True


def check_where(expression: str) -> str | None:
    """What is wrong with an expression, as far as it can be told without a signal; None: nothing."""
    if len(expression) > MAX_LENGTH:
        return f"{len(expression)} characters, at most {MAX_LENGTH}"
    for name in re.findall(r"(?<![\w.\"'])signal\.(\w+)", expression):
        if name not in EXAMPLE:
            return f"signal has no {name}; it has {', '.join(EXAMPLE)}"
    try:
        where(expression)
    except ValueError as error:
        return str(error)
    outcome = _environment().compile(expression).eval(data={"signal": EXAMPLE})
    value = outcome.value()
    if outcome.type() == _error_type():  # a label that the example has not is no mistake, a wrong type is
        return str(value) if "overload" in str(value) else None
    return None if isinstance(value, bool) else f"it is {value!r} and not true or false"


@cache
def _error_type() -> Any:
    from cel_expr_python import cel

    return cel.Type.ERROR


def _reason(error: RuntimeError) -> str:
    text = str(error).partition("ERROR: <input>:")[2] or str(error)
    return " ".join(text.splitlines()[0].split())
