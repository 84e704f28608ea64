"""The claim: agents that events wake need a twentieth of the tokens of agents that ask, and miss nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.tokens import driving
from bench.tokens.oracle import expected
from bench.tokens.running import run
from bench.tokens.scoring import Score, score
from bench.tokens.setting import Setting, setting

SAVED: Final = 0.95
# What the claim was first made of: a day's tokens, and those of a review.
SEED_TOKENS: Final = (150_000, 2_600_000)
SEED_REVIEW: Final = (1_500, 28_800)
DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    setting: Setting
    woken: Score
    polled: Score

    @property
    def saved(self) -> float:
        """The share of the poller's tokens that nobody needs."""
        return 1 - self.woken.tokens / self.polled.tokens if self.polled.tokens else 0.0

    @property
    def least_saved(self) -> float:
        """Of part of a day, the busiest one, nothing is claimed: asking costs most when nothing happens."""
        return SAVED if self.setting.whole_day else 0.0

    def missed(self) -> list[str]:
        """What the claim says and is not so, a line for each."""
        judged, least, lines = self.woken.judged, self.least_saved, list[str]()
        if self.saved < least:
            lines.append(f"{self.saved:.2%} of the tokens are saved, expected at least {least:.0%}")
        for what, found in (
            ("was not acted on", judged.missed),
            ("was acted on twice", judged.twice),
            ("was acted on and concerned nobody", judged.needless),
        ):
            lines += [f"{one} {what}" for one in found]
        return lines


def compare(*, seed: int, hours: float, say: Callable[[str], None]) -> Comparison:
    """Both runs of the same part of the same day. Raises Unsound."""
    part = setting(seed=seed, hours=hours)
    wanted = expected(part.happened, begin=part.begin, end=part.end)
    begin = part.begin - driving.BEFORE
    woken = run(lambda time: driving.woken(time, part, say), begin=begin, seed=seed)
    polled = run(lambda time: driving.polled(time, part, say), begin=begin, seed=seed)
    limits = part.fleet.limits
    return Comparison(
        setting=part,
        woken=score(woken, wanted, limits),
        polled=score(polled, wanted, limits),
    )
