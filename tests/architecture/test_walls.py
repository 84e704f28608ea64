"""The walls between rooms, and the names on their doors."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = sorted([*ROOT.glob("packages/*"), *ROOT.glob("services/*")])
CONTRACTS = ROOT / "packages/contracts/src/reveille/contracts"
SDK = ROOT / "packages/agents/src/reveille/agents/__init__.py"
# What these endings say of a class is nothing: everything manages, helps and holds data.
EMPTY_WORDS = ("Manager", "Helper", "Helpers", "Util", "Utils", "Base", "Impl", "Data", "Info")
# A page of design in a file is a sign of two ideas; generated code has none.
MAX_LINES = 400


def sources() -> Iterator[Path]:
    for member in MEMBERS:
        yield from (path for path in sorted(member.glob("src/**/*.py")) if CONTRACTS not in path.parents)


def module(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_nothing_hides_the_namespace_that_all_members_share() -> None:
    assert [module(path) for path in ROOT.glob("*/*/src/reveille/__init__.py")] == []


def test_every_member_says_that_it_is_typed() -> None:
    packages = [package for member in MEMBERS for package in member.glob("src/reveille/*") if package.is_dir()]
    assert len(packages) == len(MEMBERS)
    assert [module(package) for package in packages if not (package / "py.typed").exists()] == []


def test_every_package_marker_is_empty_but_the_sdk() -> None:
    markers = [path for path in sources() if path.name == "__init__.py" and path != SDK]
    assert len(markers) > len(MEMBERS)
    assert [module(path) for path in markers if path.read_text()] == []


def test_every_folder_with_code_is_a_package() -> None:
    # Versions of a schema and their environment are read by Alembic and imported by nobody.
    folders = {path.parent for path in sources()} - set((ROOT / "packages/adapters").rglob("migration_environment"))
    assert [module(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_module_says_what_it_is_for() -> None:
    files = [path for path in sources() if path.name != "__init__.py"]
    silent = [module(path) for path in files if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    found = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and (node.name.endswith(EMPTY_WORDS) or node.name.startswith("Base")):
                found.append(f"{module(path)}: {node.name}")
    assert found == []


def test_no_module_is_too_long_to_read_in_one_sitting() -> None:
    lengths = {module(path): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_event_names_are_unique_across_services() -> None:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for proto in sorted((ROOT / "protos").glob("reveille/*/v1/events.proto")):
        for name in re.findall(r"^message (\w+)", proto.read_text(), flags=re.MULTILINE):
            owners[name].append(proto.parent.parent.name)
    assert len(owners) > 20
    assert {name: services for name, services in owners.items() if len(services) > 1} == {}


def test_the_generated_code_is_what_the_protos_say(tmp_path: Path) -> None:
    fresh = tmp_path / "contracts"
    subprocess.run([sys.executable, ROOT / "scripts/generate_protos.py", fresh], check=True)

    def contents(folder: Path) -> dict[str, str]:
        files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {str(path.relative_to(folder)): path.read_text() for path in files}

    committed, generated = contents(CONTRACTS), contents(fresh)
    assert sorted(committed) == sorted(generated)
    stale = [name for name in generated if generated[name] != committed[name]]
    assert stale == [], "run `make protos`"


def test_a_schema_version_is_named_after_its_revision() -> None:
    versions = sorted(ROOT.glob("services/*/src/reveille/*/adapters/sql/migrations/versions/[0-9]*.py"))
    assert {path.parts[-6] for path in versions} == {path.name for path in ROOT.glob("services/*/src/reveille/*")}
    for path in versions:
        [revision] = re.findall(r'^revision(?:: str)? = "(\w+)"', path.read_text(), flags=re.MULTILINE)
        assert path.stem.startswith(f"{revision}_"), module(path)


def test_dependencies_point_where_the_walls_let_them() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([lint, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    if checked.returncode:
        pytest.fail(checked.stdout + checked.stderr)
