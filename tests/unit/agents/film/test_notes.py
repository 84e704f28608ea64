"""A head's notes are sentences; a specialist understands those in their form, and any others roughly."""

from reveille.agents.film.notes import Notes, notes_in, told


def test_what_a_head_tells_is_understood() -> None:
    said = told(
        [
            "mention son, rocks and night",
            "add turn between disturb and close",
            "add close at the end",
            "give Mara a flaw",
            'cut the repeated line "Nobody moves."',
            "write some 60 words more",
            "use another size for disturb",
            "let somebody answer",
            "cut some 12 words",
        ]
    )
    assert notes_in(said) == Notes(
        mention=("son", "rocks", "night"),
        add=("turn", "close"),
        give=(("Mara", "flaw"),),
        cut=("Nobody moves.",),
        vary=("disturb",),
        answer=True,
        more=60,
        less=12,
    )


def test_words_in_nobodys_form_are_to_be_mentioned() -> None:
    assert notes_in("I miss the red umbrella!").mention == ("miss", "red", "umbrella")


def test_no_notes_ask_for_nothing() -> None:
    assert not notes_in("")
    assert notes_in("  ") == Notes()


def test_the_same_advice_is_told_once() -> None:
    assert told(["mention son", "", "mention son"]) == "mention son"
