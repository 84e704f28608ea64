"""Fleet files and the blueprint files beside them: none is read from elsewhere, and a fleet is sent whole."""

from pathlib import Path

import pytest

from reveille.cli.fleet_files import for_sending, read_fleet
from reveille.ingress.application.fleet_document import FleetFileInvalid
from reveille.ingress.bootstrap import fleet_from

FLEET = "version: 1\nagents:\n  a: {skill: m:f}\nblueprints: [plan.yaml]\n"
PLAN = "blueprint: plan\nsteps:\n  s: {agent: a, always: true}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "fleets"
    folder.mkdir()
    (folder / "fleet.yaml").write_text(FLEET)
    return folder


def names(file: Path) -> list[str]:
    return [one.name for one in read_fleet(file).blueprints]


def test_a_blueprint_file_stands_beside_its_fleet_file_wherever_somebody_works(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "plan.yaml").write_text(PLAN)
    assert names(folder / "fleet.yaml") == ["plan", "party", "film-scene"]
    monkeypatch.chdir(folder)
    assert names(Path("fleet.yaml")) == ["plan", "party", "film-scene"]


def test_a_blueprint_file_may_stand_in_a_folder_of_that_folder(folder: Path) -> None:
    (folder / "plans").mkdir()
    (folder / "plans" / "plan.yaml").write_text(PLAN)
    (folder / "fleet.yaml").write_text(FLEET.replace("plan.yaml", "plans/plan.yaml"))
    assert names(folder / "fleet.yaml") == ["plan", "party", "film-scene"]


def test_a_mistake_in_a_blueprint_file_is_named_with_its_path(folder: Path) -> None:
    (folder / "plan.yaml").write_text(PLAN.replace("agent: a", "agent: b"))
    with pytest.raises(FleetFileInvalid) as caught:
        read_fleet(folder / "fleet.yaml")
    assert str(caught.value).startswith(f"{folder / 'plan.yaml'}:3: steps.s.agent: agent 'b' is neither in the fleet")


def test_a_link_that_leads_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text(PLAN)
    (folder / "plan.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(FleetFileInvalid, match=r"blueprints\[0\]: file .*plan.yaml leads out of the folder"):
        read_fleet(folder / "fleet.yaml")


def test_links_within_the_folder_are_followed_as_a_cluster_mounts_files(folder: Path) -> None:
    (folder / "..data").mkdir()
    (folder / "..data" / "plan.yaml").write_text(PLAN)
    (folder / "plan.yaml").symlink_to(Path("..data") / "plan.yaml")
    assert names(folder / "fleet.yaml") == ["plan", "party", "film-scene"]


def test_a_folder_of_that_name_is_no_file(folder: Path) -> None:
    (folder / "plan.yaml").mkdir()
    with pytest.raises(FleetFileInvalid, match=r"no file 'plan.yaml' stands beside the fleet file"):
        read_fleet(folder / "fleet.yaml")


def test_a_file_that_is_no_text_is_a_mistake_of_who_names_it(folder: Path) -> None:
    (folder / "plan.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(FleetFileInvalid, match=r"fleet.yaml:4: blueprints\[0\]: blueprint file .* it is no UTF-8"):
        read_fleet(folder / "fleet.yaml")


def test_what_is_sent_needs_no_folder(folder: Path) -> None:
    (folder / "plan.yaml").write_text(PLAN)
    sent = for_sending(folder / "fleet.yaml")
    assert fleet_from(sent, file="fleet") == read_fleet(folder / "fleet.yaml")
