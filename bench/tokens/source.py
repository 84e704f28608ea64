"""Source code that grows: modules of plausible functions, edits to them, and the unified diff of an edit."""

from collections.abc import Sequence
from difflib import unified_diff
from random import Random
from typing import Any, Final

_HEAD: Final = '''\
"""{title}."""

import json
import logging
from dataclasses import dataclass
from decimal import Decimal

logger = logging.getLogger(__name__)

MAX_{CONST} = {number}
'''
_FUNCTIONS: Final = (
    '''\
def load_{noun}(store, {noun}_id):
    """Return the {noun}, or None where the store has none."""
    row = store.get("{noun}", {noun}_id)
    if row is None:
        logger.info("{noun} %s is not there", {noun}_id)
        return None
    return {Noun}(**row)
''',
    '''\
def save_{noun}(store, {noun}, *, retries={number}):
    """Write the {noun}; a conflict is tried again."""
    for attempt in range(retries):
        if store.put("{noun}", {noun}.id, {noun}.as_row(), version={noun}.version):
            return attempt
        {noun} = load_{noun}(store, {noun}.id)
    raise Conflict(f"{noun} {{{noun}.id}} kept changing")
''',
    """\
@dataclass
class {Noun}:
    id: str
    name: str
    amount: Decimal = Decimal("0")
    version: int = 0

    def as_row(self):
        return {{"id": self.id, "name": self.name, "amount": str(self.amount), "version": self.version}}
""",
    '''\
def total_of(items, *, currency="EUR"):
    """The sum of what the items cost in one currency."""
    total = Decimal("0")
    for item in items:
        if item.currency != currency:
            raise ValueError(f"item {{item.id}} is in {{item.currency}}, expected {{currency}}")
        total += item.price * item.count
    return total.quantize(Decimal("0.01"))
''',
    """\
def parse_{noun}(text):
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Invalid(f"the {noun} is no JSON: {{error}}") from error
    if not isinstance(document, dict):
        raise Invalid(f"the {noun} is a {{type(document).__name__}}, expected an object")
    return {Noun}(id=document["id"], name=document.get("name", ""))
""",
    """\
async def fetch_{noun}(client, {noun}_id, *, timeout={number}.0):
    response = await client.get(f"/api/{noun}s/{{{noun}_id}}", timeout=timeout)
    if response.status_code == 404:
        return None
    response.raise_for_status()
    return parse_{noun}(response.text)
""",
    '''\
def {noun}s_since(connection, moment, limit={number}):
    """The newest first."""
    rows = connection.execute(
        "SELECT id, name, amount, version FROM {noun}s WHERE changed_at >= ? ORDER BY changed_at DESC LIMIT ?",
        (moment, limit),
    )
    return [{Noun}(*row) for row in rows]
''',
    """\
class {Noun}Cache:
    def __init__(self, size={number}):
        self._size = size
        self._kept = {{}}

    def get(self, key, make):
        if key not in self._kept:
            if len(self._kept) >= self._size:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = make(key)
        return self._kept[key]
""",
    """\
def check_{noun}(user, {noun}):
    if user.is_admin:
        return
    if {noun}.owner != user.id and user.id not in {noun}.shared_with:
        raise Forbidden(f"user {{user.id}} may not change {noun} {{{noun}.id}}")
""",
)
# What reviewers are for.
_FLAWS: Final = (
    '    print("{noun}", locals())\n',
    "    # TODO: remove once the old {noun}s are gone\n",
    '    connection.execute(f"DELETE FROM {noun}s WHERE id = {{{noun}_id}}")\n',
    "    try:\n        cleanup()\n    except Exception:\n        pass\n",
    '    password = "{noun}-{number}-changeme"\n',
)
_NOUNS: Final = ("order", "invoice", "basket", "voucher", "parcel", "refund", "customer", "tariff", "booking", "ledger")
_PROSE: Final = (
    "The {noun} is kept until its owner deletes it, and for thirty days after that.",
    "Call `load_{noun}` with the id that the listing shows; it answers `None` for what is not there.",
    "A {noun} that was changed by somebody else meanwhile is refused with `409`, and the client reads it again.",
    "Amounts are decimals as text, so that no client rounds them.",
    "At most {number} {noun}s are shown on a page.",
)


class Module:
    """One file. `edit` changes it; `patch` is what has changed since it was begun, as GitHub shows it."""

    def __init__(self, path: str, random: Random, *, parts: int, new: bool = False) -> None:
        self.path = path
        self.new = new
        self._random = random
        self._noun = random.choice(_NOUNS)
        self._prose = path.endswith(".md")
        head = f"# {self._noun}s\n" if self._prose else self._filled(_HEAD, title=f"What is known of a {self._noun}")
        self._parts = [head] + [self._part() for _ in range(parts)]
        self._before = [] if new else self._lines()

    def edit(self, count: int) -> None:
        for _ in range(count):
            place = self._random.randrange(1, len(self._parts) + 1)
            if place == len(self._parts) or self._random.random() < 0.45:
                self._parts.insert(place, self._part())
            else:
                self._parts[place] = self._reworked(self._parts[place])

    @property
    def patch(self) -> str:
        return "".join(list(unified_diff(self._before, self._lines()))[2:])

    @property
    def changed(self) -> tuple[int, int]:
        """Lines added and removed."""
        lines = self.patch.splitlines()
        return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)

    def _lines(self) -> list[str]:
        return "\n\n".join(self._parts).splitlines(keepends=True)

    def _part(self) -> str:
        return self._filled(self._random.choice(_PROSE if self._prose else _FUNCTIONS)).rstrip("\n") + "\n"

    def _reworked(self, part: str) -> str:
        lines = part.splitlines(keepends=True)
        place = self._random.randrange(1, len(lines) + 1)
        if self._prose:
            return "".join([*lines[:place], self._part(), *lines[place:]])
        flawed = self._random.random() < 0.25
        line = self._filled(self._random.choice(_FLAWS)) if flawed else f"    assert {self._noun}s_are_open()\n"
        return "".join([*lines[:place], line, *lines[place:]])

    def _filled(self, template: str, **words: str) -> str:
        noun = self._noun
        number = self._random.choice((3, 5, 10, 20, 50, 100))
        return template.format(noun=noun, Noun=noun.capitalize(), CONST=noun.upper(), number=number, **words)


def files_of(modules: Sequence[Module]) -> list[dict[str, Any]]:
    """As GitHub lists the files of a pull request."""
    listed = []
    for module in modules:
        added, removed = module.changed
        if added or removed:
            listed.append(
                {
                    "filename": module.path,
                    "status": "added" if module.new else "modified",
                    "additions": added,
                    "deletions": removed,
                    "changes": added + removed,
                    "patch": module.patch,
                }
            )
    return listed
