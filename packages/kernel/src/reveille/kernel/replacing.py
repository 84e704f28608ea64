"""`dataclasses.replace` for frozen slotted states, at a third of its time: every decided event goes through it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import replace
else:
    _set = object.__setattr__

    def replace(state: Any, /, **changes: Any) -> Any:
        """A copy with other values in some fields. No `__post_init__` runs; an unknown name raises AttributeError."""
        cls = type(state)
        new = cls.__new__(cls)
        for name in cls.__slots__:
            _set(new, name, changes.pop(name) if name in changes else getattr(state, name))
        for name, value in changes.items():
            _set(new, name, value)
        return new


__all__ = ["replace"]
