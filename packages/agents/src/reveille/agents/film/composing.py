"""Everybody's approved work as one document: beats with what is done, said, seen and lit in each."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reveille.agents.film.crafts import FORMS, craft_of
from reveille.agents.film.plot import introduced, logline
from reveille.agents.film.scene import ORDER, TITLES, Scene
from reveille.agents.film.telltale import STOP
from reveille.agents.film.wording import capital
from reveille.agents.reading import clean

_MOST_OF_TEXT: Final = 19_000
_MOST_OF_SECTION: Final = 8_000
_MOST_NOTES: Final = 30
_SPEAKER: Final = 24
_SPEECH: Final = 12


def composed(scene: Scene, departments: Mapping[str, Mapping[str, Any]], results: Mapping[str, Any]) -> dict[str, Any]:
    """`{title, logline, slug, cast, beats, sections, departments, text, notes, …}` of the work that was approved."""
    works: dict[str, Mapping[str, Any]] = {}
    others: list[tuple[str, str]] = []
    notes: list[str] = []
    told: dict[str, Any] = {}
    for name, department in departments.items():
        outputs = department.get("outputs")
        outputs = outputs if isinstance(outputs, Mapping) else {}
        scores = []
        for specialist, output in outputs.items():
            output = output if isinstance(output, Mapping) else {}
            draft, status = results.get(str(output.get("step", ""))), str(output.get("status") or "failed")
            if status != "approved" or not isinstance(draft, Mapping):
                notes.append(f"without {specialist}: its work is {status if status != 'approved' else 'not there'}")
                continue
            scores.append(_score(output))
            kind = draft.get("kind") if draft.get("kind") in FORMS else craft_of(str(specialist))
            if isinstance(kind, str) and kind in FORMS and kind not in works:
                works[kind] = draft
            else:
                others.append((str(specialist), clean_text(draft.get("text"))))
        if not outputs:
            notes.append(f"without {department.get('title') or name}: it was not woken")
        told[name] = {
            "title": str(department.get("title") or name),
            "relevance": department.get("relevance"),
            "score": round(sum(scores) / len(scores)) if scores else None,
            "status": "not woken"
            if not outputs
            else "approved"
            if len(scores) == len(outputs)
            else "partial"
            if scores
            else "rejected",
        }
    notes += [f"without a {FORMS[kind].title.lower()}" for kind in ("plot",) if kind not in works and works]
    title, beats = _title(scene), _beats(works)
    sections = [
        {"name": FORMS[kind].title, "text": clean_text(works[kind].get("text"))} for kind in _PRINTED if kind in works
    ]
    sections += [{"name": name, "text": text} for name, text in others if text]
    text = _screenplay(scene, title, beats, sections, works, notes)
    made = ", ".join([FORMS[kind].title.lower() for kind in FORMS if kind in works] + [name for name, _ in others])
    return {
        "title": title,
        "logline": clean(logline(scene), 400),
        "slug": clean(scene.slug, 120),
        "genre": scene.genre,
        "cast": [{"name": one.name, "role": clean(one.role, 80)} for one in scene.cast],
        "beats": beats,
        "sections": sections,
        "departments": told,
        "text": text,
        "notes": [clean(note, 200) for note in notes][:_MOST_NOTES],
        "summary": clean(
            f"{title}: {scene.genre} {scene.at} in {len(beats)} beats, with {made or 'no work of anybody'}", 300
        ),
    }


_PRINTED: Final = ("characters", "motivations", "storyboard", "lighting")


def clean_text(value: Any) -> str:
    return value[:_MOST_OF_SECTION] if isinstance(value, str) else ""


def _score(output: Mapping[str, Any]) -> float:
    score = output.get("score")
    return float(score) if isinstance(score, int | float) and not isinstance(score, bool) else 0.0


def _title(scene: Scene) -> str:
    """Of what it turns on: what is held in it, or where it is."""
    if not scene.premise.thing and not scene.premise.place and scene.premise.people and scene.cast[0].role:
        named = scene.cast[0].role.removeprefix("one of ")
    else:
        named = scene.thing if scene.premise.thing or not scene.premise.place else scene.place
    words = [word if at and word in STOP else capital(word) for at, word in enumerate(named.split())]
    return " ".join(
        words if words[0] == "The" or scene.premise.place == named else ["The", *words[words[0] == "the" :]]
    )


def _beats(works: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the treatment; where there is none, of a scene."""
    entries = {
        kind: _entries(works.get(kind, {}), FORMS[kind].holds)
        for kind in ("plot", "dialogue", "storyboard", "lighting")
    }
    names = [str(one.get("beat", "")) for one in entries["plot"]]
    said = {str(one.get("beat", "")) for kind, told in entries.items() if kind != "plot" for one in told} - set(names)
    places = {name: at for at, name in enumerate(ORDER)}
    if not names:
        names = sorted(said, key=lambda name: (places.get(name, len(places)), name))
    else:
        for name in sorted(said, key=lambda name: (places.get(name, len(places)), name)):
            before = [at for at, one in enumerate(names) if places.get(one, 99) < places.get(name, 99)]
            names.insert(before[-1] + 1 if before else 0, name)
    beats = []
    for name in dict.fromkeys(names):
        beat: dict[str, Any] = {"beat": name, "title": TITLES.get(name, name.upper())}
        beat["action"] = " ".join(str(one.get("text", "")) for one in entries["plot"] if one.get("beat") == name)
        beat["dialogue"] = [
            {"speaker": str(one.get("speaker", "")), "line": str(one.get("line", ""))}
            for one in entries["dialogue"]
            if one.get("beat") == name
        ]
        beat["shots"] = [
            {key: str(one[key]) for key in ("size", "move", "text") if one.get(key)}
            for one in entries["storyboard"]
            if one.get("beat") == name
        ]
        beat["light"] = [
            {key: str(one[key]) for key in ("purpose", "key", "fill", "colour", "change", "text") if one.get(key)}
            for one in entries["lighting"]
            if one.get("beat") == name
        ]
        beats.append(beat)
    return beats


def _entries(work: Mapping[str, Any], holds: str) -> Sequence[Mapping[str, Any]]:
    found = work.get(holds)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _screenplay(
    scene: Scene,
    title: str,
    beats: Sequence[Mapping[str, Any]],
    sections: Sequence[Mapping[str, str]],
    works: Mapping[str, Mapping[str, Any]],
    notes: Sequence[str],
) -> str:
    lines = [title.upper(), "", logline(scene), "", scene.slug, ""]
    met: set[str] = set()
    for beat in beats:
        if beat["action"]:
            lines += [introduced(scene, beat["action"], met), ""]
        for said in beat["dialogue"]:
            lines += [f"{' ' * _SPEAKER}{said['speaker']}", f"{' ' * _SPEECH}{said['line']}", ""]
    for section in sections:
        lines += [section["name"].upper(), "", section["text"], ""]
    if notes:
        lines += ["NOTES", "", *(f"- {note}" for note in notes[:_MOST_NOTES]), ""]
    text = "\n".join(lines).strip()
    data = text.encode(errors="replace")
    return (
        text
        if len(data) <= _MOST_OF_TEXT
        else f"{data[:_MOST_OF_TEXT].decode(errors='ignore').rsplit(chr(10), 1)[0]}\n[cut]"
    )
