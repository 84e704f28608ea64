"""Rules made ready: each text is compiled when it is first asked, whatever fleet it stands in."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from reveille.analyzer.domain.meaning import Meaning
from reveille.analyzer.domain.rules import CompiledRule, Paths, RuleIndex, Where
from reveille.contracts.ingress.v1.events_pb2 import Rule
from reveille.kernel.facts import Facts
from reveille.kernel.fleet import Fleet

# Indexes that are kept, and rules of theirs in all: there may be hundreds of tenants, and one may have ten thousand.
KEPT: Final = 1_000
KEPT_RULES: Final = 100_000
# Rules that are filed before others have their turn: a fleet may have ten thousand.
AT_ONCE: Final = 500


class Rules:
    """The rules of each tenant's fleet at a revision. Pure in what it answers; it keeps what it has compiled."""

    def __init__(self, facts: Facts, *, where: Callable[[str], Where], paths: Callable[[Sequence[str]], Paths]) -> None:
        self._facts = facts
        self._where = where
        self._paths = paths
        self._indexes: OrderedDict[tuple[str, int], RuleIndex] = OrderedDict()
        # In all of them.
        self._rules = 0

    async def at(self, tenant: str, revision: int) -> RuleIndex:
        key = (tenant, revision)
        index = self._indexes.get(key)
        if index is not None:
            self._indexes.move_to_end(key)
            return index
        index = await self.index((await self._facts.fleet(tenant, revision)).rules.values())
        self._keep(key, index)
        return index

    def _keep(self, key: tuple[str, int], index: RuleIndex) -> None:
        """What nobody has asked for longest is forgotten first."""
        if (before := self._indexes.pop(key, None)) is not None:  # two have asked for it at once
            self._rules -= len(before.rules)
        self._indexes[key] = index
        self._rules += len(index.rules)
        while len(self._indexes) > KEPT or (self._rules > KEPT_RULES and len(self._indexes) > 1):
            _, oldest = self._indexes.popitem(last=False)
            self._rules -= len(oldest.rules)

    async def meaning(self, tenant: str, revision: int) -> Meaning:
        fleet: Fleet = await self._facts.fleet(tenant, revision)
        return Meaning(tenant, fleet, await self.at(tenant, revision))

    async def index(self, rules: Iterable[Rule]) -> RuleIndex:
        compiled: list[CompiledRule] = []
        for number, rule in enumerate(rules, 1):
            compiled.append(self._compiled(rule))
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        return RuleIndex(compiled)

    def check(self, rules: Iterable[Rule]) -> None:
        """Raises ValueError for a text that is no expression or no pattern."""
        for rule in rules:
            if rule.where:
                self._where(rule.where)
            if rule.paths:
                self._paths(tuple(rule.paths))

    def _compiled(self, rule: Rule) -> CompiledRule:
        where, paths = rule.where, tuple(rule.paths)
        # Most of many rules are never asked: the index knows that they cannot match.
        return CompiledRule(
            rule=rule,
            where=(lambda variables: self._where(where)(variables)) if where else None,
            paths=(lambda names: self._paths(paths)(names)) if paths else None,
        )
