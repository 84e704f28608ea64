"""Expressions in the Common Expression Language: `where` over `signal`, `when` over `facts` and `categories`."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from reveille.adapters.cel_cost import check_cost
from reveille.kernel.signals import EXAMPLE

MAX_LENGTH: Final = 2_000
# Of errors over the example, those that come over every signal.
MISTAKES: Final = ("overload", "invalid regular expression", "budget")
# A fleet has at most some thousand; those of older fleets are forgotten.
KEPT: Final = 20_000

Condition = Callable[[Mapping[str, Any], Collection[str]], bool]


@cache
def _environment() -> Any:
    # Imported late: 40 ms that only those pay who have a rule with `where`.
    from cel_expr_python import cel

    return cel.NewEnv(variables={"signal": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)})


@lru_cache(maxsize=KEPT)
def where(expression: str) -> Callable[[Mapping[str, Any]], bool]:
    """A test of a signal's variables. What cannot be evaluated (a label that is not there) does not match.

    Raises ValueError where the expression is none.
    """
    try:
        compiled = _environment().compile(expression)
    except RuntimeError as error:
        raise ValueError(_reason(error)) from error
    return lambda signal: _is_true(compiled, {"signal": signal})


def check_where(expression: str) -> str | None:
    """What is wrong with an expression, as far as it can be told without a signal; None: nothing."""
    if len(expression) > MAX_LENGTH:
        return f"{len(expression)} characters, at most {MAX_LENGTH}"
    if costly := check_cost(expression, _literal):
        return costly
    for name in re.findall(r"(?<![\w.\"'])signal\.(\w+)", expression):
        if name not in EXAMPLE:
            return f"signal has no {name}; it has {', '.join(EXAMPLE)}"
    try:
        where(expression)
    except ValueError as error:
        return str(error)
    if (mistake := _mistake(expression)) is not None:
        return mistake
    if told := unevaluated(expression, EXAMPLE):  # a label that the example has not is no mistake
        return told if any(known in told for known in MISTAKES) else None
    outcome = _environment().compile(expression).eval(data={"signal": EXAMPLE})
    value = outcome.value()
    return None if isinstance(value, bool) else f"it is {value!r} and not true or false"


@cache
def _of_plans() -> Any:
    from cel_expr_python import cel

    facts = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    return cel.NewEnv(variables={"facts": facts, "categories": cel.Type.List(cel.Type.STRING)})


@lru_cache(maxsize=KEPT)
def condition(expression: str) -> Condition:
    """A test of a plan's facts and of the categories that its inputs are of; what cannot be evaluated is not true.

    Raises ValueError where the expression is none.
    """
    try:
        compiled = _of_plans().compile(expression)
    except RuntimeError as error:
        raise ValueError(_reason(error)) from error
    return lambda facts, categories: _is_true(compiled, {"facts": dict(facts), "categories": list(categories)})


def check_condition(expression: str, facts: Collection[str], categories: Collection[str]) -> str | None:
    """What is wrong with an expression over these facts and categories; None: nothing.

    What a fact is like is known with the plan's inputs, not before.
    """
    if len(expression) > MAX_LENGTH:
        return f"{len(expression)} characters, at most {MAX_LENGTH}"
    if costly := check_cost(expression, _literal):
        return costly
    for name in re.findall(r"(?<![\w.\"'])facts\.(\w+)", expression):
        if name not in facts:
            return f"the blueprint has no fact {name}; it has {', '.join(facts) or 'none'}"
    for double, single in re.findall(r"""(?:"([^"\n]*)"|'([^'\n]*)')\s+in\s+(?:categories)\b""", expression):
        if (name := double or single) not in categories:
            return f"no step {name!r} has a category; {', '.join(categories) or 'none'} have one"
    try:
        condition(expression)
    except ValueError as error:
        return str(error)
    kind = _of_plans().compile(expression).return_type()
    return None if kind in _truths() else f"it is of type {_named(kind)} and not true or false"


@cache
def _truths() -> tuple[Any, ...]:
    """A fact may be true or false itself."""
    from cel_expr_python import cel

    return (cel.Type.BOOL, cel.Type.DYN)


def _named(kind: Any) -> str:
    return str(kind).rpartition(".")[2].lower()


def unevaluated(expression: str, signal: Mapping[str, Any]) -> str:
    """Why an expression cannot be evaluated over a signal's variables; "" where it can."""
    try:
        outcome = _environment().compile(expression).eval(data={"signal": signal})
    except RuntimeError as error:
        return _reason(error)
    return str(outcome.value()) if outcome.type() == _error_type() else ""


def _is_true(compiled: Any, data: Mapping[str, Any]) -> bool:
    """An error comes back as a value that is true, so that nothing but True itself is; one that is too long raises."""
    try:
        return compiled.eval(data=data).value() is True
    except RuntimeError:
        return False


def _mistake(expression: str) -> str | None:
    """What its types alone say is wrong, also in a part that the example does not reach.

    Each field is a variable of its own for this, `signal.number` an int; whoever takes `signal` as a whole, as in
    `signal["ref"]`, is checked on the example alone.
    """
    try:
        _typed().compile(expression)
    except RuntimeError as error:
        reason = _reason(error)
        return None if "undeclared reference to 'signal'" in reason else reason
    return None


@cache
def _typed() -> Any:
    from cel_expr_python import cel

    kinds = {str: cel.Type.STRING, int: cel.Type.INT, bool: cel.Type.BOOL}
    kinds |= {list: cel.Type.List(cel.Type.STRING), dict: cel.Type.Map(cel.Type.STRING, cel.Type.STRING)}
    return cel.NewEnv(variables={f"signal.{name}": kinds[type(value)] for name, value in EXAMPLE.items()})


def _literal(text: str) -> str:
    """Raises ValueError for one that is none."""
    try:
        return str(_environment().compile(text).eval(data={}).value())
    except RuntimeError as error:
        raise ValueError(_reason(error)) from error


@cache
def _error_type() -> Any:
    from cel_expr_python import cel

    return cel.Type.ERROR


def _reason(error: RuntimeError) -> str:
    text = str(error).partition("ERROR: <input>:")[2] or str(error)
    return " ".join(text.splitlines()[0].split())
