"""The `reveille` command under cProfile, from when it has announced that it is up until it has been told to stop."""

import cProfile
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from reveille.cli import main, serve
from reveille.cli.settings import ServeSettings


def run(folder: Path, arguments: list[str]) -> None:
    """What the event loop's thread did goes into a file of the folder, which is named after what was served."""
    profiler = cProfile.Profile()
    announce, run_service = main._announce, serve.run

    def announce_and_begin(url: str) -> None:
        announce(url)
        profiler.enable()

    def run_and_begin(
        service: str, settings: ServeSettings, environment: Mapping[str, str], *, announce: Callable[[str], None]
    ) -> None:
        def announcing(line: str) -> None:
            announce(line)
            profiler.enable()

        run_service(service, settings, environment, announce=announcing)

    # The one place between start-up, whose imports would fill the profile, and the work.
    main._announce = announce_and_begin
    serve.run = run_and_begin
    sys.argv = ["reveille", *arguments]
    try:
        main.main()
    finally:
        profiler.disable()
        served = arguments[1] if arguments[0] == "serve" else arguments[0]
        profiler.dump_stats(folder / f"{served}.{time.monotonic_ns()}.prof")


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
