"""The demo's git repository: a real one, whose hook posts each push to the platform."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

HOOK: Final = '''#!{python}
"""Tells Reveille of a push."""
import json, os, sys, urllib.request

for line in sys.stdin:
    before, after, ref = line.split()
    push = {{"repository": "acme/app", "path": os.getcwd(), "ref": ref, "before": before, "after": after}}
    body = json.dumps({{**push, "actor": "ada"}}).encode()
    request = urllib.request.Request("{url}/webhook/git", body, {{"content-type": "application/json"}})
    print("reveille answered", urllib.request.urlopen(request, timeout=10).status)
'''

TOTAL: Final = '"""Orders."""\n\n\ndef total(prices: list[float]) -> float:\n    """The sum of all prices."""\n'
STARTING_POINT: Final = {
    "src/app/orders.py": f"{TOTAL}    return sum(prices)\n",
    "tests/test_orders.py": (
        "from app.orders import total\n\n\ndef test_total() -> None:\n    assert total([1, 2]) == 3\n"
    ),
    "README.md": "# app\n",
}
# A credential of the published example's shape, put together here so that no scanner takes this file for a leak.
EXAMPLE_KEY: Final = "AKIA" + "IOSFODNN7EXAMPLE"
FLAWED: Final = {
    "src/app/export.py": (
        "import os\n\n\n"
        "def export(orders, path):\n"
        '    print("exporting", len(orders))\n'
        f'    key = "{EXAMPLE_KEY}"\n'
        "    breakpoint()\n"
        "    with open(path, 'w') as file:\n"
        "        for order in orders:\n"
        "            file.write(str(order))\n"
        "    return os.path.getsize(path), key\n"
    ),
    "src/app/orders.py": (
        f"{TOTAL}<<<<<<< HEAD\n    return sum(prices)\n=======\n    return round(sum(prices), 2)\n>>>>>>> rounding\n"
    ),
    ".github/workflows/release.yml": "on: push\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps: []\n",
}


def make_repository(folder: Path, url: str) -> Path:
    """A bare repository with the hook, and a clone with one commit on main. Returns the clone."""
    bare, work = folder / "app.git", folder / "app"
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    _git(folder, "clone", "--quiet", str(bare), str(work))
    _commit(work, STARTING_POINT, "Start")
    _git(work, "push", "--quiet", "origin", "HEAD:main")
    hook = bare / "hooks" / "post-receive"
    hook.write_text(HOOK.format(python=sys.executable, url=url))
    hook.chmod(0o755)
    return work


def push_flawed_branch(work: Path) -> None:
    _git(work, "switch", "--quiet", "--create", "exporter")
    _commit(work, FLAWED, "Add an exporter")
    _git(work, "push", "--quiet", "origin", "exporter")


def _commit(work: Path, files: dict[str, str], message: str) -> None:
    for name, text in files.items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(work, "add", "--all")
    _git(work, "commit", "--quiet", "--message", message)


def _git(folder: Path, *arguments: str) -> None:
    """With nobody's own settings, so that it does the same everywhere."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        **{
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
        },
    }
    subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        stderr=subprocess.DEVNULL,
    )
