"""The access table as docs/access.md shows it: `python -m tests.architecture.access_page` writes it there."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from reveille.ingress.domain.access import ALLOWS, Permission
from reveille.ingress.entrypoints.access_table import GRPC, ROUTES, SOCKETS, Needs, Openness

PAGE: Final = Path(__file__).parents[2] / "docs/access.md"
BEGIN: Final = "<!-- The access table, from the code: python -m tests.architecture.access_page -->"
END: Final = "<!-- The end of the access table -->"
MEANING: Final[Mapping[Needs, str]] = {
    Openness.OPEN: "whoever can connect: it shows nothing of a tenant",
    Openness.PROOF: "whoever proves himself as the [door](doors.md) asks; which secret fitted says whose tenant it is",
    Openness.KNOWN: "whoever has shown who he is",
    Openness.PLATFORM: "the platform's own services, by a token that they make of `REVEILLE_KEY`",
}


def rendered() -> str:
    routes = {needs: [entry.name for entry in ROUTES if entry.needs == needs] for needs in _needs()}
    parts = [
        "| needs | who | routes |\n|---|---|---|",
        *(f"| {needs} | {_who(needs)} | {_codes(names)} |" for needs, names in routes.items() if names),
        "",
        "| socket | to open it | to say |\n|---|---|---|",
        *(f"| `{one.path}` | {one.needs} | {_said(one.messages)} |" for one in SOCKETS),
        "",
        "| gRPC | who | methods |\n|---|---|---|",
        *(
            f"| {needs} | {_who(needs)} | {_codes(name for name, one in GRPC.items() if one == needs)} |"
            for needs in (Openness.OPEN, Openness.PLATFORM)
        ),
    ]
    return "\n".join(parts)


def section(page: str) -> str:
    """What stands between the markers. Raises ValueError where they are not there."""
    return page[slice(*_place(page))].strip("\n")


def with_section(page: str, text: str) -> str:
    begin, end = _place(page)
    return f"{page[:begin]}\n{text}\n{page[end:]}"


def _place(page: str) -> tuple[int, int]:
    return page.index(BEGIN) + len(BEGIN), page.index(END)


def _needs() -> list[Needs]:
    return [Openness.OPEN, Openness.PROOF, Openness.KNOWN, *Permission]


def _who(needs: Needs) -> str:
    if isinstance(needs, Openness):
        return MEANING[needs]
    return ", ".join(role for role, may in ALLOWS.items() if needs in may)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _said(messages: Mapping[str, Needs]) -> str:
    by_needs: dict[Needs, list[str]] = {}
    for type, needs in messages.items():
        by_needs.setdefault(needs, []).append(type)
    return "; ".join(f"{_codes(types)}: {needs}" for needs, types in by_needs.items())


if __name__ == "__main__":
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), rendered()), encoding="utf-8")
