"""Whether a draft has the parts that it was asked for, each with what belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from reveille.agents.film.crafts import FORMS, Form
from reveille.agents.film.wording import sentences_in, words_in

# Fewer words are no part of anything.
_LEAST_WORDS: Final = 4
_USUAL_SENTENCES: Final = 4
_PENALTY: Final = 12
_STRICT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """parts: what they are called, in order. kind: "" is work of no known craft. voices: how many are to be heard."""

    kind: str = ""
    parts: tuple[str, ...] = ()
    voices: int = 2


def structure_of(text: str, parts: Sequence[Mapping[str, Any]], asked: Asked) -> tuple[int, str, tuple[str, ...]]:
    """The score, why, and what is to be done. Parts that nobody asked for do no harm."""
    form = FORMS.get(asked.kind)
    if form is None or not asked.parts:
        number = len(sentences_in(text))
        if number >= _USUAL_SENTENCES:
            return 100, f"{number} sentences", ()
        lack = f"{number} of {_USUAL_SENTENCES} sentences"
        return round(100 * number / _USUAL_SENTENCES), lack, ("write some 30 words more",)
    by_name = _by_name(parts, form)
    absent = [name for name in asked.parts if not _is_there(by_name.get(name, ()), form)]
    advice = [_to_add(name, asked.parts) for name in absent]
    reasons = [
        f"{len(asked.parts) - len(absent)} of {len(asked.parts)} {form.holds if form.named == 'beat' else 'people'}"
    ]
    wanted = len(asked.parts) * (1 + len(form.fields) / 2)
    lost = len(absent) * (1 + len(form.fields) / 2)
    for name in asked.parts:
        if name in absent:
            continue
        for field in form.fields:
            if not all(str(one.get(field) or "").strip() for one in by_name[name]):
                lost += 0.5
                reasons.append(f"{name} has no {field}")
                advice.append(f"give {name} a {field}")
    # A scene without one of its beats is not nearly a scene.
    score = 100 * ((wanted - lost) / wanted) ** _STRICT
    if absent:
        reasons.append(f"missing: {', '.join(absent)}")
    faults, remedies = _FAULTS.get(form.kind, _no_faults)(parts, asked)
    score -= _PENALTY * len(faults)
    return max(0, round(score)), "; ".join((*reasons, *faults))[:300], (*advice, *remedies)


def _by_name(parts: Sequence[Mapping[str, Any]], form: Form) -> Mapping[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        found.setdefault(str(part.get(form.named, "")), []).append(part)
    return found


def _is_there(parts: Sequence[Mapping[str, Any]], form: Form) -> bool:
    said = " ".join(str(value) for part in parts for key, value in part.items() if key != form.named)
    return len(words_in(said)) >= _LEAST_WORDS


def _to_add(name: str, names: Sequence[str]) -> str:
    at = names.index(name)
    if at == 0:
        return f"add {name} at the beginning"
    if at + 1 == len(names):
        return f"add {name} at the end"
    return f"add {name} between {names[at - 1]} and {names[at + 1]}"


def _no_faults(parts: Sequence[Mapping[str, Any]], asked: Asked) -> tuple[list[str], list[str]]:
    return [], []


def _in_dialogue(parts: Sequence[Mapping[str, Any]], asked: Asked) -> tuple[list[str], list[str]]:
    """Who speaks twice in a row for too long, or speaks to nobody."""
    speakers = [str(part.get("speaker", "")) for part in parts]
    if asked.voices < 2 or len(speakers) < 2:
        return [], []
    faults = []
    if len(set(speakers)) < 2:
        faults.append("only one voice is heard")
    if sum(one == other for one, other in pairwise(speakers)) > len(speakers) // 4:
        faults.append("it does not go to and fro")
    return faults, ["let somebody answer"] if faults else []


def _in_shots(parts: Sequence[Mapping[str, Any]], asked: Asked) -> tuple[list[str], list[str]]:
    same = [
        str(other.get("beat", ""))
        for one, other in pairwise(parts)
        if one.get("size") and one["size"] == other.get("size")
    ]
    return [f"{beat} has the size of the shot before it" for beat in same], [
        f"use another size for {beat}" for beat in same
    ]


_FAULTS: Final = {"dialogue": _in_dialogue, "storyboard": _in_shots}
