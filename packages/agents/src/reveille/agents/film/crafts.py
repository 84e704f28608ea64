"""The six crafts of a film scene: what each one's work consists of, by which it is briefed and measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """holds: the list in a draft; each entry is called by its `named` and has these fields beside its text.

    words: the least and the most of a scene of six beats; scaled for others. beats: its parts are beats, not people.
    """

    kind: str
    title: str
    holds: str
    named: str
    fields: tuple[str, ...]
    words: tuple[int, int]
    beats: bool
    marks: tuple[str, ...]


# In the order in which the name of a specialist is read: a `storyboard artist` draws no plot.
FORMS: Final[Mapping[str, Form]] = {
    form.kind: form
    for form in (
        Form(
            kind="dialogue", title="Dialogue", holds="lines", named="beat", fields=(), words=(110, 420), beats=True,
            marks=("dialog", "talk", "speech", "voice"),
        ),
        Form(
            kind="motivations", title="Motivations", holds="people", named="name",
            fields=("wants", "because", "obstacle", "risk"), words=(110, 420), beats=False,
            marks=("motiv", "psycholog"),
        ),
        Form(
            kind="lighting", title="Lighting plan", holds="setups", named="beat",
            fields=("purpose", "key", "fill", "colour", "change"), words=(170, 620), beats=True,
            marks=("light", "gaffer", "colour", "color", "grade"),
        ),
        Form(
            kind="storyboard", title="Shot list", holds="shots", named="beat", fields=("size", "move"),
            words=(110, 430), beats=True, marks=("storyboard", "shot", "camera", "cinemat", "visual"),
        ),
        Form(
            kind="characters", title="Characters", holds="people", named="name",
            fields=("look", "want", "need", "flaw", "fear", "voice"), words=(120, 420), beats=False,
            marks=("character", "casting", "cast"),
        ),
        Form(
            kind="plot", title="Treatment", holds="beats", named="beat", fields=(), words=(260, 700), beats=True,
            marks=("plot", "story", "script", "screen", "scene", "treatment", "writer"),
        ),
    )
}  # fmt: skip


def craft_of(specialist: str) -> str:
    """By its name; "" where that is none of these crafts."""
    name = specialist.lower()
    return next((form.kind for form in FORMS.values() if any(mark in name for mark in form.marks)), "")
