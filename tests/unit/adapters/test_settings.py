"""Settings from the environment, and what is said when they are wrong."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from reveille.adapters.settings import read_settings, setting
from reveille.kernel.errors import Misconfigured


def _share(text: str) -> float:
    if not 0 <= float(text) <= 1:
        raise ValueError("a number from 0 to 1")
    return float(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    port: int = setting("REVEILLE_PORT", default=3004, aliases=("ORCHESTRATOR_PORT", "WS_PORT"))
    data: Path = setting("REVEILLE_DATA", default=Path(".reveille"))
    verbose: bool = setting("REVEILLE_VERBOSE", default=False)
    bus: Literal["embedded", "kafka"] = setting("REVEILLE_BUS", default="embedded")
    roots: tuple[Path, ...] = setting("REVEILLE_REPOS", default=())
    secret: str | None = setting(
        "REVEILLE_GITHUB_SECRET", default=None, aliases=("GITHUB_WEBHOOK_SECRET",), secret=True
    )
    sampled: float = setting("REVEILLE_SAMPLED", default=1.0, parse=_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needy:
    key: str = setting("REVEILLE_KEY", secret=True)


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings(Settings, {}) == Settings()


def test_each_type_is_read() -> None:
    environ = {
        "REVEILLE_PORT": "8080",
        "REVEILLE_DATA": "/var/lib/reveille",
        "REVEILLE_VERBOSE": "Yes",
        "REVEILLE_BUS": "kafka",
        "REVEILLE_REPOS": "/a, /b,",
        "REVEILLE_SAMPLED": "0.5",
    }
    assert read_settings(Settings, environ) == Settings(
        port=8080,
        data=Path("/var/lib/reveille"),
        verbose=True,
        bus="kafka",
        roots=(Path("/a"), Path("/b")),
        sampled=0.5,
    )


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings(Settings, {"REVEILLE_PORT": ""}).port == 3004


def test_an_older_name_counts_where_the_newer_is_not_set() -> None:
    assert read_settings(Settings, {"WS_PORT": "1", "ORCHESTRATOR_PORT": "2"}).port == 2
    assert read_settings(Settings, {"WS_PORT": "1", "REVEILLE_PORT": "3"}).port == 3


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("It's a Secret to Everybody\n")
    environ = {"REVEILLE_GITHUB_SECRET_FILE": str(tmp_path / "secret")}
    assert read_settings(Settings, environ).secret == "It's a Secret to Everybody"


def test_an_older_name_may_name_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    assert read_settings(Settings, {"GITHUB_WEBHOOK_SECRET_FILE": str(tmp_path / "secret")}).secret == "s"


def test_a_setting_that_is_no_secret_is_not_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1")
    assert read_settings(Settings, {"REVEILLE_PORT_FILE": str(tmp_path / "port")}).port == 3004


def test_a_secret_is_not_shown() -> None:
    assert "hush" not in repr(read_settings(Settings, {"REVEILLE_GITHUB_SECRET": "hush"}))


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"REVEILLE_PORT": "high"}, "REVEILLE_PORT is 'high', expected a whole number"),
        ({"WS_PORT": "high"}, "WS_PORT is 'high', expected a whole number"),
        ({"REVEILLE_VERBOSE": "maybe"}, "REVEILLE_VERBOSE is 'maybe', expected true or false"),
        ({"REVEILLE_BUS": "nats"}, "REVEILLE_BUS is 'nats', expected one of embedded, kafka"),
        ({"REVEILLE_SAMPLED": "2"}, "REVEILLE_SAMPLED is '2', expected a number from 0 to 1"),
        (
            {"REVEILLE_GITHUB_SECRET": "a", "REVEILLE_GITHUB_SECRET_FILE": "b"},
            "REVEILLE_GITHUB_SECRET and REVEILLE_GITHUB_SECRET_FILE are both set, expected one of them",
        ),
        (
            {"REVEILLE_GITHUB_SECRET_FILE": "/no/file"},
            "REVEILLE_GITHUB_SECRET_FILE names /no/file, expected a file that can be read: No such file or directory",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(environ: dict[str, str], message: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        read_settings(Settings, environ)
    assert str(refused.value) == message


def test_a_setting_without_a_default_must_be_given() -> None:
    with pytest.raises(Misconfigured, match="REVEILLE_KEY is not set, expected a text"):
        read_settings(Needy, {})


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(Misconfigured, match="which is empty"):
        read_settings(Needy, {"REVEILLE_KEY_FILE": str(tmp_path / "secret")})
