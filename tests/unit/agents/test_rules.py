"""Each rule of the review, on what it is for and on what it must leave alone."""

from collections.abc import Iterable

import pytest

from reveille.agents.reviewing.diff import parse
from reveille.agents.reviewing.finding import Finding
from reveille.agents.reviewing.rules import review
from reveille.agents.reviewing.secrets import masked


def patch(path: str, *added: str, removed: Iterable[str] = (), header: str = "") -> str:
    gone = [f"-{text}\n" for text in removed]
    new = [f"+{text}\n" for text in added]
    head = f"diff --git a/{path} b/{path}\n{header}--- a/{path}\n+++ b/{path}\n"
    return head + f"@@ -1,{len(gone)} +1,{len(new)} @@\n" + "".join(gone + new)


def found(rule: str, *patches: str) -> list[Finding]:
    return [finding for finding in review(parse("".join(patches))) if finding.rule == rule]


def lines(rule: str, *patches: str) -> list[int | None]:
    return [finding.line for finding in found(rule, *patches)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.py", "print(value)"),
        ("src/a.py", "    breakpoint()"),
        ("src/a.py", "import pdb; pdb.set_trace()"),
        ("web/a.ts", "  console.log(user);"),
        ("web/a.js", "debugger;"),
        ("pkg/a.go", '\tfmt.Println("here")'),
        ("src/lib.rs", "    dbg!(x);"),
        ("src/A.java", "System.out.println(x);"),
        ("app/a.rb", "binding.pry"),
    ],
)
def test_what_is_left_from_debugging_is_found(path: str, text: str) -> None:
    assert lines("debug-leftover", patch(path, "x = 1", text)) == [2]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.py", "# print(value)"),
        ("src/a.py", 'text = "print(value)"'),
        ("src/a.py", "pprint_width = blueprint(value)"),
        ("src/a.py", "console.log(x)"),
        ("tests/test_a.py", "print(value)"),
        ("scripts/report.py", "print(value)"),
        ("web/a.ts", "// console.log(user)"),
        ("cmd/tool/main.go", "fmt.Println(x)"),
        ("docs/a.md", "print(value)"),
    ],
)
def test_what_only_looks_like_debugging_is_left_alone(path: str, text: str) -> None:
    assert lines("debug-leftover", patch(path, text)) == []


def test_code_in_a_docstring_is_no_code() -> None:
    assert lines("debug-leftover", patch("src/a.py", '"""Use it so:', "print(x)", '"""', "print(y)")) == [4]


def test_a_breakpoint_in_a_script_is_found() -> None:
    assert lines("debug-leftover", patch("scripts/report.py", "breakpoint()")) == [1]


def test_removed_debugging_is_no_finding() -> None:
    assert lines("debug-leftover", patch("src/a.py", "x = 1", removed=["print(x)"])) == []


def test_a_focused_test_is_found() -> None:
    assert lines("focused-test", patch("web/a.test.ts", "it.only('works', () => {", "it('works', () => {")) == [1]


def test_a_conflict_is_found_where_it_starts() -> None:
    conflict = ("<<<<<<< HEAD", "a", "=======", "b", ">>>>>>> feature")
    assert lines("conflict-marker", patch("src/a.py", "x", *conflict)) == [2]


def test_a_ruler_of_equal_signs_is_no_conflict() -> None:
    assert lines("conflict-marker", patch("docs/a.rst", "Title", "=======", "<<<<<<< a quotation")) == []


SECRETS = [
    ("src/a.py", 'key = "AKIAIOSFODNN7EXAMPLE"', "AKIAIOSFODNN7EXAMPLE", "critical"),
    ("src/a.py", f'token = "ghp_{"a1B2" * 9}"', f"ghp_{'a1B2' * 9}", "critical"),
    ("ci.yml", f"token: glpat-{'x1Y2' * 5}", f"glpat-{'x1Y2' * 5}", "critical"),
    ("src/a.js", f"const t = 'xoxb-{'1234567890'}-abcdef'", "xoxb-1234567890-abcdef", "critical"),
    ("src/a.go", f'k := "sk-ant-{"q9Zz" * 10}"', f"sk-ant-{'q9Zz' * 10}", "critical"),
    ("deploy.pem", "-----BEGIN RSA PRIVATE KEY-----", "", "critical"),
    ("src/a.py", 'password = "hunter2-and-more"', "hunter2-and-more", "high"),
    ("src/a.py", 'DB = {"api_key": "s3cr3tvalue"}', "s3cr3tvalue", "high"),
    ("src/a.py", 'password: str = "hunter2-and-more"', "hunter2-and-more", "high"),
    ("src/a.py", 'url = "postgres://app:pa55w0rd@db/app"', "pa55w0rd", "high"),
    ("config/app.yml", "  db_password: pa55w0rd-long", "pa55w0rd-long", "high"),
    ("tests/test_a.py", 'password = "hunter2-and-more"', "hunter2-and-more", "low"),
    ("src/a.py", 'salt = "q8Zr3LxW0vT5yBn2KdPf7JhSg4MaCu9E"', "q8Zr3LxW0vT5yBn2KdPf7JhSg4MaCu9E", "medium"),
]


