"""What people write is understood: over two hundred sentences, each with its categories and its facts."""

import pytest

from tests.unit.analyzer.corpus import CORPUS, Row
from tests.unit.analyzer.party import categories, meaning


def wrong(row: Row) -> str:
    """What is understood otherwise; "" where nothing is."""
    text, expected, facts = row
    understood = meaning(text)
    found = set(categories(understood))
    if found != set(expected.split()):
        return f"{text!r} is of {sorted(found)}, expected {expected.split()}"
    if understood.facts != facts:
        return f"{text!r} says {dict(understood.facts)}, expected {facts}"
    return ""


def test_every_sentence_of_the_corpus_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    mistakes = [mistake for row in CORPUS if (mistake := wrong(row))]
    with capsys.disabled():
        right = len(CORPUS) - len(mistakes)
        print(f"\n  {right} of {len(CORPUS)} sentences understood: {100 * right / len(CORPUS):.1f} %")
    assert not mistakes, "\n".join(mistakes)


def test_the_corpus_is_large_and_says_each_thing_once() -> None:
    texts = [text for text, _, _ in CORPUS]
    assert len(texts) >= 200
    assert len(texts) == len(set(texts))
