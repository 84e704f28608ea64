"""Generate reveille.contracts from protos/: `make protos`.

The packages on the wire are `reveille.<service>.v1`, which as Python modules would collide with the services
themselves, so the generated imports are rewritten to `reveille.contracts.<service>.v1`.
"""

import filecmp
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
OUT = ROOT / "packages/contracts/src/reveille/contracts"


def main(out: Path) -> None:
    built = out.parent / f".{out.name}-building"
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir(parents=True)
    files = sorted(PROTOS.rglob("*.proto"))
    includes = str(resources.files("grpc_tools") / "_proto")
    targets = [f"--{kind}={built}" for kind in ("python_out", "pyi_out", "grpc_python_out")]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", f"-I{includes}", *targets]
    subprocess.run([*command, *map(str, files)], check=True)
    for path in sorted((built / "reveille").rglob("*.py*")):
        if path.name.endswith("_pb2_grpc.py") and "Stub" not in path.read_text():
            path.unlink()
            continue
        path.write_text(re.sub(r"^from reveille\.", "from reveille.contracts.", path.read_text(), flags=re.MULTILINE))
    shutil.rmtree(out, ignore_errors=True)
    shutil.move(built / "reveille", out)
    shutil.rmtree(built)
    for folder in [out, *(path for path in out.rglob("*") if path.is_dir())]:
        (folder / "__init__.py").touch()
    (out / "py.typed").touch()


def stale(committed: Path) -> list[str]:
    """What differs between the committed code and what the protos give."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "contracts"
        main(fresh)
        names = {
            path.relative_to(root)
            for root in (fresh, committed)
            for path in root.rglob("*.py*")
            if path.suffix != ".pyc"
        }
        return sorted(
            str(name)
            for name in names
            if not ((fresh / name).exists() and (committed / name).exists())
            or not filecmp.cmp(fresh / name, committed / name, shallow=False)
        )


if __name__ == "__main__":
    if "--check" in sys.argv:
        if differing := stale(OUT):
            sys.exit(f"generated code is stale, `make protos` renews it: {', '.join(differing)}")
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
