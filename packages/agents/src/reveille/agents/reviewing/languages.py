"""What a path says about a file: its language, and whether it is a test, prose, generated or a script."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """family: languages that test each other."""

    name: str
    family: str
    comment: str


_PYTHON: Final = Language("python", "python", "#")
_JAVASCRIPT: Final = Language("javascript", "javascript", "//")
_TYPESCRIPT: Final = Language("typescript", "javascript", "//")
_C: Final = Language("c", "c", "//")
_LANGUAGES: Final = {
    ".py": _PYTHON,
    ".js": _JAVASCRIPT,
    ".jsx": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".cjs": _JAVASCRIPT,
    ".ts": _TYPESCRIPT,
    ".tsx": _TYPESCRIPT,
    ".mts": _TYPESCRIPT,
    ".vue": _JAVASCRIPT,
    ".svelte": _JAVASCRIPT,
    ".go": Language("go", "go", "//"),
    ".rs": Language("rust", "rust", "//"),
    ".java": Language("java", "jvm", "//"),
    ".kt": Language("kotlin", "jvm", "//"),
    ".scala": Language("scala", "jvm", "//"),
    ".rb": Language("ruby", "ruby", "#"),
    ".php": Language("php", "php", "//"),
    ".cs": Language("csharp", "csharp", "//"),
    ".swift": Language("swift", "swift", "//"),
    ".c": _C,
    ".cc": _C,
    ".cpp": _C,
    ".ex": Language("elixir", "elixir", "#"),
}
_TEST_FOLDERS: Final = frozenset({"test", "tests", "__tests__", "spec", "specs", "testing", "e2e", "testdata"})
_TEST_NAME: Final = re.compile(
    r"(^test_.+|.+_test|.+_spec|.+\.(test|spec|cy|e2e)|^conftest|^[A-Z]\w*(Test|Tests|Spec|IT))$", re.ASCII
)
_GENERATED_FOLDERS: Final = frozenset(
    {"vendor", "node_modules", "third_party", "generated", "dist", "__generated__", "__snapshots__"}
)
_GENERATED_NAME: Final = re.compile(
    r"(_pb2(_grpc)?\.pyi?|\.pb\.go|\.min\.(js|css)|\.map|\.snap|\.g\.dart|_generated\.\w+|\.lock|-lock\.(json|yaml)|go\.sum)$"
)
_PROSE: Final = frozenset({".md", ".rst", ".adoc", ".txt"})
_PROSE_NAMES: Final = re.compile(r"^(readme|changelog|changes|history|news|release.?notes)\b", re.IGNORECASE)
_SCRIPT_FOLDERS: Final = frozenset({"scripts", "script", "bin", "cmd", "cli", "tools", "examples", "example", "bench"})
_SCRIPT_NAMES: Final = frozenset({"__main__.py", "main.go", "main.rs", "build.rs", "manage.py", "setup.py", "cli.py"})


def language_of(path: str) -> Language | None:
    return _LANGUAGES.get(PurePosixPath(path).suffix.lower())


def stem(path: str) -> str:
    """The name without its extension; `a.test.ts` → `a.test`."""
    return PurePosixPath(path).stem


def folders(path: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in PurePosixPath(path).parts[:-1])


def is_test(path: str) -> bool:
    return not _TEST_FOLDERS.isdisjoint(folders(path)) or bool(_TEST_NAME.match(stem(path)))


def is_generated(path: str) -> bool:
    return not _GENERATED_FOLDERS.isdisjoint(folders(path)) or bool(_GENERATED_NAME.search(path))


def is_prose(path: str) -> bool:
    pure = PurePosixPath(path)
    in_docs = "docs" in folders(path) or "doc" in folders(path)
    return pure.suffix.lower() in _PROSE or bool(_PROSE_NAMES.match(pure.name)) or (in_docs and not language_of(path))


def is_script(path: str) -> bool:
    """A program for the terminal, where printing is the point."""
    return not _SCRIPT_FOLDERS.isdisjoint(folders(path)) or PurePosixPath(path).name in _SCRIPT_NAMES


def is_product_code(path: str) -> bool:
    return language_of(path) is not None and not is_test(path) and not is_generated(path)
