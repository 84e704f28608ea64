"""Rules made ready: each text is compiled once, whatever fleet it stands in."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from reveille.analyzer.domain.rules import CompiledRule, Paths, RuleIndex, Where
from reveille.kernel.facts import Facts

KEPT: Final = 64


class Rules:
    """The rules of each tenant's fleet at a revision. Pure in what it answers; it keeps what it has compiled."""

    def __init__(self, facts: Facts, *, where: Callable[[str], Where], paths: Callable[[Sequence[str]], Paths]) -> None:
        self._facts = facts
        self._where = where
        self._paths = paths
        self._indexes: OrderedDict[tuple[str, int], RuleIndex] = OrderedDict()

    async def at(self, tenant: str, revision: int) -> RuleIndex:
        key = (tenant, revision)
        index = self._indexes.get(key)
        if index is None:
            fleet = await self._facts.fleet(tenant, revision)
            index = RuleIndex(
                CompiledRule(
                    rule=rule,
                    where=self._where(rule.where) if rule.where else None,
                    paths=self._paths(tuple(rule.paths)) if rule.paths else None,
                )
                for rule in fleet.rules.values()
            )
            self._indexes[key] = index
            if len(self._indexes) > KEPT:
                self._indexes.popitem(last=False)
        return index
