"""The offline model's answer to a review: the rules, applied to what the question shows."""

import json
from typing import Any

from reveille.agents.reviewing.diff import parse
from reveille.agents.reviewing.finding import Finding, order
from reveille.agents.reviewing.prompt import read_question
from reveille.agents.reviewing.rules import review, review_descriptions, review_files


def answer_review(prompt: str, max_characters: int) -> str:
    """`{"findings": […], "dropped": n}` within the bound; of part of a change only what one file tells by itself."""
    findings = [finding.as_json() for finding in _findings(prompt)]
    kept: list[dict[str, Any]] = []
    left = max_characters - len('{"findings": [], "dropped": 1000000}')
    for finding in findings:
        left -= len(json.dumps(finding, ensure_ascii=False)) + 2
        if left < 0:
            break
        kept.append(finding)
    return json.dumps({"findings": kept, "dropped": len(findings) - len(kept)}, ensure_ascii=False)


def is_complete(answer: str) -> bool:
    """Whether the answer had room for everything that was found."""
    return answer.endswith('"dropped": 0}')


def _findings(prompt: str) -> list[Finding]:
    question = read_question(prompt)
    if question is None:
        return review(parse(prompt))
    diff, descriptions, whole = question
    found = review(diff) if whole else review_files(diff.files)
    return sorted({*found, *review_descriptions(descriptions)}, key=order)
