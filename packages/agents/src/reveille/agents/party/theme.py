"""The theme agent: what the party looks like and what people do there."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from reveille.agents.context import Context
from reveille.agents.party.amounts import counted
from reveille.agents.party.catalogue import Theme, themes
from reveille.agents.party.composing import composed
from reveille.agents.party.findings import Findings, Option, told
from reveille.agents.party.wishes import Wishes, wishes_of
from reveille.agents.reading import Vocabulary, joins, vocabulary, words_of
from reveille.agents.task import Task

_USUAL_GUESTS: Final = 20
# Where nobody names one: what most like at that age.
_BY_AGE: Final = ((4, "farm"), (7, "dinosaur"), (10, "superhero"), (14, "neon"), (18, "disco"), (200, "picnic"))
_ADULT: Final = 16
_MOST_ALTERNATIVES: Final = 3
_CROWD: Final = 40
_NAMING: Final = frozenset({"theme", "themed", "instead"})


async def plan_theme(task: Task, context: Context) -> dict[str, Any]:
    """`{theme, title, accent, colours, decorations, activities, mood, designs, …}`; a theme that is new is composed."""
    wishes = wishes_of(task)
    findings = Findings()
    theme, accent, known = _chosen(wishes, findings)
    guests = wishes.guests or _USUAL_GUESTS
    if wishes.guests is None:
        findings.assume(f"{guests} guests: nobody said how many come")
    if wishes.age is None:
        findings.assume("all ages: nobody said how old the guest of honour is", doubt=0.05)
    elif not theme.ages[0] <= wishes.age <= theme.ages[1]:
        findings.recommend(
            "medium", f"{theme.title} suits ages {theme.ages[0]} to {theme.ages[1]}: adapt it to {wishes.age}"
        )
        findings.doubt(0.1)
    else:
        findings.because(f"{theme.title} suits the age of {wishes.age}")
    decorations = _decorations(theme, guests)
    activities = _activities(theme, wishes.age, guests)
    findings.because(f"decorations and activities are counted for {counted(guests, 'guest')}")
    findings.recommend("low", f"order {decorations[0]} first: the rest can be had at short notice")
    named = f"{theme.title} with a touch of {accent.title.lower()}" if accent else theme.title
    colours = [*theme.colours, *(accent.colours[:1] if accent else ())]
    result = findings.result(
        f"{named} for {counted(guests, 'guest')} in {', '.join(colours[:3])}: {activities[0]}",
        theme=theme.name,
        title=theme.title,
        accent=accent.name if accent else None,
        guests=wishes.guests,
        known=known,
        colours=colours,
        decorations=decorations,
        activities=activities,
        mood=theme.mood,
        designs=list(theme.designs),
        flavours=list(theme.flavours),
        entertainment=list(theme.entertainment),
        setting=theme.setting,
        pick=Option(
            name=theme.title, score=1.0 if known else 0.6, reason=findings.first_reason(theme.mood), shown={}
        ).as_json(),
        alternatives=[option.as_json() for option in _alternatives(theme, wishes)],
    )
    return await told(result, wishes.texts, context)


def _chosen(wishes: Wishes, findings: Findings) -> tuple[Theme, Theme | None, bool]:
    """The theme, another one that is to be seen in it, and whether the catalogue has it."""
    named = _words().latest(wishes.texts)
    own = _new_one(wishes.texts)
    if named and own is None:
        theme, accent = themes()[named[0]], themes()[named[1]] if len(named) > 1 else None
        before = _words().latest(wishes.texts[:-1])
        if accent is None and before and before[0] != named[0] and joins(wishes.texts[-1]):
            # `some unicorns too` adds to the theme that there is.
            theme, accent = themes()[before[0]], theme
        findings.because(f"the last word on the theme names {theme.title}")
        if accent is not None:
            findings.because(f"{accent.title} was named with it")
        return theme, accent, True
    own = own or composed(wishes.texts)
    if own is not None:
        findings.assume(f"no theme of the catalogue is called {own.name!r}: it is composed from the words", doubt=0.25)
        findings.recommend(
            "medium", f"look over what was composed for {own.name}, or name a theme from the alternatives"
        )
        return own, None, False
    age = 200 if wishes.age is None else wishes.age
    usual = next((name for most, name in _BY_AGE if age <= most), "picnic")
    findings.assume(f"{themes()[usual].title}: nobody named a theme", doubt=0.35)
    findings.recommend("high", "name a theme")
    return themes()[usual], None, True


def _new_one(texts: Sequence[str]) -> Theme | None:
    """What was asked for by name behind the last theme that the catalogue has: `steampunk theme instead`."""
    for at in range(len(texts) - 1, -1, -1):
        if _words().chosen([texts[at]]):
            return None
        if _NAMING.intersection(words_of(texts[at])) and (own := composed([texts[at]])):
            return own
    return None


def _decorations(theme: Theme, guests: int) -> list[str]:
    return [f"{item} ({-(-guests // per)})" for item, per in theme.decorations]


def _activities(theme: Theme, age: int | None, guests: int) -> list[str]:
    unfit = () if age is None else ("kids",) if age >= _ADULT else ("adults",)
    fitting = [what for what, who in theme.activities if who not in unfit]
    teams = max(2, -(-guests // 10))
    return (
        [*fitting, f"a team game in {teams} teams"]
        if guests <= _CROWD
        else [*fitting, f"{teams} stations of ten guests"]
    )


def _alternatives(theme: Theme, wishes: Wishes) -> Sequence[Option]:
    """Those that have the most in common with it."""
    options = []
    for other in themes().values():
        score, reason = _likeness(theme, other, wishes.age)
        shown = {"theme": other.name, "colours": list(other.colours)}
        if other.name != theme.name:
            options.append(Option(name=other.title, score=score, reason=reason, shown=shown))
    return sorted(options, key=lambda option: (-option.score, option.name))[:_MOST_ALTERNATIVES]


def _likeness(theme: Theme, other: Theme, age: int | None) -> tuple[float, str]:
    shared: Mapping[str, bool] = {
        f"is {other.mood} too": other.mood == theme.mood,
        f"fits {'any place' if other.setting == 'any' else f'{other.setting} too'}": other.setting
        in (theme.setting, "any"),
        f"suits the age of {age}": age is not None and other.ages[0] <= age <= other.ages[1],
        "has the same entertainment": bool(set(theme.entertainment) & set(other.entertainment)),
    }
    reasons = [reason for reason, holds in shared.items() if holds]
    return 0.2 + 0.15 * len(reasons), " and ".join(reasons[:2]) or "is something else altogether"


@cache
def _words() -> Vocabulary:
    return vocabulary({theme.name: theme.words for theme in themes().values()})
