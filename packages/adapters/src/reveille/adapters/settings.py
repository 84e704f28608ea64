"""Settings from environment variables: a frozen dataclass says which there are, and this reads it."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, field, fields
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from reveille.kernel.errors import Misconfigured

T = TypeVar("T")
Parse = Callable[[str], Any]

_TRUTHS: Final = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def setting(
    name: str,
    *,
    default: Any = MISSING,
    aliases: tuple[str, ...] = (),
    secret: bool = False,
    parse: Parse | None = None,
) -> Any:
    """A field of a settings class. Without a default it must be given.

    aliases: older names; the first that is set counts where `name` is not. secret: may also stand in a file, whose path
    is then `<name>_FILE`, and is never shown. parse: in place of the type's own; a ValueError says what was expected.
    """
    metadata = {"name": name, "aliases": aliases, "secret": secret, "parse": parse}
    return field(default=default, repr=not secret, metadata=metadata)


def read_settings(cls: type[T], environ: Mapping[str, str]) -> T:
    """Raises Misconfigured naming the variable and what was expected. An empty variable counts as not set."""
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for one in fields(cls):  # type: ignore[arg-type]
        about = one.metadata
        found = _find(about["name"], about["aliases"], about["secret"], environ)
        if found is None:
            if one.default is MISSING:
                raise Misconfigured(f"{about['name']} is not set, expected {_expected(hints[one.name])}")
            continue
        name, text = found
        try:
            values[one.name] = about["parse"](text) if about["parse"] else _parse(hints[one.name], text)
        except ValueError as error:
            shown = "set to something else" if about["secret"] else repr(text)
            raise Misconfigured(f"{name} is {shown}, expected {error}") from None
    return cls(**values)


def _find(name: str, aliases: tuple[str, ...], secret: bool, environ: Mapping[str, str]) -> tuple[str, str] | None:
    for one in (name, *aliases):
        text, file = environ.get(one), environ.get(f"{one}_FILE") if secret else None
        if text and file:
            raise Misconfigured(f"{one} and {one}_FILE are both set, expected one of them")
        if text:
            return one, text
        if file:
            return f"{one}_FILE", _contents(f"{one}_FILE", file)
    return None


def _contents(name: str, file: str) -> str:
    try:
        text = Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Misconfigured(f"{name} names {file}, expected a file that can be read: {reason}") from error
    if not text:
        raise Misconfigured(f"{name} names {file}, which is empty, expected a secret in it")
    return text


def _parse(kind: Any, text: str) -> Any:
    """Raises ValueError with what was expected."""
    kind = _without_none(kind)
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise ValueError(_expected(kind))
        return text
    if get_origin(kind) is tuple:
        return tuple(_parse(get_args(kind)[0], part.strip()) for part in text.split(",") if part.strip())
    try:
        return _TRUTHS[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        raise ValueError(_expected(kind)) from None


def _expected(kind: Any) -> str:
    kind = _without_none(kind)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    if get_origin(kind) is tuple:
        return f"a list with commas, each {_expected(get_args(kind)[0])}"
    names: dict[Any, str] = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        Path: "a path",
        str: "a text",
    }
    return names[kind]


def _without_none(kind: Any) -> Any:
    """`str | None` → `str`."""
    if NoneType in get_args(kind):
        return next(one for one in get_args(kind) if one is not NoneType)
    return kind
