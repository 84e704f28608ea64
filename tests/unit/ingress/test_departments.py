"""Blueprint files with departments: what they come to, and how a mistake in them is named."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml

from reveille.contracts.ingress.v1.events_pb2 import (
    Autopilot,
    Blueprint,
    Category,
    Department,
    Gate,
    Role,
)
from reveille.contracts.planner.v1.events_pb2 import PlanDefined, StepTerms
from reveille.ingress.application.blueprint_file import shipped_blueprint
from reveille.ingress.application.departments_file import MAX_COMPILED
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.bootstrap import blueprint_from, fleet_from

SCHEMA = json.loads(files("reveille.ingress.schemas").joinpath("blueprint.schema.json").read_text())
SMALL = """blueprint: song
orchestrator: producer
departments:
  music:
    head: composer
    specialists: [pianist, drummer]
    relevance: {words: [melody, "slow beat"]}
"""
WHOLE = """blueprint: song
title: Write a song
orchestrator: producer
departments:
  music:
    title: Music
    head: composer
    specialists: [pianist, drummer]
    relevance: {words: [melody, "slow beat"]}
  text:
    head: poet
    specialists: [rhymer]
    relevance: {words: [lyrics]}
select: {min_relevance: 0.25}
review: {min_quality: 80, max_revisions: 1}
autopilot: auto
approvals:
  - before: complete
    ask: Release the song?
