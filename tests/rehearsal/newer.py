"""The version after: this one, with one more step of every schema, as an upgrade to come would bring it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.native.places import PROJECT
from deploy.native.service import SERVICES
from reveille.adapters.migrations import versions_of

STEP: Final = '''"""A table of its own, and a column where every replica writes all the time."""

from alembic import op
from sqlalchemy import Column, Text

revision = "{revision}"
down_revision = "{before}"
adds_only = True


def upgrade() -> None:
    op.create_table("rehearsed", Column("name", Text, primary_key=True))
    op.add_column("positions", Column("rehearsed", Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("positions", "rehearsed")
    op.drop_table("rehearsed")
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """python_path: its sources, which come before all else that is installed. schemas: of which version each is."""

    python_path: str
    schemas: Mapping[str, str]


def write_newer(folder: Path) -> Newer:
    sources, schemas = [], {}
    for service in SERVICES:
        source = Path(shutil.copytree(PROJECT / "services" / service / "src", folder / service))
        sources.append(str(source))
        versions = versions_of(service)
        schemas[service] = revision = f"{int(versions.newest) + 1:04}"
        place = source / versions.folder.relative_to(PROJECT / "services" / service / "src")
        (place / f"{revision}_rehearsed.py").write_text(STEP.format(revision=revision, before=versions.newest))
    return Newer(python_path=":".join(sources), schemas=schemas)