@pytest.mark.parametrize(("path", "text", "secret", "severity"), SECRETS)
def test_a_secret_is_found_and_never_repeated(path: str, text: str, secret: str, severity: str) -> None:
    findings = found("secret", patch(path, "x", text))
    assert [(finding.line, finding.severity) for finding in findings] == [(2, severity)]
    assert not secret or secret not in findings[0].message


@pytest.mark.parametrize(("path", "text", "secret"), [case[:3] for case in SECRETS if case[2] and case[3] != "medium"])
def test_a_masked_text_holds_no_secret(path: str, text: str, secret: str) -> None:
    assert secret not in masked(f"+{text}\n", path)


def test_the_body_of_a_private_key_is_masked() -> None:
    text = "+-----BEGIN PRIVATE KEY-----\n+MIIEvQIBADAN\n+-----END PRIVATE KEY-----\n+after\n"
    assert "MIIEvQIBADAN" not in masked(text)
    assert "after" in masked(text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.py", 'password = os.environ["PASSWORD"]'),
        ("src/a.py", 'password = "changeme"'),
        ("src/a.py", 'password = "${DB_PASSWORD}"'),
        ("src/a.py", 'token_type = "bearer-token"'),
        ("src/a.py", 'message = "the password is wrong, try again"'),
        ("src/a.py", 'if password == "":'),
        ("src/a.py", f'commit = "{"0a1b2c3d4e" * 4}"'),
        ("src/a.py", 'path = "reveille/agents/reviewing/secrets/patterns"'),
        ("ci.yml", "token: ${{ secrets.TOKEN }}"),
        ("package-lock.json", '"integrity": "sha512-q8Zr3LxW0vT5yBn2KdPf7JhSg4MaCu9Eq8Zr3LxW0vT5yBn2KdPf=="'),
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(path: str, text: str) -> None:
    assert found("secret", patch(path, text)) == []


CODE = ("a = 1", "b = a + 1", "c = a + b")


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("src/orders.py", "tests/test_orders.py"),
        ("src/orders/service.py", "tests/test_orders.py"),
        ("pkg/orders.go", "pkg/other_test.go"),
        ("web/Orders.tsx", "web/__tests__/Orders.test.tsx"),
        ("web/orders.ts", "web/orders.spec.ts"),
        ("src/main/Orders.java", "src/test/OrdersTest.java"),
        ("app/orders.rb", "spec/orders_spec.rb"),
    ],
)
def test_code_that_changes_with_its_test_is_fine(path: str, test: str) -> None:
    assert found("missing-tests", patch(path, *CODE), patch(test, *CODE)) == []


def test_code_that_changes_without_any_test_is_found() -> None:
    (finding,) = found("missing-tests", patch("src/orders.py", *CODE))
    assert (finding.severity, finding.path, finding.line) == ("medium", "src/orders.py", 1)
    assert "test_orders.py" in finding.message


def test_a_test_of_another_file_is_not_enough() -> None:
    (finding,) = found("missing-tests", patch("src/orders.py", *CODE), patch("tests/test_users.py", *CODE))
    assert finding.severity == "low"


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_a.py",
        "docs/conf.txt",
        "src/pkg/__init__.py",
        "app/migrations/0001_a.py",
        "gen/a_pb2.py",
        "scripts/a.py",
    ],
)
def test_what_needs_no_test_of_its_own_is_left_alone(path: str) -> None:
    assert found("missing-tests", patch(path, *CODE)) == []


def test_comments_and_one_constant_need_no_test() -> None:
    assert found("missing-tests", patch("src/a.py", "# one", "# two", "# three", "LIMIT = 3")) == []


