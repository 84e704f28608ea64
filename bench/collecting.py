"""The garbage collector as `reveille up` sets it, so that the floors have it too."""

import gc


def tame() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
