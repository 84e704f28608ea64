"""File names as git writes them in a diff: prefixed, and quoted like a C string where they hold odd characters."""

import re
from typing import Final

_ESCAPES: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    '"': '"',
    "\\": "\\",
}
_ESCAPE: Final = re.compile(rb'\\([0-3][0-7]{2}|[abfnrtv"\\])')
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_ODD: Final = re.compile(r'[\x00-\x1f"\\\x7f]')


def unquote(name: str, prefix: str = "") -> str:
    """The plain name without its prefix; "" for /dev/null."""
    if quoted := _QUOTED.match(name):
        plain = _ESCAPE.sub(_unescape, quoted[0][1:-1].encode("utf-8", "replace")).decode("utf-8", "replace")
    else:
        plain = name.partition("\t")[0]
    return "" if plain == "/dev/null" else plain.removeprefix(prefix)


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    return bytes((int(escape, 8),)) if len(escape) == 3 else _ESCAPES[escape.decode()].encode()


def quote(name: str) -> str:
    return '"' + _ODD.sub(lambda odd: f"\\{ord(odd[0]):03o}", name) + '"' if _ODD.search(name) else name


def split_pair(names: str) -> tuple[str, str]:
    """`a/x b/x` → (x, x). Unquoted names with spaces are told apart by being the same; others come in later headers."""
    if names.startswith('"'):
        first = _QUOTED.match(names)
        if first is None:
            return "", ""
        return unquote(first[0], "a/"), unquote(names[first.end() :].lstrip(" "), "b/")
    half = len(names) // 2
    if names[half : half + 1] == " " and names[:half].removeprefix("a/") == names[half + 1 :].removeprefix("b/"):
        return names[:half].removeprefix("a/"), names[half + 1 :].removeprefix("b/")
    old, found, new = names.partition(' "' if names.endswith('"') else " b/")
    if not found:
        return "", ""
    return old.removeprefix("a/"), unquote(f'"{new}', "b/") if found == ' "' else new
