"""docs/access.md shows the access table as it is."""

from tests.architecture.access_page import PAGE, rendered, section


def test_the_page_shows_the_access_table_as_it_is() -> None:
    shown = section(PAGE.read_text(encoding="utf-8"))
    assert shown == rendered(), "python -m tests.architecture.access_page writes it anew"
