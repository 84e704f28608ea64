"""The runbooks: what they tell somebody to type, to ask and to read is there."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main
import yaml

from reveille.cli.main import app

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "docs/runbooks"
PAGES: Final = sorted(path.name for path in FOLDER.glob("*.md"))
REGISTRY: Final = ROOT / "deploy/telemetry/metrics.yaml"
_TYPED: Final = re.compile(r"(?:^|`)reveille ([^`\n]+)", re.MULTILINE)
_LINK: Final = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


def complaint(line: str) -> str:
    """What is wrong with a command; "" where nothing is. Its arguments are capital letters, numbers or names."""
    command: Any = typer.main.get_command(app)
    words = line.split()
    # An alternative to its subcommands is what it does alone, and takes its options.
    while inner := getattr(command, "commands", {}).get(words[0] if words else ""):
        command, words = inner, words[1:]
    known = {name for one in command.params for name in one.opts}
    if wrong := [word for word in words if word.startswith("-") and word not in known]:
        return f"{line}: no {wrong[0]}"
    left = [word for word in words if not word.startswith("-")]
    return f"{line}: no {left[0]}" if getattr(command, "commands", {}) and left else ""


def typed(page: str) -> list[str]:
    return [line.strip() for line in _TYPED.findall((FOLDER / page).read_text())]


@pytest.mark.parametrize("page", PAGES)
def test_its_commands_are_there(page: str) -> None:
    assert [said for line in typed(page) if (said := complaint(line))] == []


def test_a_command_that_is_not_there_is_found_out() -> None:
    assert complaint("healht") != ""
    assert complaint("deadletters requeue ID") != ""
    assert complaint("audit --last 1h") != ""
    assert sum(len(typed(page)) for page in PAGES) > 40


@pytest.mark.parametrize("page", PAGES)
def test_what_it_asks_of_is_measured_and_what_it_sets_is_a_setting(page: str) -> None:
    text = (FOLDER / page).read_text()
    metrics = {one["name"] for one in yaml.safe_load(REGISTRY.read_text())["metrics"]}
    asked = set(re.findall(r"\b(?:reveille|process)_[a-z_]+", text))
    assert {re.sub(r"_(?:bucket|count|sum)$", "", one) if one not in metrics else one for one in asked} <= metrics
    settings = (ROOT / "docs/settings.md").read_text()
    told = set(re.findall(r"\b(?:REVEILLE|OTEL|ANTHROPIC|OPENAI)_[A-Z_]+\b", text))
    assert {one for one in told if f"`{one}`" not in settings} == set()


@pytest.mark.parametrize("page", PAGES)
def test_what_it_points_at_is_there(page: str) -> None:
    for path, _ in _LINK.findall((FOLDER / page).read_text()):
        assert (FOLDER / path).exists(), path


def test_the_index_has_every_page_and_every_alert() -> None:
    index = (FOLDER / "README.md").read_text()
    rules = yaml.safe_load((ROOT / "deploy/telemetry/alerts/reveille.yaml").read_text())["groups"]
    rows = {
        (alert, path)
        for line in index.splitlines()
        for path, _ in _LINK.findall(line)
        for alert in re.findall(r"`(Reveille\w+)`", line)
    }
    assert rows == {
        (rule["alert"], Path(rule["annotations"]["runbook_url"]).name) for group in rules for rule in group["rules"]
    }
