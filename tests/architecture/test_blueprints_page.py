"""The page about blueprints: every key stands in it, what it shows is right, and what it names is there."""

import json
import re
from importlib.resources import files
from pathlib import Path

from reveille.ingress.application.agent_catalogue import CATALOGUE, INSTANCES
from reveille.ingress.application.blueprint_steps import MAX_FACTS, MAX_STEPS
from reveille.ingress.application.blueprint_words import MAX_WORDS
from reveille.ingress.bootstrap import blueprint_from, fleet_from

PAGE = (Path(__file__).resolve().parents[2] / "docs/blueprints.md").read_text(encoding="utf-8")
FLEET_PAGE = (Path(__file__).resolve().parents[2] / "docs/fleet.md").read_text(encoding="utf-8")
SCHEMAS = files("reveille.ingress.schemas")
DEFS = json.loads(SCHEMAS.joinpath("blueprint.schema.json").read_text())["$defs"]
FLEET = json.loads(SCHEMAS.joinpath("fleet.schema.json").read_text())
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def keys_of_tables(page: str) -> set[str]:
    """What stands in the first column, without what it is made of."""
    first = [row.split("|")[1] for row in page.splitlines() if row.startswith("| `")]
    return {name for cell in first for name in re.findall(r"`(\w+)(?:[:`])", cell)}


def test_every_key_of_a_blueprint_stands_in_a_table_of_the_page() -> None:
    keys = {name for part in ("blueprint", "step", "approval") for name in DEFS[part]["properties"]}
    assert len(keys) > 20
    assert sorted(keys - keys_of_tables(PAGE)) == []


def test_every_agent_that_is_built_in_stands_in_the_page() -> None:
    section = PAGE.partition("## Agents that are built in")[2].partition("\n## ")[0]
    first = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert sorted(name for cell in first for name in re.findall(r"`([\w-]+)`", cell)) == sorted(CATALOGUE)


def test_the_bounds_that_the_page_tells_are_those_of_the_reader() -> None:
    for words in (
        f"1 to {MAX_STEPS}",
        f"at most {MAX_WORDS} of at most 80",
        f"at most {MAX_FACTS} names",
        f"at most {INSTANCES} runs at a time",
    ):
        assert words in PAGE


def test_the_examples_of_the_page_are_taken() -> None:
    blueprint, approvals, rules = EXAMPLES
    assert [step.name for step in blueprint_from(blueprint, file="example").steps] == [
        "changes",
        "notes",
        "translation",
    ]
    (gate,) = blueprint_from(blueprint + approvals, file="example").gates
    assert (gate.before, gate.risk) == ("complete", "low")
    (rule,) = fleet_from("version: 1\nagents: {}\n" + rules, file="example").rules
    assert rule.start.blueprint == "party"


def test_the_page_of_the_fleet_names_every_key_of_a_rule_and_of_the_file() -> None:
    told = set(re.findall(r"`(\w+)(?:[:.`])", FLEET_PAGE))
    rule = set(FLEET["$defs"]["rule"]["properties"])
    assert sorted((rule | set(FLEET["properties"])) - told) == []
