"""What a Dockerfile says, instruction by instruction, and what must hold for it."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

PINNED: Final = re.compile(r"[a-z0-9./-]+:\d+\.\d+\.\d+-[a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    said: str


def parse(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n", " ", "\n".join(lines))
    return [Instruction(*(line.split(maxsplit=1))) for line in whole.splitlines() if line.strip()]


def stages(instructions: list[Instruction]) -> list[list[Instruction]]:
    found: list[list[Instruction]] = []
    for one in instructions:
        if one.name == "FROM":
            found.append([])
        if found:
            found[-1].append(one)
    return found


def complaints(text: str, ignored: str, root: Path) -> Iterator[str]:
    """ignored: the text of .dockerignore."""
    found = stages(parse(text))
    if len(found) < 2:
        yield "one stage builds and runs"
    for stage in found:
        base = stage[0].said.split()[0]
        if not PINNED.fullmatch(base):
            yield f"the base {base} has no full version"
    yield from _of_the_last(found[-1])
    if not any("venv --without-pip /opt/reveille" in one.said for one in found[0]):
        yield "what runs has a pip of its own"
    for stage in found:
        for one in stage:
            yield from _of_sources(one, ignored, root)
            if re.search(r"/wheels/[^ ]*\[(.*?)\]", one.said):
                yield from _of_extras(one.said, root)


def _of_the_last(stage: list[Instruction]) -> Iterator[str]:
    said = {one.name: one.said for one in stage}
    if re.match(r"(0|root)\b", said.get("USER", "root")):
        yield "it runs as root"
    if any(re.search(r"\b(gcc|build-essential|pip install|pip wheel)\b", one.said) for one in stage):
        yield "what runs has what builds"
    if "org.opencontainers.image.version" not in said.get("LABEL", ""):
        yield "it does not say what it is"
    if not any(re.search(r"\bpip uninstall --yes pip\b", one.said) for one in stage):
        yield "its base's pip stays"
    check = said.get("HEALTHCHECK", "")
    if "REVEILLE_ADMIN_PORT" not in check or not _is_a_program(check.partition("CMD ")[2]):
        yield "it does not check its health"
    if not _program(said.get("CMD", "")).startswith("reveille ") or "ENTRYPOINT" in said:
        yield "its command is not reveille's"


def _of_sources(one: Instruction, ignored: str, root: Path) -> Iterator[str]:
    if one.name == "ADD":
        yield f"ADD {one.said}, expected COPY"
    if one.name != "COPY" or "--from" in one.said:
        return
    for source in shlex.split(one.said)[:-1]:
        if not (root / source).exists():
            yield f"COPY {source}, which is not there"
        if is_ignored(source, ignored):
            yield f"COPY {source}, which .dockerignore leaves out"


def _of_extras(said: str, root: Path) -> Iterator[str]:
    """pip only warns of an extra that there is not."""
    for wheel, extras in re.findall(r"/wheels/(reveille[a-z_]*)-\*\.whl\)?\[([a-z,]+)\]", said):
        there = _extras(wheel.replace("_", "-"), root)
        for extra in extras.split(","):
            if extra not in there:
                yield f"{wheel} has no extra {extra}"


def _extras(name: str, root: Path) -> set[str]:
    for path in root.glob("*/*/pyproject.toml"):
        text = path.read_text()
        if re.search(rf'^name = "{name}"$', text, flags=re.MULTILINE):
            table = text.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
            return set(re.findall(r"^([a-z]+) = ", table, flags=re.MULTILINE))
    return set()


def is_ignored(path: str, ignored: str) -> bool:
    """The last line that fits decides, as for Docker; `path` at the top of the checkout."""
    found = False
    for line in ignored.splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and fnmatch(path.strip("./"), pattern.lstrip("!").strip("/")):
            found = not pattern.startswith("!")
    return found


def _is_a_program(said: str) -> bool:
    return bool(_program(said))


def _program(said: str) -> str:
    """The exec form as one text; the shell form would be no child of Docker's that hears SIGTERM."""
    try:
        words = json.loads(said)
    except ValueError:
        return ""
    return " ".join(words) if isinstance(words, list) else ""
