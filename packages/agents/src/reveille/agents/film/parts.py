"""A draft in its parts: written in a first pass, and gone over again with notes."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, Final

from reveille.agents.film import choosing
from reveille.agents.film.notes import Notes
from reveille.agents.film.part import Craft, Part
from reveille.agents.film.scene import Scene
from reveille.agents.film.weaving import mentioning
from reveille.agents.film.wording import sentences_in, words_in

# A first pass stays short.
_FIRST_LINES: Final = 2
_MOST_ADDED: Final = 30
_MOST_BYTES: Final = 45_000


def first_pass(craft: Craft, scene: Scene, keys: Sequence[str]) -> list[Part]:
    """Quick and short, as first passes are: it may lack a part or a field, and lean on the same line twice."""
    seed, kind = scene.prompt, craft.form.kind
    # Never what everything turns on.
    spared = [key for key in keys[1:-1] if key not in ("turn", "disturb")] if len(keys) > 3 else []
    left_out = choosing.one_of(seed, f"{kind}/left out", spared) if spared else ""
    stock = craft.stock(scene)
    parts = []
    for key in keys:
        if key == left_out:
            continue
        lines = list(craft.pool(scene, key)[:_FIRST_LINES])
        if stock and choosing.number(seed, f"{kind}/{key}/stock") % 2:
            lines.append(stock[choosing.number(seed, f"{kind}/{key}/which") % len(stock)])
        fields = {
            name: craft.field(scene, key, name, 0)
            for name in craft.form.fields
            if choosing.number(seed, f"{kind}/{key}/{name}") % 4
        }
        parts.append(Part(key=key, fields=fields, lines=tuple(lines)))
    return parts


def revised(craft: Craft, scene: Scene, parts: Sequence[Part], notes: Notes, keys: Sequence[str]) -> list[Part]:
    """What the notes ask for and nothing else: without notes it stays as it is."""
    kept = _without(parts, notes.cut)
    kept = _with_parts(craft, scene, kept, [key for key in notes.add if key in keys], keys)
    kept = [_given(craft, scene, part, notes, at) for at, part in enumerate(kept, 1)]
    kept = mentioning(craft, scene, kept, notes.mention)
    if notes.more:
        kept = _longer(craft, scene, kept, notes.more)
    if notes.answer and craft.replies is not None:
        kept = _answered(scene, kept, craft.replies(scene))
    return _shorter(kept, notes.less) if notes.less else kept


def _answered(scene: Scene, parts: Sequence[Part], replies: Sequence[str]) -> list[Part]:
    """Where somebody speaks twice in a row, another one comes between."""
    told, before = [], ""
    names = [scene.cast[0].name.upper(), scene.other.name.upper()]
    fresh = [reply for reply in replies if not any(line.endswith(reply) for part in parts for line in part.lines)]
    for part in parts:
        lines: list[str] = []
        for line in part.lines:
            speaker = line.partition(": ")[0]
            if speaker == before and fresh:
                lines.append(f"{names[speaker == names[0]]}: {fresh.pop(0)}")
            lines.append(line)
            before = speaker
        told.append(replace(part, lines=tuple(lines)))
    return told


def _without(parts: Sequence[Part], cut: Sequence[str]) -> list[Part]:
    """The first of each repeated line stays."""
    unwanted = {_plain(line) for line in cut}
    seen: set[str] = set()
    kept = []
    for part in parts:
        lines = []
        for line in part.lines:
            plain = _plain(line)
            if plain in unwanted and plain in seen:
                continue
            seen.add(plain)
            lines.append(line)
        kept.append(replace(part, lines=tuple(lines)))
    return kept


def _plain(line: str) -> str:
    _, colon, said = line.partition(": ")
    return " ".join(words_in(said if colon and line.split(":")[0].isupper() else line))


def _with_parts(
    craft: Craft, scene: Scene, parts: Sequence[Part], add: Sequence[str], keys: Sequence[str]
) -> list[Part]:
    there = {part.key for part in parts if part.lines or part.fields}
    new = [
        Part(
            key=key,
            fields={name: craft.field(scene, key, name, 0) for name in craft.form.fields},
            lines=tuple(craft.pool(scene, key)[: 2 * _FIRST_LINES]),
        )
        for key in add
        if key not in there
    ]
    order = {key: at for at, key in enumerate(keys)}
    return sorted((*parts, *new), key=lambda part: order.get(part.key, len(order)))


def _given(craft: Craft, scene: Scene, part: Part, notes: Notes, at: int) -> Part:
    fields = dict(part.fields)
    for key, name in notes.give:
        if key == part.key and name in craft.form.fields:
            fields[name] = craft.field(scene, key, name, 0)
    if part.key in notes.vary:
        fields |= {name: craft.field(scene, part.key, name, at) for name in craft.form.fields}
    return replace(part, fields={name: fields[name] for name in craft.form.fields if name in fields})


def _longer(craft: Craft, scene: Scene, parts: list[Part], more: int) -> list[Part]:
    """Line by line to each part in turn, until it is long enough or nothing is left to say."""
    told = list(parts)
    goal = sum(part.words for part in told) + more + 10
    used = {_plain(line) for part in told for line in part.lines}
    # What says less than what is there says nothing new.
    used |= {_plain(short) for short, full in craft.fuller(scene).items() if _plain(full) in used}
    pools = {part.key: _fresh(craft.pool(scene, part.key), used) for part in told}
    step = 2 if craft.replies is not None and not scene.solo else 1
    for _ in range(_MOST_ADDED):
        for at, part in enumerate(told):
            if sum(one.words for one in told) >= goal:
                return told
            pool = pools[part.key]
            fresh, pools[part.key] = _fresh(pool[:step], used), pool[step:]
            used |= {_plain(sentence) for line in fresh for sentence in sentences_in(line)}
            told[at] = replace(part, lines=(*part.lines, *fresh))
    return told


def _fresh(lines: Sequence[str], used: Set[str]) -> list[str]:
    """Those of which nothing has been said: a line may be of several sentences, of which a draft knows each."""
    return [line for line in lines if not used & {_plain(line), *(_plain(one) for one in sentences_in(line))}]


def _shorter(parts: Sequence[Part], less: int) -> list[Part]:
    told = list(parts)
    while less > 0:
        at = max(range(len(told)), key=lambda one: len(told[one].lines), default=-1)
        if at < 0 or len(told[at].lines) < 2:
            break
        less -= len(words_in(told[at].lines[-1]))
        told[at] = replace(told[at], lines=told[at].lines[:-1])
    return told


def parts_from(craft: Craft, draft: Mapping[str, Any]) -> list[Part]:
    """Of a draft that somebody wrote; [] where it has none of its form."""
    form = craft.form
    held = draft.get(form.holds)
    entries_told = [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []
    if craft.replies is not None:
        lines: dict[str, list[str]] = {}
        for one in entries_told:
            lines.setdefault(str(one.get("beat", "")), []).append(f"{one.get('speaker', '')}: {one.get('line', '')}")
        return [Part(key=key, fields={}, lines=tuple(said)) for key, said in lines.items()]
    return [
        Part(
            key=str(one.get(form.named, "")),
            fields={name: str(one[name]) for name in form.fields if one.get(name)},
            lines=tuple(sentences_in(str(one.get("text") or ""))),
        )
        for one in entries_told
    ]


def bounded(parts: Sequence[Part]) -> list[Part]:
    """As many as a result has room for, in which each stands twice: as an entry, and in the text."""
    kept, left = [], _MOST_BYTES
    for part in parts:
        left -= sum(len(text.encode(errors="replace")) + 40 for text in (part.key, *part.lines, *part.fields.values()))
        if left < 0:
            break
        kept.append(part)
    return kept


def told_by(craft: Craft, parts: Sequence[Part]) -> list[dict[str, Any]]:
    """As JSON: an entry for each part; of a dialogue, one for each line."""
    form = craft.form
    if craft.replies is not None:
        return [
            {"beat": part.key, "speaker": line.partition(": ")[0], "line": line.partition(": ")[2]}
            for part in parts
            for line in part.lines
        ]
    return [{form.named: part.key, **part.fields, "text": " ".join(part.lines)} for part in parts]
