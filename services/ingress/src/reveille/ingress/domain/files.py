"""Files that changed below a folder that is watched."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reveille.contracts.common.v1.common_pb2 import SignalContent
from reveille.ingress.domain.delivery import Delivery
from reveille.ingress.domain.payload import known_paths

SOURCE: Final = "files"
KIND: Final = "files.changed"
MAX_NAMED: Final = 20
MAX_LISTED: Final = 500

# When a file was last written (nanoseconds), and its size: what tells one state of it from another.
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """None: there was no such file, or there is none any more."""

    before: Stamp | None
    after: Stamp | None

    @property
    def what(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "modified"


def changed(place: str, folder: str, changes: Mapping[str, Change]) -> Delivery:
    """place: the folder's full path, folder: its name. changes: by path relative to it, at least one.

    The key is of both states of each file, so that the same change, told again after a crash, is the same delivery, and
    a file that is removed a second time is another.
    """
    paths = sorted(changes)
    hashed = hashlib.sha256(place.encode(errors="replace"))
    for path in paths:
        hashed.update(f"\x1e{path}\x1f{changes[path].before}\x1f{changes[path].after}".encode(errors="replace"))
    told = [{"path": path, "what": changes[path].what} for path in paths[:MAX_LISTED]]
    content = SignalContent(
        repository=folder,
        title=f"{len(paths)} file{'s' if len(paths) > 1 else ''} changed in {folder}",
        summary="\n".join(f"{one['what']} {one['path']}" for one in told[:MAX_NAMED])[:2_000],
        payload=json.dumps({"folder": folder, "count": len(paths), "changes": told}, ensure_ascii=False).encode(),
    )
    if (known := known_paths(paths)) is not None:
        content.paths[:] = known
        content.paths_known = True
    return Delivery(source=SOURCE, kind=KIND, means=KIND, key=hashed.hexdigest(), content=content)
