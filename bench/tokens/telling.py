"""The comparison for people, as a table, and for programs, as figures."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from bench.figure import RATIO, Figure, Target
from bench.tokens.claim import DAYS, SAVED, SEED_REVIEW, SEED_TOKENS, Comparison
from bench.tokens.scoring import Score


def show(found: Comparison, console: Console) -> None:
    part, every = found.setting, found.setting.fleet.limits.poll_every_ms / 1000
    table = Table(title=f"{_span(found)}, seed {part.seed}: {len(part.happened)} happenings", box=box.SIMPLE_HEAD)
    table.add_column("")
    for heading in ("woken by events", f"asking every {every:g} s", "the claim: woken", "the claim: asking"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in _rows(found):
        table.add_row(*row)
    console.print(table)
    colour = "red" if found.missed() else "green"
    least = f", to be at least {SAVED:.0%}" if part.whole_day else " in the busiest hours; the claim is about a day"
    console.print(f"[{colour}]{found.saved:.2%} of the tokens saved[/]{least}", highlight=False)
    for line in found.missed()[:20]:
        console.print(f"[red]{line}[/]", highlight=False)


def figures(found: Comparison) -> list[Figure]:
    """The value is that of the woken agents, the floor that of the asking ones, on the same happenings."""
    a, b, hours = found.woken, found.polled, found.setting.hours
    each = "day" if found.setting.whole_day else f"{hours:g} h"
    asking = "the same happenings, asked for at each interval"
    made: list[Figure] = []

    def add(
        name: str,
        title: str,
        unit: str,
        value: float,
        floor: float,
        target: Target | None = None,
        claimed: tuple[int, int] | None = None,
    ) -> None:
        made.append(
            Figure(
                name=name,
                title=title,
                unit=unit,
                values=[value],
                floors=[floor] if floor else [],
                floor_is=asking if floor else "",
                target=target,
                beside=dict(zip(("claimed, woken", "claimed, asking"), claimed, strict=True)) if claimed else {},
            )
        )

    whole = found.setting.whole_day
    title = f"of all agents, on the day of seed {found.setting.seed}"
    most, claimed = (Target(of=RATIO, most=round(1 - SAVED, 4)), SEED_TOKENS) if whole else (None, None)
    add("tokens", title, f"tokens/{each}", a.tokens, b.tokens, most, claimed)
    if a.money is not None and b.money is not None:
        add("cost", "at the fleet's price", f"{_currency(found)}/{each}", a.money, b.money)
    if whole:
        add("tokens-month", f"of {DAYS} such days", "tokens/month", a.tokens * DAYS, b.tokens * DAYS)
        if a.money is not None and b.money is not None:
            add("cost-month", f"of {DAYS} such days", f"{_currency(found)}/month", a.money * DAYS, b.money * DAYS)
    add(
        "saved", "of the asking agents' tokens", "%", found.saved * 100, 0, Target(least=SAVED * 100) if whole else None
    )
    per_review = (a.tokens_per_review, b.tokens_per_review)
    add("tokens-review", "the reviewer's tokens by its reviews", "tokens", *per_review, None, SEED_REVIEW)
    add("wakes", "wakes of all agents", f"wakes/{each}", a.wakes, b.wakes)
    add("model-calls", "questions to a model", f"calls/{each}", a.model_calls, b.model_calls)
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        title = "from when something came to be due until the skill was entered"
        add(f"reaction-{name}", title, "s", a.reaction(share), b.reaction(share))
    acted = 100 * a.judged.acted / a.judged.due if a.judged.due else 100.0
    asked = 100 * b.judged.acted / b.judged.due if b.judged.due else 100.0
    add("acted-on", f"of {a.judged.due} that should be", "%", acted, asked, Target(least=100))
    add("acted-twice", "of all pairs of a happening and an agent", "pairs", len(a.judged.twice), 0, Target(most=0))
    add("needless", "pairs that concerned nobody", "pairs", len(a.judged.needless), 0, Target(most=0))
    return made


def _rows(found: Comparison) -> Sequence[tuple[str, ...]]:
    a, b = found.woken, found.polled
    whole = found.setting.whole_day
    each = "a day" if whole else f"in {found.setting.hours:g} h"
    rows: list[tuple[str, ...]] = [
        (f"tokens {each}", f"{a.tokens:,}", f"{b.tokens:,}", *(f"{one:,}" for one in SEED_TOKENS if whole)),
        (f"cost {each}", _money(found, a, 1), _money(found, b, 1)),
    ]
    if whole:
        months = [f"{one.tokens * DAYS:,}" for one in (a, b)]
        rows += [
            ("tokens a month", *months, *(f"{one * DAYS:,}" for one in SEED_TOKENS)),
            ("cost a month", _money(found, a, DAYS), _money(found, b, DAYS)),
        ]
    reviews = [f"{one.tokens_per_review:,.0f}" for one in (a, b)]
    rows += [
        ("tokens a review", *reviews, *(f"{one:,}" for one in SEED_REVIEW)),
        ("reviews", f"{a.reviews}", f"{b.reviews}"),
        ("wakes", f"{a.wakes:,}", f"{b.wakes:,}"),
        ("wakes suppressed as loops", f"{a.suppressed:,}", f"{b.suppressed:,}"),
        ("model calls", f"{a.model_calls:,}", f"{b.model_calls:,}"),
        ("reaction, p50", f"{a.reaction(0.5):.1f} s", f"{b.reaction(0.5):.1f} s"),
        ("reaction, p99", f"{a.reaction(0.99):.1f} s", f"{b.reaction(0.99):.1f} s"),
        ("acted on, of what should be", _acted(a), _acted(b)),
        ("acted on twice", f"{len(a.judged.twice)}", f"{len(b.judged.twice)}"),
        ("acted on for nothing", f"{len(a.judged.needless)}", f"{len(b.judged.needless)}"),
    ]
    return rows


def _acted(one: Score) -> str:
    return f"{one.judged.acted} of {one.judged.due}"


def _money(found: Comparison, one: Score, days: int) -> str:
    return "no price" if one.money is None else f"{one.money * days:,.2f} {_currency(found)}"


def _currency(found: Comparison) -> str:
    return found.setting.fleet.limits.currency


def _span(found: Comparison) -> str:
    if found.setting.whole_day:
        return "A working day"
    begin, end = (f"{int(at // 3600):02}:{int(at % 3600 // 60):02}" for at in (found.setting.begin, found.setting.end))
    return f"A working day from {begin} to {end}"
