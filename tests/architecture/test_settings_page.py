"""The page about settings: whatever can be set stands in it, and what stands in it can be set."""

import re
from dataclasses import fields
from pathlib import Path

from reveille.cli.settings import ServeSettings, UpSettings
from reveille.ingress.settings import Settings as IngressSettings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([A-Z][A-Z_]+[A-Z])`", PAGE))
# The commands set it: embedded or cluster.
OWN = {"REVEILLE_MODE"}


def of_classes() -> set[str]:
    found = [one.metadata for cls in (UpSettings, ServeSettings, IngressSettings) for one in fields(cls)]
    return {name for about in found for name in (about["name"], *about["aliases"])}


def in_sources() -> set[str]:
    """Whatever looks like one in a string of the sources."""
    files = [*ROOT.glob("packages/*/src/**/*.py"), *ROOT.glob("services/*/src/**/*.py")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return {name for text in texts for name in re.findall(r'"(REVEILLE_[A-Z_]+[A-Z])"', text)}


def test_every_setting_stands_in_the_page() -> None:
    assert len(of_classes()) > 50
    assert sorted((of_classes() | in_sources()) - OWN - NAMED - {f"{name}_FILE" for name in NAMED}) == []


def test_every_setting_of_ours_that_the_page_names_is_read() -> None:
    ours = {name for name in NAMED if name.startswith("REVEILLE_")}
    assert sorted(ours - of_classes() - in_sources()) == []
