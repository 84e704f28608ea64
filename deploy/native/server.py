"""The shape of everything that can be started and ended here, and what one kind of it has to say about itself."""

import signal
from collections.abc import Mapping, Sequence
from typing import Protocol


class Server(Protocol):
    """Start and stop it, or let happen to it what happens to servers. All calls block; none needs an event loop."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str:
        """What a client is given; the same after each start."""

    @property
    def running(self) -> bool: ...

    def start(self) -> None:
        """Returns when it answers its protocol, with the data that it had. Raises Misconfigured."""

    def stop(self) -> None:
        """As its supervisor does: its signal, then SIGKILL after its grace. Nothing happens when it has ended."""

    def kill(self) -> None:
        """SIGKILL for it and everything below it; returns when they have ended."""

    def pause(self) -> None:
        """SIGSTOP for it and everything below it: connections stay, and nobody answers."""

    def resume(self) -> None: ...


class Program(Protocol):
    """What is to be run as one process. grace: seconds that it has to end after stop_signal."""

    @property
    def name(self) -> str: ...

    @property
    def about(self) -> Mapping[str, str]:
        """Where it can be reached, by name; `address` always."""

    @property
    def ports(self) -> Sequence[int]:
        """Those that must be free before it starts."""

    @property
    def stop_signal(self) -> signal.Signals: ...

    @property
    def grace(self) -> float: ...

    @property
    def environment(self) -> Mapping[str, str]: ...

    def prepare(self) -> None:
        """Make what it needs: complete or not at all, and once."""

    def command(self) -> Sequence[str]: ...

    def answers(self) -> bool:
        """Whether it does what it is there for, asked in its own protocol."""
