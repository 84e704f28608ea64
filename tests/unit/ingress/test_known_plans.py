"""Plans that are kept as they were read last."""

from reveille.contracts.common.v1.common_pb2 import Sealed
from reveille.ingress.application.known_plans import KnownPlans
from reveille.ingress.domain.inputs import Input, Plan


def plan(name: str, revision: int = 0, size: int = 1_000) -> Plan:
    one = Input(input_id="i", content=Sealed(data=b"x" * size), digest="")
    return Plan(execution_id=name, revision=revision, inputs={"i": one})


def test_the_latest_of_a_plan_is_kept() -> None:
    known = KnownPlans()
    for revision in (1, 3, 2):
        known.put("a", plan("a", revision))
    found = known.get("a")
    assert found is not None
    assert found.revision == 3
    assert known.get("b") is None


def test_those_that_nobody_asks_for_go_first() -> None:
    known = KnownPlans(max_bytes=30_000)
    for name in "abc":
        known.put(name, plan(name, size=7_000))
    known.get("a")
    known.put("d", plan("d", size=7_000))
    assert [name for name in "abcd" if known.get(name)] == ["a", "c", "d"]


def test_a_plan_that_grows_counts_once() -> None:
    known = KnownPlans(max_bytes=30_000)
    known.put("a", plan("a", size=7_000))
    for revision in range(1, 20):
        known.put("b", plan("b", revision, size=10_000))
    assert known.get("a") is not None


def test_one_that_is_too_large_alone_is_not_kept() -> None:
    known = KnownPlans(max_bytes=10_000)
    known.put("a", plan("a", size=20_000))
    assert known.get("a") is None
    known.put("b", plan("b", size=1_000))
    assert known.get("b") is not None
