"""A real git repository whose branch has flaws at known lines."""

import os
import subprocess
from pathlib import Path
from typing import Final

# Put together here, so that no scanner takes this file for a leak.
KEY: Final = "AKIA" + "IOSFODNN7EXAMPLE"
BEFORE: Final = {
    "src/app/orders.py": '"""Orders."""\n\n\ndef total(prices):\n    """The sum."""\n    return sum(prices)\n',
    "README.md": "# app\n",
}
AFTER: Final = {
    "src/app/orders.py": (
        '"""Orders."""\n\n\ndef total(prices):\n    """The sum."""\n'
        "<<<<<<< HEAD\n    return sum(prices)\n=======\n    return round(sum(prices), 2)\n>>>>>>> rounding\n"
    ),
    "src/app/export.py": (
        f'"""Export."""\n\nimport os\n\nACCESS = "{KEY}"\n\n\ndef size(path):\n'
        "    breakpoint()\n    return os.path.getsize(path)\n"
    ),
}
# What stands where in AFTER: the rule that finds it, its file and its line.
FLAWS: Final = {
    ("secret", "src/app/export.py", 5),
    ("debug-leftover", "src/app/export.py", 9),
    ("conflict-marker", "src/app/orders.py", 6),
}


class Repository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet")
        self.before = self.commit(BEFORE, "Start")
        self.git("switch", "--quiet", "--create", "exporter")
        self.after = self.commit(AFTER, "Add an exporter")
        self.git("switch", "--quiet", "main")

    def commit(self, files: dict[str, str], message: str) -> str:
        """The id of the new commit."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        """With nobody's own settings, so that it does the same everywhere."""
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in IDENTITY.items()}
        nobody = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", **who}
        command = ["git", "-c", "init.defaultBranch=main", *arguments]
        return subprocess.run(command, cwd=self.folder, env=nobody, check=True, capture_output=True, text=True).stdout

    def pushed(self) -> dict[str, str]:
        """What a hook posts about the branch."""
        return {
            "repository": "acme/app",
            "path": str(self.folder),
            "ref": "refs/heads/exporter",
            "before": self.before,
            "after": self.after,
            "actor": "ada",
            "message": "Add an exporter",
        }


IDENTITY: Final = {"NAME": "Ada", "EMAIL": "ada@example.org"}