def test_rust_may_test_in_the_file_itself() -> None:
    assert found("missing-tests", patch("src/a.rs", *CODE, "#[cfg(test)]", "mod tests {")) == []


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        (".github/workflows/ci.yml", "medium"),
        (".env", "high"),
        (".env.production", "high"),
        ("Dockerfile", "low"),
        ("app/migrations/0002_drop.py", "medium"),
        ("helm/chart/values.yaml", "medium"),
        ("src/auth/tokens.py", "medium"),
        ("src/login.ts", "medium"),
        ("src/AuthService.java", "medium"),
    ],
)
def test_a_risky_file_is_named(path: str, severity: str) -> None:
    assert [finding.severity for finding in found("risky-file", patch(path, "x"))] == [severity]


@pytest.mark.parametrize(
    "path", [".env.example", "src/author.py", "docs/auth/index.md", "tests/test_login.py", "src/a.py"]
)
def test_other_files_are_not_risky(path: str) -> None:
    assert found("risky-file", patch(path, "x")) == []


def test_a_lockfile_without_its_manifest_is_found() -> None:
    assert len(found("lock-without-manifest", patch("web/package-lock.json", "x"))) == 1


def test_a_lockfile_with_its_manifest_is_fine() -> None:
    assert found("lock-without-manifest", patch("package-lock.json", "x"), patch("package.json", "x")) == []


def test_a_file_that_becomes_executable_is_named() -> None:
    assert found("executable", "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n")


@pytest.mark.parametrize(
    ("path", "added"),
    [
        ("src/a.py", ("def load(path):", "    return path")),
        ("src/a.py", ("class Loader:", "    x = 1")),
        ("web/a.ts", ("export function load() {", "}")),
        ("pkg/a.go", ("func Load() {", "}")),
        ("src/lib.rs", ("#[inline]", "pub fn load() {}")),
    ],
)
def test_a_public_name_without_a_word_is_found(path: str, added: tuple[str, ...]) -> None:
    assert len(found("missing-docs", patch(path, *added))) == 1


@pytest.mark.parametrize(
    ("path", "added"),
    [
        ("src/a.py", ("def load(path):", '    """Read it."""')),
        ("src/a.py", ("def load(", "    path: str,", ") -> str:", "    '''Read it.'''")),
        ("src/a.py", ("def _load(path):", "    return path")),
        ("src/a.py", ("def load(path):",)),
        ("web/a.ts", ("/** Reads it. */", "export function load() {")),
        ("pkg/a.go", ("// Load reads it.", "func Load() {")),
        ("pkg/a.go", ("func load() {",)),
        ("src/lib.rs", ("/// Reads it.", "#[inline]", "pub fn load() {}")),
        ("tests/test_a.py", ("def test_load():", "    assert True")),
    ],
)
def test_a_documented_or_private_name_is_fine(path: str, added: tuple[str, ...]) -> None:
    assert found("missing-docs", patch(path, *added)) == []


def test_a_public_interface_that_changes_without_a_note_is_found() -> None:
    changed = patch("src/a.py", "def load(path, mode):", removed=["def load(path):"])
    assert [finding.severity for finding in found("undocumented-change", changed)] == ["low"]


def test_a_public_interface_that_changes_with_a_note_is_fine() -> None:
    changed = patch("src/a.py", "def load(path, mode):", removed=["def load(path):"])
    assert found("undocumented-change", changed, patch("CHANGELOG.md", "load takes a mode")) == []


def test_a_moved_definition_is_no_change_of_the_interface() -> None:
    moved = patch("src/a.py", "x = 1", "def load(path):", removed=["def load(path):"])
    assert found("undocumented-change", moved) == []


@pytest.mark.parametrize(("count", "severities"), [(400, []), (401, ["low"]), (1_001, ["medium"])])
def test_a_change_is_large_by_its_lines(count: int, severities: list[str]) -> None:
    change = patch("src/a.txt", *(["x"] * count))
    assert [finding.severity for finding in found("large-change", change)] == severities


def test_generated_lines_do_not_make_a_change_large() -> None:
    assert found("large-change", patch("package-lock.json", *(["x"] * 5_000))) == []


def test_a_change_of_many_folders_is_wide() -> None:
    assert len(found("wide-change", *(patch(f"m{at}/a.txt", "x") for at in range(13)))) == 1


def test_a_change_of_many_files_is_large() -> None:
    assert [finding.severity for finding in found("large-change", *(patch(f"a{at}.txt", "x") for at in range(26)))] == [
        "low"
    ]


def test_a_file_whose_lines_are_missing_is_told_of() -> None:
    assert [finding.severity for finding in found("not-read", "diff --git a/x.bin b/x.bin\n")] == ["info"]
