"""What a prompt says is read: who, where, when, what happens, and how it is to be told."""

import pytest

from reveille.agents.film.premise import premise_of
from reveille.agents.film.scene import scene_of

LIGHTHOUSE = "A lighthouse keeper finds her estranged son on the rocks the night the light fails"


def test_people_have_roles_and_what_the_pronouns_say_of_them() -> None:
    people = premise_of(LIGHTHOUSE).people
    assert [(one.role, one.gender, one.kind) for one in people] == [
        ("lighthouse keeper", "she", "worker"),
        ("estranged son", "he", "family"),
    ]


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("Detective Ruiz interrogates a nun named Clara", ["Ruiz", "Clara"]),
        ("Anna and Ben meet at Paris station", ["Anna", "Ben"]),
        ("Suddenly the night ends", []),
        ("Ein Mann findet seinen Sohn", []),
    ],
)
def test_names_are_kept(prompt: str, names: list[str]) -> None:
    assert [one.name for one in premise_of(prompt).people if one.name] == names


@pytest.mark.parametrize(
    ("prompt", "roles"),
    [
        ("A chef cooks for the critic who ruined her", ["chef", "critic"]),
        ("Horror: a babysitter hears her own voice on the baby monitor", ["babysitter"]),
        ("A taxi driver and the pirate captain", ["taxi driver", "pirate captain"]),
        ("A sheriff waits for the outlaw he once called a friend", ["sheriff", "outlaw"]),
    ],
)
def test_a_noun_that_only_describes_another_one_or_is_a_verb_is_nobody(prompt: str, roles: list[str]) -> None:
    assert [one.role for one in premise_of(prompt).people] == roles


def test_three_sisters_are_three_with_names_of_their_own() -> None:
    cast = scene_of("Three sisters gather to sell their father's farm").cast
    assert len({person.name[0] for person in cast}) == 3
    assert {person.role for person in cast} == {"one of the sisters"}


@pytest.mark.parametrize(
    ("prompt", "at"),
    [
        (LIGHTHOUSE, "on the rocks"),
        ("a cop and a thief in an elevator", "in the elevator"),
        ("Anna and Ben meet at Paris station", "at Paris station"),
        ("a shot list and lighting for a rainy street", "in the rainy street"),
        ("The last train leaves without its driver", ""),
    ],
)
def test_a_place_is_where_it_is_said_to_be(prompt: str, at: str) -> None:
    assert premise_of(prompt).at == at


@pytest.mark.parametrize(
    ("prompt", "read"),
    [
        ("Write a dramatic dialogue scene with a surprising ending", {"twist": True, "words": ()}),
        ("A duel. Sad ending, no dialogue.", {"ending": "sad", "silent": True}),
        ("A heist at midnight in the rain, two characters", {"cast": 2, "time": "night", "weather": "rain"}),
        (
            "Two astronauts argue over the last oxygen tank",
            {"thing": "the last oxygen tank", "genre": "science fiction"},
        ),
        ("A comedy about a vampire who is afraid of blood", {"genre": "comedy"}),
        ("A monologue of a widow in 200 words", {"cast": 1, "length": 200}),
    ],
)
def test_wishes_are_read(prompt: str, read: dict[str, object]) -> None:
    premise = premise_of(prompt)
    assert {name: getattr(premise, name) for name in read} == read


def test_what_happens_is_told_with_names() -> None:
    scene = scene_of(LIGHTHOUSE)
    first, other = (person.name for person in scene.cast)
    assert scene.happens == f"{first} finds her estranged son, {other}, on the rocks the night the light fails."
    assert scene.in_short == f"{first} finds her estranged son, {other}."


def test_the_conflict_follows_from_the_prompt() -> None:
    assert scene_of(LIGHTHOUSE).conflict["name"] == "absence"
    assert scene_of("Two astronauts argue over the last oxygen tank").conflict["name"] == "last of it"
    assert scene_of("Detective Ruiz interrogates a nun").conflict["name"] == "interrogation"


def test_every_entry_of_the_lists_fits_its_place() -> None:
    from reveille.agents.film.lexicon import entries

    for name in ("beats", "solo", "moves", "weaves", "conflicts", "twists", "shots", "lights"):
        assert entries(name)
    kinds = set(entries("people"))
    assert kinds == set(entries("archetypes"))
    settings = {one["key"] for one in entries("settings")}
    for genre in entries("genres"):
        assert set(genre["settings"]) <= settings
        assert genre["mood"] in entries("lights")["moods"]
    for conflict in entries("conflicts"):
        assert (len(conflict["asks"]), len(conflict["dodges"]), len(conflict["truths"])) == (3, 3, 2)
        assert len(conflict["answers"]) == 2
