"""Whatever comes and whenever: no signal is lost, none is in two triggers, and cooldowns hold."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from reveille.analyzer.domain.gathering import Watch
from reveille.analyzer.domain.watch import Command, LookAt, Matched, Wake, decider
from reveille.contracts.analyzer.v1.events_pb2 import TriggerFired, TriggerGathered
from reveille.contracts.common.v1.common_pb2 import PRIORITY_CRITICAL, PRIORITY_MEDIUM, EventRef
from reveille.kernel.events import About
from tests.unit.manual_clock import NOON

SECOND: Final = 1_000_000
AGENT_COOLDOWN: Final = 7
TICK: Final = About("tick")
# By rule: cooldown and batch window in seconds, and how many signals a batch takes.
RULES: Final = {
    "plain": (0, 0, 500),
    "cooling": (20, 0, 500),
    "batching": (0, 9, 3),
    "both": (15, 5, 2),
    "apart": (18, 6, 4),
}
# Signals of two keys of this rule share a batch, each with its own cooldown.
APART: Final = "apart"


@dataclass(frozen=True, slots=True)
class Act:
    """after: seconds since the one before. rules: with the key of each; none: the agent was named."""

    after: int
    rules: tuple[tuple[str, int], ...]
    priority: int
    late: bool


ACTS: Final = st.lists(
    st.builds(
        Act,
        after=st.sampled_from([0, 0, 1, 1, 2, 3, 6, 12]),
        rules=st.lists(
            st.tuples(st.sampled_from(list(RULES)), st.sampled_from([0, 0, 0, 1, 2])),
            max_size=2,
            unique_by=lambda pair: pair[0],
        ).map(tuple),
        priority=st.sampled_from([1, 2, 2, 3, 3, 4]),
        late=st.booleans(),
    ),
    max_size=60,
)


@dataclass(slots=True)
class Life:
    """Of one watch: timers fire when they are due, or with the next command but one where they are late."""

    cooldown: int
    state: Watch = field(default_factory=Watch)
    now: int = NOON
    fired: list[tuple[int, TriggerFired, About]] = field(default_factory=list)

    def do(self, command: Command, about: About = TICK) -> None:
        for one in decider.decide(command, self.state):
            event, its = one if isinstance(one, tuple) else (one, about)
            self.state = decider.evolve(self.state, event, its)
            if isinstance(event, TriggerFired):
                self.fired.append((command.now, event, its))
            if isinstance(event, TriggerGathered):
                assert event.HasField("look_at"), "what is gathered is looked at again"
        self.is_sound()

    def is_sound(self) -> None:
        groups = list(self.state.all_groups())
        due = min((self.state.due(group) for group in groups), default=0)
        assert (self.state.look_at == 0) == (not groups)
        # Exactly when something is due; where that was before now, now.
        assert self.state.look_at == due or due <= self.state.look_at <= self.now + 1, (self.state.look_at, due)

    def tick(self, until: int) -> None:
        while self.state.look_at and self.state.look_at <= until:
            due = self.state.look_at
            self.now = max(self.now, due)
            self.do(LookAt(now=self.now, due=due))
            assert self.state.look_at != due, "a timer that has fired stays due"

    def live(self, acts: Sequence[Act]) -> None:
        for number, act in enumerate(acts):
            until = self.now + act.after * SECOND
            if not act.late:
                self.tick(until)
            self.now = max(until, self.now)
            self.do(self.wake(number, act), About(f"c{number}", f"00-{number}", number % 3))
        self.tick(self.now + 3600 * SECOND)

    def wake(self, number: int, act: Act) -> Wake:
        priority: Any = act.priority
        return Wake(
            now=self.now,
            trigger_id=f"t{number}",
            agent="a",
            matched=tuple(matched(rule, key) for rule, key in act.rules),
            priority=priority,
            signal_ids=(f"s{number}",),
            signals=(EventRef(stream=f"t.signal-{number}"),),
            fleet_revision=number,
            hop=number % 3,
            max_hops=3,
            agent_cooldown_ms=self.cooldown * 1000,
        )


def matched(rule: str, key: int) -> Matched:
    cooldown, window, most = RULES[rule]
    return Matched(
        rule=rule,
        group=f"{rule} {key // 2 if rule == APART else key}",
        max=most,
        cooldown_group=f"{rule} {key}" if cooldown else "",
        cooldown_ms=cooldown * 1000,
        window_ms=window * 1000,
    )


def by_rules(life: Life) -> list[tuple[int, TriggerFired]]:
    return [(at, fired) for at, fired, _ in life.fired if fired.rules and fired.priority != PRIORITY_CRITICAL]


@given(acts=ACTS, cooldown=st.sampled_from([0, AGENT_COOLDOWN]))
@settings(max_examples=500)
def test_each_signal_is_in_one_trigger(acts: list[Act], cooldown: int) -> None:
    life = Life(cooldown)
    life.live(acts)
    signals = Counter(id for _, fired, _ in life.fired for id in fired.signal_ids)
    assert signals == Counter(f"s{number}" for number in range(len(acts)))
    triggers = Counter(fired.trigger_id for _, fired, _ in life.fired)
    assert not triggers or max(triggers.values()) == 1


@given(acts=ACTS)
@settings(max_examples=500)
def test_two_wakes_by_rules_are_never_nearer_than_the_agents_cooldown(acts: list[Act]) -> None:
    life = Life(AGENT_COOLDOWN)
    life.live(acts)
    times = [at for at, _ in by_rules(life)]
    assert all(later - earlier >= AGENT_COOLDOWN * SECOND for earlier, later in itertools.pairwise(times))


@given(acts=ACTS, cooldown=st.sampled_from([0, AGENT_COOLDOWN]))
@settings(max_examples=500)
def test_two_wakes_by_a_rule_for_one_key_are_never_nearer_than_its_cooldown(acts: list[Act], cooldown: int) -> None:
    life = Life(cooldown)
    life.live(acts)
    keys = {f"s{number}": dict(act.rules) for number, act in enumerate(acts)}
    last: dict[tuple[str, int], int] = defaultdict(lambda: -(10**18))
    for at, fired in by_rules(life):
        wait = RULES[fired.rule][0] * SECOND
        for key in {keys[signal].get(fired.rule, -1) for signal in fired.signal_ids} if wait else set():
            assert at - last[fired.rule, key] >= wait
            last[fired.rule, key] = at


@given(acts=ACTS, cooldown=st.sampled_from([0, AGENT_COOLDOWN]))
@settings(max_examples=300)
def test_what_is_gathered_keeps_its_order_its_first_story_and_its_longest_chain(acts: list[Act], cooldown: int) -> None:
    life = Life(cooldown)
    life.live(acts)
    for _, fired, about in life.fired:
        numbers = [int(id.removeprefix("s")) for id in fired.signal_ids]
        assert numbers == sorted(numbers)
        assert [one.stream for one in fired.signals] == [f"t.signal-{number}" for number in numbers]
        assert fired.fleet_revision == numbers[-1]
        assert fired.priority == max(acts[number].priority for number in numbers)
        if fired.group:
            assert about == About(f"c{numbers[0]}", f"00-{numbers[0]}", max(number % 3 for number in numbers))
            assert fired.trigger_id == f"t{numbers[0]}"


@given(acts=ACTS)
@settings(max_examples=200)
def test_a_batch_never_waits_longer_than_its_window_where_no_cooldown_holds_it(acts: list[Act]) -> None:
    life = Life(0)
    life.live([Act(act.after, (("batching", 0),), 2, late=False) for act in acts])
    came, now = {}, NOON
    for number, act in enumerate(acts):
        now += act.after * SECOND
        came[f"s{number}"] = now
    for at, fired, _ in life.fired:
        first, last = came[fired.signal_ids[0]], came[fired.signal_ids[-1]]
        assert len(fired.signal_ids) <= 3
        assert at == (last if len(fired.signal_ids) == 3 else first + 9 * SECOND)


def test_cooldowns_that_have_ended_do_not_pile_up() -> None:
    life = Life(0)
    for number in range(5_000):
        life.now += SECOND
        one = Matched(rule="r", group=f"g{number}", max=500, cooldown_group=f"g{number}", cooldown_ms=20_000)
        life.do(
            Wake(
                now=life.now,
                trigger_id=f"t{number}",
                agent="a",
                matched=(one,),
                priority=PRIORITY_MEDIUM,
                signal_ids=(f"s{number}",),
                signals=(EventRef(stream="t.signal-1"),),
                fleet_revision=1,
                hop=0,
                max_hops=3,
            )
        )
    assert len(life.fired) == 5_000
    assert len(life.state.cooldowns) <= 60
    assert len(life.state.rotation.keys) == len(life.state.cooldowns)
