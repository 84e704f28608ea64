"""What everybody must be able to see and to hear of a page, measured in the browser."""

from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

_SCRIPT: Final = (Path(__file__).parent / "page_sight.js").read_text()
NAMED: Final = {
    "button",
    "link",
    "textbox",
    "searchbox",
    "combobox",
    "checkbox",
    "radio",
    "slider",
    "tab",
    "meter",
    "image",
    "dialog",
    "table",
    "region",
    "navigation",
}


def drawn(page: Page) -> dict[str, list[str]]:
    """`contrast`: texts below WCAG's AA. `overflow`: what stands out at the right."""
    # A comment is no expression.
    _, _, script = _SCRIPT.partition("\n")
    found: dict[str, list[str]] = page.evaluate(script)
    return found


def told(page: Page) -> list[str]:
    """What is wrong with what the browser tells screen readers."""
    session = page.context.new_cdp_session(page)
    try:
        tree = session.send("Accessibility.getFullAXTree")["nodes"]
    finally:
        session.detach()
    nodes = [(_value(one, "role"), _value(one, "name").strip(), one) for one in tree if not one.get("ignored")]
    wrong = [f"a {role} without a name: {_words(one, tree)}" for role, name, one in nodes if role in NAMED and not name]
    levels = [_level(one) for role, _, one in nodes if role == "heading"]
    wrong += [f"a heading of level {b} after one of {a}" for a, b in pairwise(levels) if b > a + 1]
    roles = [role for role, _, _ in nodes]
    if "dialog" in roles:
        return wrong  # it hides what is behind it
    if levels.count(1) != 1:
        wrong.append(f"{levels.count(1)} headings of level 1, expected one")
    wrong += [
        f"{roles.count(role)} landmarks {role}, expected one" for role in ("main", "banner") if roles.count(role) != 1
    ]
    names = [name for role, name, _ in nodes if role == "navigation"]
    if len(set(names)) != len(names):
        wrong.append(f"navigations of one name: {names}")
    return wrong


def _value(node: dict[str, Any], field: str) -> str:
    return str(node.get(field, {}).get("value", ""))


def _level(node: dict[str, Any]) -> int:
    return int(next(one["value"]["value"] for one in node["properties"] if one["name"] == "level"))


def _words(node: dict[str, Any], tree: list[dict[str, Any]]) -> str:
    """What stands around it, to find it by."""
    parent = next((one for one in tree if one["nodeId"] == node.get("parentId")), node)
    return _value(parent, "name") or _value(parent, "role")
