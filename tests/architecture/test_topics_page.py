"""The page about topics: its table of inboxes is what the routing tables say."""

from pathlib import Path

from reveille.cli.catalogue import ROUTES, SERVICES
from reveille.kernel.events import service_of

PAGE = Path(__file__).resolve().parents[2] / "docs/topics.md"


def in_page() -> set[tuple[str, str, str]]:
    """Inbox, sender and event, cell by cell."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| inbox | from ingress |"))
    senders = [cell.strip().removeprefix("from ") for cell in lines[start].split("|")[2:-1]]
    assert senders == list(SERVICES)
    found = set()
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        inbox, *cells = (cell.strip() for cell in line.split("|")[1:-1])
        for sender, cell in zip(senders, cells, strict=True):
            found |= {(inbox, sender, name.strip("` ")) for name in cell.split(",") if name.strip()}
    return found


def test_the_table_of_inboxes_is_what_the_routes_say() -> None:
    routed = {
        (inbox, service_of(type_name), type_name.rpartition(".")[2])
        for type_name, inboxes in ROUTES.items()
        for inbox in inboxes
    }
    assert in_page() == routed
