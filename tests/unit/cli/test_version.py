"""Which build the command is."""

from importlib.metadata import version

from typer.testing import CliRunner

from reveille.cli.main import app


def test_the_command_says_its_version() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"reveille {version('reveille')}\n")
