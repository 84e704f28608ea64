"""What `reveille fleet diff` says of a change."""

from typing import Any

from reveille.cli.fleet import changes_in


def step(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "agent": f"{name}-agent", "reads": [], "optional": False, **more}


def change(before: dict[str, Any] | None, after: dict[str, Any] | None, how: str = "changed") -> dict[str, Any]:
    return {"kind": "blueprint", "name": "trip", "change": how, "before": before, "after": after}


def test_of_a_changed_part_each_changed_value_is_told() -> None:
    before = {"steps": [step("venue"), step("food", reads=["guests"])], "facts": ["guests"]}
    after = {"steps": [step("venue", optional=True), step("food", reads=["diet"])], "facts": ["guests"]}
    assert changes_in(change(before, after)).splitlines() == [
        "steps.venue.optional: [red]false[/red] → [green]true[/green]",
        "steps.food.reads: [red]guests[/red] → [green]diet[/green]",
    ]


def test_a_part_that_comes_or_goes_is_named_without_what_is_in_it() -> None:
    before = {"steps": [step("venue"), step("venue-2")], "facts": []}
    after = {"steps": [step("venue"), step("food")], "facts": ["guests"]}
    assert changes_in(change(before, after)).splitlines() == [
        "steps.venue-2: [red]removed[/red]",
        "facts: [red]none[/red] → [green]guests[/green]",
        "steps.food: [green]added[/green]",
    ]


def test_the_first_of_several_parts_is_told_alone() -> None:
    assert changes_in(change({"steps": []}, {"steps": [step("food")]})) == "steps.food: [green]added[/green]"


def test_what_is_new_or_gone_or_in_another_order_is_one_word() -> None:
    assert changes_in(change(None, {"steps": []}, "added")) == "added"
    both = [step("venue"), step("food")]
    assert changes_in(change({"steps": both}, {"steps": both[::-1]})) == "changed"