"""
LONG = "blueprint: b\norchestrator: o\ndepartments:\n"


def read(text: str) -> Blueprint:
    return blueprint_from(text, file="b.yaml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(FleetFileInvalid) as caught:
        read(text)
    return list(map(str, caught.value.mistakes))


def department(name: str, specialists: int) -> str:
    listed = ", ".join(f"s{number}" for number in range(specialists))
    return f"  {name}: {{head: h, specialists: [{listed}], relevance: {{words: [w]}}}}\n"


def waiting(blueprint: Blueprint) -> dict[str, tuple[str, list[str], list[str], str]]:
    return {one.name: (one.agent, list(one.needs), list(one.after), one.for_each) for one in blueprint.steps}


def test_departments_come_to_steps_with_their_rounds_written_out() -> None:
    song = read(WHOLE)
    assert waiting(song) == {
        "orchestrate": ("producer", [], [], ""),
        "music": ("composer", ["orchestrate"], [], "orchestrate.music"),
        "music/pianist": ("pianist", ["music"], [], "music.pianist"),
        "music/drummer": ("drummer", ["music"], [], "music.drummer"),
        "music/review": ("composer", ["music"], ["music/pianist", "music/drummer"], "music.review:1"),
        "music/pianist/2": ("pianist", ["music/review"], ["music/pianist"], "music/review.pianist"),
        "music/drummer/2": ("drummer", ["music/review"], ["music/drummer"], "music/review.drummer"),
        "music/review/2": (
            "composer",
            ["music/review"],
            ["music/pianist/2", "music/drummer/2"],
            "music/review.review",
        ),
        "text": ("poet", ["orchestrate"], [], "orchestrate.text"),
        "text/rhymer": ("rhymer", ["text"], [], "text.rhymer"),
        "text/review": ("poet", ["text"], ["text/rhymer"], "text.review:1"),
        "text/rhymer/2": ("rhymer", ["text/review"], ["text/rhymer"], "text/review.rhymer"),
        "text/review/2": ("poet", ["text/review"], ["text/rhymer/2"], "text/review.review"),
        "compose": (
            "producer",
            ["orchestrate"],
            [
                *("music/pianist", "music/drummer", "music/review"),
                *("music/pianist/2", "music/drummer/2", "music/review/2"),
                *("text/rhymer", "text/review", "text/rhymer/2", "text/review/2"),
            ],
            "",
        ),
    }
    assert list(song.required) == ["orchestrate", "music/review", "text/review", "compose"]


def test_the_third_round_waits_for_the_second_one() -> None:
    steps = waiting(read(SMALL + "review: {max_revisions: 2}"))
    assert steps["music/pianist/3"] == (
        "pianist",
        ["music/review/2"],
        ["music/pianist/2"],
        "music/review/2.pianist",
    )
    assert steps["music/review/3"] == (
        "composer",
        ["music/review/2"],
        ["music/pianist/3", "music/drummer/3"],
        "music/review/2.review",
    )


def test_work_that_is_done_once_is_reviewed_once() -> None:
    steps = waiting(read(SMALL + "review: {max_revisions: 0}"))
    assert list(steps) == ["orchestrate", "music", "music/pianist", "music/drummer", "music/review", "compose"]


def test_each_step_says_whose_it_is_what_it_is_for_and_in_which_round() -> None:
    song = read(WHOLE)
    said = {one.name: (one.department, one.role, one.round) for one in song.steps}
    assert said["orchestrate"] == ("", Role.ROLE_ORCHESTRATE, 0)
    assert said["music"] == ("music", Role.ROLE_BRIEF, 0)
    assert said["music/drummer"] == ("music", Role.ROLE_DRAFT, 1)
    assert said["music/drummer/2"] == ("music", Role.ROLE_DRAFT, 2)
    assert said["text/review"] == ("text", Role.ROLE_REVIEW, 1)
    assert said["text/review/2"] == ("text", Role.ROLE_REVIEW, 2)
    assert said["compose"] == ("", Role.ROLE_COMPOSE, 0)


def test_every_input_brings_the_hierarchy_in() -> None:
    song = read(WHOLE)
    orchestrate, *others = song.steps
    assert (orchestrate.category, bool(orchestrate.ask)) == (Category(every=True), True)
    assert {one.when for one in others} == {'"orchestrate" in categories'}
    assert [one.name for one in others if one.HasField("category") or one.always] == []


def test_every_step_stands_behind_those_that_it_waits_for() -> None:
    seen = set[str]()
    for one in read(shipped_blueprint("film-scene") or "").steps:
        assert seen >= {*one.needs, *one.after}, one.name
        if one.for_each:
            assert one.for_each.partition(".")[0] in one.needs
        seen.add(one.name)


def test_what_a_hierarchy_says_stands_beside_its_steps() -> None:
    song = read(WHOLE)
    assert list(song.departments) == [
        Department(
            name="music",
            title="Music",
            head="composer",
            specialists=["pianist", "drummer"],
            words=["melody", "slow beat"],
        ),
        Department(name="text", title="text", head="poet", specialists=["rhymer"], words=["lyrics"]),
    ]
    assert (song.min_relevance, song.min_quality, song.max_revisions) == (0.25, 80, 1)
    assert song.autopilot == Autopilot.AUTOPILOT_AUTO
    gate = Gate(before="complete", ask="Release the song?", within_ms=86_400_000, otherwise="reject", risk="medium")
    assert list(song.gates) == [gate]


def test_a_hierarchy_that_says_little_has_what_is_expected() -> None:
    song = read(SMALL)
    assert (song.title, song.min_relevance, song.min_quality, song.max_revisions) == ("song", 0.3, 70, 2)
    assert (list(song.gates), song.departments[0].title) == ([], "music")


def test_the_film_scene_is_the_one_that_was_agreed_on() -> None:
    film = read(shipped_blueprint("film-scene") or "")
    assert {one.name: (one.head, list(one.specialists)) for one in film.departments} == {
        "story": ("story-head", ["plot-writer", "dialogue-writer"]),
        "character": ("character-head", ["character-designer", "motivation-writer"]),
        "visual": ("visual-head", ["storyboarder", "lighting-designer"]),
    }
    assert (film.min_relevance, film.min_quality, film.max_revisions) == (0.3, 70, 2)
    assert [(one.before, one.otherwise, one.within_ms) for one in film.gates] == [("complete", "reject", 86_400_000)]
    assert film.autopilot == Autopilot.AUTOPILOT_ASSISTED
    assert all("dramatic" in one.words for one in film.departments if one.name != "visual")
    assert len(film.steps) == 32


def changed(place: str, value: Any) -> str:
    """The small one with something else at a place; None: without it."""
    document: Any = yaml.safe_load(SMALL)
    *way, last = place.split("/")
    within = document
    for part in way:
        within = within[part]
    if value is None:
        del within[last]
    else:
        within[last] = value
    return yaml.safe_dump(document, sort_keys=False, default_flow_style=None)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            SMALL + "steps: {a: {agent: x, always: true}}",
            "b.yaml:2: orchestrator: `orchestrator` stands beside `steps`, expected either `steps`, or `orchestrator`",
        ),
        (
            SMALL + "steps: {a: {agent: x, always: true}}",
            "b.yaml:3: departments: `departments` stands beside `steps`, expected either `steps`, or",
        ),
        (
            "blueprint: b\nsteps: {a: {agent: x, always: true}}\nreview: {}",
            "b.yaml:3: review: `review` stands beside `steps`",
        ),
        (SMALL + "facts: [guests]", "b.yaml:8: facts: `facts` goes with `steps` alone, and the steps of departments"),
        (SMALL + "required: [music]", "b.yaml:8: required: `required` goes with `steps` alone"),
        (SMALL + "money: {from: [music]}", "b.yaml:8: money: `money` goes with `steps` alone"),
        ("blueprint: b\norchestrator: x", "b.yaml:1: `departments` is missing"),
        ("blueprint: b\nselect: {}", "b.yaml:1: `orchestrator` is missing"),
        (changed("orchestrator", None), "b.yaml:1: `orchestrator` is missing"),
        (changed("departments", {}), "departments: it has 0 departments, expected 1 to 20"),
        (
            LONG + "".join(department(f"d{number}", 1) for number in range(21)),
            "b.yaml:4: departments: it has 21 departments, expected 1 to 20",
        ),
        (changed("departments/music/head", None), "departments.music: `head` is missing"),
        (changed("departments/music/relevance", None), "departments.music: `relevance` is missing"),
        (changed("departments/music/relevance", {}), "departments.music.relevance: `words` is missing"),
        (
            changed("departments/music/relevance", {"words": []}),
            "departments.music.relevance.words: it has no words, expected what makes the department relevant",
        ),
        (
            changed("departments/music/relevance", {"words": ["a", "A"]}),
            "departments.music.relevance.words: 'A' stands in it twice",
        ),
        (
            changed("departments/music/relevance", {"words": [f"w{number}" for number in range(201)]}),
            "departments.music.relevance.words: it has 201 words, at most 200",
        ),
        (
            changed("departments/music/specialists", []),
            "departments.music.specialists: it has 0 specialists, expected 1 to 10",
        ),
        (
            changed("departments/music/specialists", [f"s{number}" for number in range(11)]),
            "departments.music.specialists: it has 11 specialists, expected 1 to 10",
        ),
        (
            SMALL.replace("drummer]", "pianist]"),
            "b.yaml:6: departments.music.specialists[1]: 'pianist' stands in it twice, expected each specialist once",
        ),
        (
            SMALL.replace("drummer]", "composer]"),
            "b.yaml:6: departments.music.specialists[1]: 'composer' is the head of the department too",
        ),
        (
            SMALL.replace("drummer]", "review]"),
            "b.yaml:6: departments.music.specialists[1]: the head's step is called 'review', expected a specialist of",
        ),
        (
            SMALL.replace("drummer]", "Drummer]"),
            "b.yaml:6: departments.music.specialists[1]: it is 'Drummer', expected a name of at most 63",
        ),
        (SMALL.replace("music:", "orchestrate:"), "b.yaml:4: departments.orchestrate: a step of every hierarchy is"),
        (SMALL.replace("music:", "compose:"), "b.yaml:4: departments.compose: a step of every hierarchy is called"),
        (SMALL.replace("music:", "pop/rock:"), "b.yaml:4: departments.pop/rock: it is 'pop/rock', expected a name"),
        (
            SMALL.replace("music:", "complete:") + "approvals: [{before: complete, ask: Really?}]",
            "b.yaml:4: departments.complete: an approval stands before `complete`, expected another name",
        ),
        (
            SMALL.replace("specialists:", "specialist:"),
            "b.yaml:6: departments.music.specialist: unknown key `specialist` (did you mean `specialists`?); known",
        ),
        (SMALL + "departmens: {}", "b.yaml:8: departmens: unknown key `departmens` (did you mean `departments`?)"),
        (
            SMALL + "select: {min_relevanc: 1}",
            "b.yaml:8: select.min_relevanc: unknown key `min_relevanc` (did you mean `min_relevance`?)",
        ),
        (SMALL + "select: {min_relevance: 1.5}", "b.yaml:8: select.min_relevance: it is 1.5, expected a number from 0"),
        (SMALL + "select: {min_relevance: -1}", "b.yaml:8: select.min_relevance: it is '-1', expected a number that"),
        (SMALL + "review: {min_quality: 101}", "b.yaml:8: review.min_quality: it is 101, expected a whole number from"),
        (SMALL + "review: {min_quality: 70.5}", "b.yaml:8: review.min_quality: it is '70.5', expected a whole number"),
        (SMALL + "review: {max_revisions: 6}", "b.yaml:8: review.max_revisions: it is 6, expected a whole number from"),
        (SMALL + "autopilot: off", "b.yaml:8: autopilot: it is 'off', expected one of manual, assisted, auto"),
        (
            "blueprint: b\norchestrator: o\nreview: {max_revisions: 5}\ndepartments:\n"
            + "".join(department(f"d{number}", 10) for number in range(6)),
            "b.yaml:4: departments: with 5 revisions they come to 404 steps, at most 400 are planned",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_was_expected(text: str, mistake: str) -> None:
    assert mistake in "\n".join(mistakes(text))


def test_all_mistakes_are_named_at_once() -> None:
    text = SMALL.replace("[pianist, drummer]", "[composer, composer, review]")
    assert len(mistakes(text + "select: {min_relevance: 2}\nreview: {min_quality: -1}")) == 2
    assert len(mistakes(text.replace("music", "compose"))) == 5


def test_an_agent_that_nobody_has_is_named_where_the_file_names_it() -> None:
    fleet = "version: 1\nagents: {producer: {skill: 'm:f'}, pianist: {skill: 'm:f'}}\nblueprints:\n  -"
    with pytest.raises(FleetFileInvalid) as caught:
        fleet_from(fleet + SMALL.replace("\n", "\n    ").replace("blueprint", " blueprint", 1), file="fleet.yaml")
    assert [str(one).partition(" is neither")[0] for one in caught.value.mistakes] == [
        "fleet.yaml:8: blueprints[0].departments.music.head: agent 'composer'",
        "fleet.yaml:9: blueprints[0].departments.music.specialists[1]: agent 'drummer'",
    ]


def test_departments_may_be_done_by_agents_of_the_fleet_and_by_built_in_ones() -> None:
    fleet = "version: 1\nagents: {producer: {skill: 'm:f'}, pianist: {skill: 'm:f'}}\nblueprints:\n  -"
    song = SMALL.replace("composer", "story-head").replace("drummer", "plot-writer")
    wanted = fleet_from(fleet + song.replace("\n", "\n    ").replace("blueprint", " blueprint", 1), file="fleet.yaml")
    assert [one.name for one in wanted.blueprints] == ["song", "party", "film-scene"]
    assert {one.name: one.skill for one in wanted.agents}["plot-writer"] == "reveille.agents.film.plot:write_plot"


def longest(count: int) -> str:
    """Names and titles as long as they may be."""
    head = f"blueprint: {'b' * 63}\ntitle: {'t' * 200}\norchestrator: {'o' * 63}\nreview: {{max_revisions: 5}}\n"
    departments = "".join(
        f"  d{number:062}:\n    title: {'t' * 200}\n    head: {'h' * 63}\n"
        f"    specialists: [{', '.join(f's{one:062}' for one in range(3))}]\n    relevance: {{words: [w]}}\n"
        for number in range(count)
    )
    return head + "departments:\n" + departments


def test_no_plan_that_is_taken_is_too_large_for_the_event_that_defines_it() -> None:
    short = "blueprint: b\norchestrator: o\nreview: {max_revisions: 4}\ndepartments:\n"
    most = read(short + "".join(department(f"d{number}", 3) for number in range(18)))
    assert MAX_COMPILED - 25 < len(most.steps) <= MAX_COMPILED
    assert "bytes when recorded, at most 131072 are kept" in mistakes(longest(15))[0]
    large = next(filter(None, (taken(longest(count)) for count in range(14, 0, -1))))
    assert large.ByteSize() > 100_000
    for blueprint in (most, large):
        terms = [
            StepTerms(
                step=step.name,
                attempts=20,
                backoff_ms=1 << 40,
                timeout_ms=1 << 40,
                tokens=1 << 50,
                agent_digest="f" * 64,
                compensation_timeout_ms=1 << 40,
                compensation_tokens=1 << 50,
            )
            for step in blueprint.steps
        ]
        defined = PlanDefined(execution_id="x" * 100, fleet_revision=1 << 50, blueprint=blueprint, terms=terms)
        assert defined.ByteSize() < 224 * 1024


def taken(text: str) -> Blueprint | None:
    try:
        return read(text)
    except FleetFileInvalid:
        return None


@pytest.mark.parametrize("text", [SMALL, WHOLE, shipped_blueprint("film-scene") or ""])
def test_the_schema_takes_what_the_reader_takes(text: str) -> None:
    jsonschema.validate(yaml.safe_load(text), SCHEMA)
    assert read(json.dumps(yaml.safe_load(text))) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        changed("orchestrator", None),
        changed("orchestrator", "O"),
        changed("departments", None),
        changed("departments", {}),
        changed("departments/music/head", None),
        changed("departments/music/specialists", []),
        changed("departments/music/specialists", ["a", "a"]),
        changed("departments/music/specialists", ["review"]),
        changed("departments/music/relevance", None),
        changed("departments/music/relevance", {"words": []}),
        SMALL.replace("music", "compose"),
        SMALL.replace("music", "orchestrate"),
        SMALL + "steps: {a: {agent: x, always: true}}",
        SMALL + "facts: [guests]",
        SMALL + "select: {min_relevance: 1.5}",
        SMALL + "review: {max_revisions: 6}",
        SMALL + "review: {min_quality: 101}",
        SMALL + "autopilot: none",
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), SCHEMA)
    assert mistakes(text)
