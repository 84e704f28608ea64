"""Folders that are watched: what is in them, what changed since it was told, and what of it is nobody's business."""

import json
import logging
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from reveille.adapters import patterns
from reveille.ingress.domain.files import Change, Stamp

logger = logging.getLogger(__name__)

# In the manner of gitignore: what tools write for themselves, and what editors write beside a file.
EXCLUDED: Final = (
    *(".git/", ".hg/", ".svn/", ".reveille/", "__pycache__/", "*.py[co]", ".venv/", "venv/", ".tox/", ".nox/"),
    *(".mypy_cache/", ".pytest_cache/", ".ruff_cache/", ".hypothesis/", ".import_linter_cache/", ".coverage"),
    *("node_modules/", ".next/", ".cache/", ".gradle/", ".terraform/", ".idea/", ".vscode/", ".DS_Store"),
    *("*~", "*.swp", "*.swx", "*.tmp", ".#*", "4913"),
)


class WatchedFolder:
    """What was told last is kept in a file, so that what changes while nobody watches is told at the next start."""

    def __init__(self, root: Path, *, memory: Path, excluded: Sequence[Path] = ()) -> None:
        """memory: the folder where that file is. excluded: places below the root that are left out."""
        self.root = root.resolve()
        self.name = self.root.name or str(self.root)
        self._memory = memory / f"{sha256(os.fsencode(self.root)).hexdigest()[:32]}.json"
        places = [place.resolve() for place in excluded]
        within = tuple(f"/{self._relative(place)}/" for place in places if place.is_relative_to(self.root))
        self._matches = patterns.paths((*EXCLUDED, *within))
        self._told: dict[str, Stamp] = {}

    def is_there(self) -> bool:
        return self.root.is_dir()

    def recall(self) -> None:
        """Read what was told last; where nothing is known, what is there now is what nobody needs to be told."""
        try:
            found = json.loads(self._memory.read_text(encoding="utf-8"))
            self._told = {path: (int(written), int(size)) for path, (written, size) in found["files"].items()}
        except FileNotFoundError:
            self._begin()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("%s cannot be read, and what changed in %s is not known: %s", self._memory, self.root, error)
            self._begin()

    def changes(self) -> dict[str, Change]:
        """All that is not as it was told last."""
        return self._differences(self._told, dict(self._found("")))

    def changes_at(self, places: Iterable[str]) -> dict[str, Change]:
        """The same, of these files and of what is below these folders alone."""
        changes: dict[str, Change] = {}
        for place in sorted(set(places)):
            path = self._relative(Path(place))
            found = dict(self._found(path))
            changes.update(self._differences(self._told_at(path, found), found))
        return changes

    def _told_at(self, path: str, found: Mapping[str, Stamp]) -> dict[str, Stamp]:
        if path in self._told:
            return {path: self._told[path]}
        if path in found:  # a new file, below which nothing can have been
            return {}
        below = f"{path}/" if path else ""
        return {name: told for name, told in self._told.items() if name.startswith(below)}

    def told(self, changes: Mapping[str, Change]) -> None:
        """Keep that these were told. Raises OSError where that cannot be written."""
        for path, change in changes.items():
            if change.after is None:
                self._told.pop(path, None)
            else:
                self._told[path] = change.after
        self._keep()

    def _begin(self) -> None:
        self._told = dict(self._found(""))
        self._keep()

    def _keep(self) -> None:
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        written = self._memory.with_suffix(".new")
        written.write_text(json.dumps({"root": str(self.root), "files": self._told}), encoding="utf-8")
        written.replace(self._memory)

    @staticmethod
    def _differences(before: Mapping[str, Stamp], after: Mapping[str, Stamp]) -> dict[str, Change]:
        return {
            path: Change(before.get(path), after.get(path))
            for path in before.keys() | after.keys()
            if before.get(path) != after.get(path)
        }

    def _found(self, path: str) -> Iterator[tuple[str, Stamp]]:
        """The files at or below a path relative to the root. Links lead nowhere."""
        todo = [] if path and (self._is_excluded(path) or self._is_excluded(f"{path}/")) else [path]
        while todo:
            place = todo.pop()
            try:
                found = (self.root / place).lstat()
                if stat.S_ISREG(found.st_mode):
                    yield place, (found.st_mtime_ns, found.st_size)
                elif stat.S_ISDIR(found.st_mode):
                    todo.extend(self._within(place))
            except OSError:  # it went, or is not ours to read
                continue

    def _within(self, place: str) -> Iterator[str]:
        with os.scandir(self.root / place) as entries:
            for entry in entries:
                path = f"{place}/{entry.name}" if place else entry.name
                if not self._is_excluded(f"{path}/" if entry.is_dir(follow_symlinks=False) else path):
                    yield path

    def _is_excluded(self, path: str) -> bool:
        return self._matches([shown(path)])

    def _relative(self, place: Path) -> str:
        return "" if place == self.root else place.relative_to(self.root).as_posix()


def shown(path: str) -> str:
    """Names of files are bytes; those that are no UTF-8 are shown with marks in them."""
    return os.fsencode(path).decode(errors="replace")
