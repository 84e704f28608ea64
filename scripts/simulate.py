"""Runs the simulation: `make simulate SEEDS=500`, or one seed again with `--seed`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.simulation.__main__ import main

    sys.exit(main(sys.argv[1:]))
