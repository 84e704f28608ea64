"""Words that are missing from a draft, brought in by the pieces of the prompt that they stand in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from reveille.agents.film import choosing
from reveille.agents.film.lexicon import entries
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import Scene
from reveille.agents.film.wording import capital, stem, stems_in, words_in

_MOST_WOVEN: Final = 5


def mentioning(craft: Craft, scene: Scene, parts: list[Part], words: Sequence[str]) -> list[Part]:
    """The parts with lines that bring the words, in what the prompt says of them; a few at a time."""
    missing = {stem(part): word for word in words for part in words_in(word)}
    if not missing or not parts:
        return parts
    fuller = craft.fuller(scene)
    told = []
    for part in parts:
        lines = tuple(
            fuller[line] if line in fuller and _brings(fuller[line], missing) else line for line in part.lines
        )
        told.append(replace(part, lines=lines))
    there = {one for part in told for line in (*part.lines, *part.fields.values()) for one in stems_in(line)}
    for one in there & missing.keys():
        missing.pop(one)
    woven = 0
    used = {line for part in told for line in part.lines}
    while missing and woven < _MOST_WOVEN:
        word, piece, clause = _piece(scene, next(iter(missing)), missing)
        # Spread over the parts; the opening and the ending are left alone where there are others.
        at = (
            1 + (woven + choosing.number(scene.prompt, craft.form.kind)) % max(1, len(told) - 2)
            if len(told) > 2
            else -1
        )
        new = _woven(craft, scene, piece, clause, used=used, before=told[at].lines)
        told[at] = replace(told[at], lines=(*told[at].lines, *new))
        used.update(new)
        for one in {word, *stems_in(" ".join(new))} & missing.keys():
            missing.pop(one)
        woven += 1
    return told


def _brings(line: str, missing: Mapping[str, str]) -> bool:
    return bool(missing.keys() & set(stems_in(line)))


def _piece(scene: Scene, wanted: str, missing: Mapping[str, str]) -> tuple[str, str, bool]:
    """The piece of the prompt that brings the most of what is missing, the wanted stem among it."""
    fitting = [phrase for phrase in scene.phrases if wanted in phrase.stems]
    if fitting:
        best = max(fitting, key=lambda one: (len(one.stems & missing.keys()), -len(one.text)))
        return wanted, best.text, best.clause
    for sentence in (scene.happens, *scene.also):
        if wanted in stems_in(sentence):
            return wanted, sentence.rstrip("."), True
    return wanted, missing[wanted], False


def _woven(
    craft: Craft, scene: Scene, piece: str, clause: bool, *, used: Iterable[str], before: Sequence[str]
) -> list[str]:
    """Each way of saying it once. Who did not speak last begins, and nobody says `the keeper` of himself."""
    packs: Mapping[str, Sequence[str]] = entries("weaves")[craft.form.kind]
    kind = "clause" if clause else "np"
    speakers = [scene.cast[0], scene.other]
    if craft.replies is not None:
        if before and before[-1].startswith(f"{speakers[0].name.upper()}:") and not scene.solo:
            speakers.reverse()
        for whose, person in zip(("self", "other"), speakers, strict=True):
            if not clause and person.role and person.role.lower() in piece.lower():
                kind = whose
    said: list[str] = []
    pack = [one for one in packs[kind] if not (scene.solo and "neither" in one)]
    for template in choosing.in_turn(scene.prompt, f"weave/{kind}", pack):
        lines = scene.fill(template, np=piece, Np=capital(piece)).split("|")
        said = lines
        if craft.replies is not None:
            told = zip(speakers, lines, strict=True)
            said = [f"{person.name.upper()}: {line}" for person, line in told][: 1 if scene.solo else 2]
        if not any(_same_way(template, line) for line in used):
            break
    return said


def _same_way(template: str, line: str) -> bool:
    """Whether the line was made of the template."""
    fixed = max((piece for piece in template.split("|")[0].replace("{Np}", "{np}").split("{np}")), key=len)
    return fixed.strip(" .?") in line and "{" not in fixed if len(fixed) > 8 else False
