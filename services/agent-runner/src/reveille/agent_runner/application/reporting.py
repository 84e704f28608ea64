"""What a run tells of itself goes to its stream, in order and each once."""

from reveille.kernel.clock import Clock
from reveille.kernel.decider import Command
from reveille.kernel.errors import Transient
from reveille.kernel.events import About, Origin
from reveille.kernel.handling import Cause, Desk, Work


class Reporting:
    """The one writer of reports for a run. Only one report is under way at a time, so that none overtakes."""

    def __init__(self, stream: str, about: About, cause: bytes, *, desk: Desk, clock: Clock) -> None:
        self._stream = stream
        self._cause = Cause(about, Origin(cause))
        self._desk = desk
        self._clock = clock

    async def tell(self, command: Command) -> None:
        """Return when it is recorded, however long the log is away. Raises Rejected where the run does not allow it."""
        while True:
            work = Work(self._cause, [(self._stream, command)])
            await self._desk.submit([work])
            match work.error:
                case None:
                    return
                case Transient() as error:
                    await self._clock.sleep(min(5.0, error.retry_after))
                case error:
                    raise error
