"""Secrets in added lines; a finding never repeats one."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from reveille.agents.reviewing.diff import FileDiff
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.languages import is_generated, is_prose, is_test

MASK: Final = "[masked]"
# A word that every match holds, in small letters: looking for it first is ten times as fast.
_TOKENS: Final = tuple(
    (hint, re.compile(pattern), what)
    for hint, pattern, what in (
        ("a", r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b", "an AWS access key id"),
        (
            "secret",
            r"(?i)aws_?secret_?(?:access_?)?key\W{1,6}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
            "an AWS secret access key",
        ),
        ("gh", r"\bgh[pousr]_[A-Za-z0-9]{36,255}", "a GitHub token"),
        ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,255}", "a GitHub token"),
        ("gl", r"\bgl(?:pat|ptt|rt|dt)-[A-Za-z0-9_-]{20,255}", "a GitLab token"),
        ("xox", r"\bxox[abposr]-[A-Za-z0-9-]{10,255}", "a Slack token"),
        ("slack", r"\bhooks\.slack\.com/services/T\w{6,20}/B\w{6,20}/\w{16,40}", "a Slack webhook"),
        ("k_live_", r"\b[sr]k_live_[A-Za-z0-9]{16,255}", "a Stripe key"),
        ("aiza", r"\bAIza[A-Za-z0-9_-]{35}", "a Google API key"),
        ("sk-", r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,255}", "a model provider's key"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b", "an npm token"),
        ("pypi-", r"\bpypi-[A-Za-z0-9_-]{50,255}", "a PyPI token"),
        ("eyj", r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,1000}", "a JSON web token"),
        ("-----begin", r"-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----", "a private key"),
    )
)
_NAMED: Final = ("pass", "pwd", "secret", "token", "key", "credential")
_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"]{1,80}:([^\s/@'\"]{3,200})@")
_NAME: Final = (
    r"(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
)
_ASSIGNED: Final = re.compile(
    rf"(?i){_NAME}(?:_(?:prod|live|staging|dev|test|value|key|hash|\d{{1,3}}))?s?[\"'\]]{{0,2}}\s{{0,8}}(?::\s{{0,4}}[A-Za-z]{{1,20}}\s{{0,4}})?(?::=|=>|=|:)\s{{0,8}}"
    r"(?:[rbuf]{0,2})([\"'`])([^\"'`]{6,200})\1"
)
_PLAIN_FILES: Final = re.compile(r"(^|/)\.env(\.|$)|\.(ya?ml|properties|ini|toml|cfg|conf|env|tfvars)$")
_PLAIN_ASSIGNED: Final = re.compile(
    rf"(?i)^[+-]?[ \t]*(?:export\s{{1,4}}|-\s{{1,4}})?[\w.-]{{0,60}}{_NAME}\s{{0,8}}"
    r"[=:]\s{0,8}([^\s\"'#]{8,200})[ \t]*$"
)
_PLACEHOLDER: Final = re.compile(
    r"(?i)^\W*(x+|\*+|\.+|-+)\W*$|change.?me|example|placeholder|your[_ -]|dummy|redacted|masked|replace|todo|"
    r"^(none|null|true|false|undefined|password|secret|token|string)$|[$%]\{|\$\(|\{\{|^\$|^<.*>$|^%|^\{\w*\}$|"
    r"getenv|environ|process\.env|secrets\.|vault:|^arn:|^[a-z]+://"
)
_QUOTED: Final = re.compile(r"[\"'`]([A-Za-z0-9+/=_-]{32,200})[\"'`]")
# Base64 of random bytes has about 5 bits a character at this length, words and paths 3 to 4.
_ENTROPY: Final = 4.5
_KEY_BLOCK: Final = re.compile(r"(-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----)[\s\S]*?(-----END|\Z)")


def secrets(file: FileDiff) -> Iterator[Finding]:
    # Tests and prose are full of passwords that open nothing; digests in generated files look random.
    harmless = is_test(file.path) or is_prose(file.path)
    quiet = harmless or is_generated(file.path)
    settings = bool(_PLAIN_FILES.search(file.path))
    for line in file.added:
        if what := _token(line.text):
            severity = "critical"
        elif what := _password(line.text, settings=settings):
            severity = "low" if harmless else "high"
        elif not quiet and any(_looks_random(match[1]) for match in _QUOTED.finditer(line.text)):
            severity, what = "medium", "a literal that looks like a key (random letters and digits)"
        else:
            continue
        message = f"{what} stands in the text; take it out and revoke it, history keeps what was pushed"
        yield Finding(rule="secret", severity=severity, path=file.path, line=line.new, message=message)


def masked(text: str, path: str = "") -> str:
    """The text without what looks like a secret; the path says whether unquoted settings may be in it."""
    text = _KEY_BLOCK.sub(rf"\1 {MASK} \2", text)
    for _, pattern, what in _TOKENS:
        if what != "a private key":
            text = pattern.sub(MASK, text)
    text = _URL.sub(_without(1), text)
    text = _ASSIGNED.sub(_without(2), text)
    if _PLAIN_FILES.search(path):
        text = "\n".join(_PLAIN_ASSIGNED.sub(_without(1), row) for row in text.split("\n"))
    return text


def _without(group: int) -> Callable[[re.Match[str]], str]:
    """Replaces one group of a match, unless what stands there is a placeholder."""

    def replaced(match: re.Match[str]) -> str:
        if _PLACEHOLDER.search(match[group]):
            return match[0]
        start, end = (at - match.start() for at in match.span(group))
        return match[0][:start] + MASK + match[0][end:]

    return replaced


def _token(text: str) -> str:
    small = text.lower()
    return next((what for hint, pattern, what in _TOKENS if hint in small and pattern.search(text)), "")


def _password(text: str, *, settings: bool) -> str:
    """settings: values may stand without quotes."""
    if "://" in text and (url := _URL.search(text)) and not _PLACEHOLDER.search(url[1]):
        return "a password in an address"
    small = text.lower()
    if not any(name in small for name in _NAMED):
        return ""
    literal = _ASSIGNED.search(text)
    if literal and not _PLACEHOLDER.search(literal[2]) and " " not in literal[2].strip():
        return "a password or key in a literal"
    plain = _PLAIN_ASSIGNED.match(text) if settings else None
    return "a password or key in a setting" if plain and not _PLACEHOLDER.search(plain[1]) else ""


def _looks_random(literal: str) -> bool:
    kinds = (str.isupper, str.islower, str.isdigit)
    # Digests and commit ids are hexadecimal, so of one case; a path has short words between its slashes.
    if not all(any(kind(sign) for sign in literal) for kind in kinds) or literal.count("/") > len(literal) // 12:
        return False
    counts = Counter(literal).values()
    entropy = -sum(count / len(literal) * math.log2(count / len(literal)) for count in counts)
    return entropy >= min(_ENTROPY, math.log2(len(literal)) - 0.7)
