"""What an expression may cost is told before it is evaluated; and what the engine stops is not true, and no crash."""

import pytest

from reveille.adapters import cel
from reveille.kernel.signals import EXAMPLE

NESTED = 'signal.paths.exists(a, signal.paths.exists(b, a + b == "x"))'
MANY = {**EXAMPLE, "paths": [f"src/{number}" for number in range(1_000)]}


def test_more_elements_than_the_engine_goes_through_are_not_true_and_the_reason_is_told() -> None:
    assert cel.check_where(NESTED) is None
    assert cel.where(NESTED)(MANY) is False
    assert "Iteration budget exceeded" in cel.unevaluated(NESTED, MANY)


def test_a_condition_of_a_plan_that_goes_on_for_too_long_is_not_true() -> None:
    nested = '["x", "y"].all(a, facts.words.all(b, facts.words.all(c, b != a || c != a)))'
    assert cel.condition(nested)({"words": ["w"] * 1_000}, []) is False


def test_an_expression_that_goes_on_for_too_long_whatever_the_signal_is_refused() -> None:
    grown = "".join(f"[1, 1, 1].all(a{level}, " for level in range(12)) + "true" + ")" * 12
    assert "budget" in str(cel.check_where(grown))


@pytest.mark.parametrize(
    "expression",
    [
        "signal.title.matches(signal.title)",
        'signal.paths.exists(p, signal.title.matches("x" + p))',
        'matches(signal.title, "x")',
        'signal.title == r"a\\b" || signal.title.matches(signal.ref) || signal.title == r"\\d"',
        'signal.title == "//" || signal.title.matches(signal.ref)',
        '// "\nsignal.title.matches(signal.ref) //"',
        'signal.title == """"" """ || signal.title.matches(signal.ref)',
    ],
    ids=["field", "sum", "function", "raw", "comment in a text", "text in a comment", "three quotes"],
)
def test_a_pattern_that_signals_may_make_is_refused(expression: str) -> None:
    assert "`matches` is not followed by one text in quotes" in str(cel.check_where(expression))


@pytest.mark.parametrize(
    "expression",
    [
        r'signal.paths.exists(p, p.matches(r"(\pL){10}"))',
        r'signal.paths.exists(p, p.matches("(\\pL)\x7b10\x7d"))',
        r'signal.paths.exists(p, p.matches("a{150}") || p.matches("b{150}"))',
        r'signal.title.matches(r"[\pL\pN]+@[\pL\pN.]+[\pL\pN]{4}")',
    ],
    ids=["large", "in escapes", "together", "without a macro"],
)
def test_a_pattern_that_is_costly_to_compile_is_refused(expression: str) -> None:
    assert "instructions, at most" in str(cel.check_where(expression))


@pytest.mark.parametrize(
    "expression",
    [
        r'signal.paths.exists(p, p.matches("^src/.*\\.py$"))',
        r'signal.title.matches(r"(?i)\b(fix(es|ed)?|closes?)\b.*#\d+")',
        """signal.title.matches('\\\\pL+') && signal.title != "matches(signal.title)" """,
        'signal.title != "a + b + c + d + e + f + g + h + i + j + k + l" // and so on',
    ],
)
def test_a_pattern_as_people_write_them_is_taken(expression: str) -> None:
    assert cel.check_where(expression) is None


def test_texts_are_put_together_a_few_times_at_most() -> None:
    added = "signal.paths.map(p, " + " + ".join(["signal.summary"] * 12) + ").size() > 0"
    assert cel.check_where(added) == "it has 11 of `+`, at most 10 are taken"


@pytest.mark.parametrize("opened", ["(", "["], ids=["parentheses", "lists"])
def test_what_is_nested_deeper_than_the_engine_goes_is_refused(opened: str) -> None:
    closed = {"(": ")", "[": "]"}[opened]
    assert "recursion limit" in str(cel.check_where(opened * 900 + "true" + closed * 900))
