"""Several things at a time, each in a thread: all, or what the first that failed says."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait


def together(*, all_of: Sequence[Callable[[], None]], otherwise: Callable[[], None]) -> None:
    """Returns when all have returned. At the first failure, or ctrl-c, `otherwise` makes the rest end early."""
    if not all_of:
        return
    with ThreadPoolExecutor(len(all_of)) as threads:
        begun = [threads.submit(one) for one in all_of]
        try:
            done, _ = wait(begun, return_when=FIRST_EXCEPTION)
            for one in begun:
                if one in done:
                    one.result()
        except BaseException:
            otherwise()
            raise


def each(all_of: Sequence[Callable[[], None]]) -> None:
    """Returns when all have ended; then the first failure is raised, and none has kept another from being tried."""
    if not all_of:
        return
    with ThreadPoolExecutor(len(all_of)) as threads:
        begun = [threads.submit(one) for one in all_of]
    for one in begun:
        one.result()
