"""The `reveille` command under cProfile, from when it has announced that it is up until it has been told to stop."""

import cProfile
import sys

from reveille.cli import main


def run(file: str, arguments: list[str]) -> None:
    """What the event loop's thread did is written to `file`; the other threads write and read the log."""
    profiler = cProfile.Profile()
    announce = main._announce

    def announce_and_begin(url: str) -> None:
        announce(url)
        profiler.enable()

    # The one place between start-up, whose imports would fill the profile, and the work.
    main._announce = announce_and_begin
    sys.argv = ["reveille", *arguments]
    try:
        main.main()
    finally:
        profiler.disable()
        profiler.dump_stats(file)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2:])
