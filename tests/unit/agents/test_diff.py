"""The parser of unified diffs."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reveille.agents.reviewing.diff import MAX_LINE, Diff, FileDiff, parse
from reveille.agents.reviewing.rules import review


def one(text: str) -> FileDiff:
    files = parse(text).files
    assert len(files) == 1
    return files[0]


def test_added_and_context_lines_have_their_number_in_the_new_file() -> None:
    file = one("diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -10,3 +20,4 @@ def f\n a\n-b\n+c\n+d\n e\n")
    assert [(line.sign, line.new, line.text) for line in file.lines] == [
        (" ", 20, "a"),
        ("-", None, "b"),
        ("+", 21, "c"),
        ("+", 22, "d"),
        (" ", 23, "e"),
    ]


def test_lines_that_look_like_headers_are_content_within_a_hunk() -> None:
    file = one("--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- old comment\n+++ new comment\n keep\n")
    assert [line.text for line in file.removed] == ["-- old comment"]
    assert [line.text for line in file.added] == ["++ new comment"]


def test_two_files_without_git_headers_are_told_apart() -> None:
    diff = parse("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n")
    assert [file.path for file in diff.files] == ["x", "y"]


def test_a_rename_keeps_both_names() -> None:
    file = one("diff --git a/old name.py b/new.py\nsimilarity index 100%\nrename from old name.py\nrename to new.py\n")
    assert (file.old_path, file.path, file.status, file.unread) == ("old name.py", "new.py", "renamed", False)


def test_a_deleted_file_is_known_by_its_old_name() -> None:
    file = one("diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
    assert (file.path, file.status, len(file.removed)) == ("x", "deleted", 1)


def test_a_new_file_is_added() -> None:
    file = one("diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n")
    assert (file.path, file.status, file.first_line) == ("x", "added", 1)


def test_a_binary_file_has_no_lines() -> None:
    file = one("diff --git a/i.png b/i.png\nindex 1..2 100644\nBinary files a/i.png and b/i.png differ\n")
    assert (file.binary, file.lines, file.unread) == (True, (), False)


def test_a_binary_patch_is_not_taken_for_lines() -> None:
    file = one("diff --git a/i b/i\nGIT binary patch\nliteral 3\nKcmZQz\n\nliteral 2\nJcmZQz\n\n")
    assert (file.binary, file.lines) == (True, ())


def test_a_change_of_mode_alone_is_read() -> None:
    file = one("diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n")
    assert (file.old_mode, file.new_mode, file.unread) == ("100644", "100755", False)


def test_quoted_names_are_unquoted() -> None:
    file = one('diff --git "a/\\303\\244 \\"x\\".py" "b/\\303\\244 \\"x\\".py"\nold mode 100644\nnew mode 100755\n')
    assert file.path == 'ä "x".py'


def test_names_with_spaces_are_whole() -> None:
    assert one("diff --git a/a b/c.py b/a b/c.py\nold mode 100644\nnew mode 100755\n").path == "a b/c.py"


def test_carriage_returns_and_the_remark_about_the_last_newline_are_no_content() -> None:
    file = one("--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\r\n\\ No newline at end of file\r\n+b\r\n")
    assert [(line.sign, line.text) for line in file.lines] == [("-", "a"), ("+", "b")]


def test_form_feeds_and_unicode_separators_do_not_end_a_line() -> None:
    file = one("--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\x0cb\u2028c\n+d\n")
    assert [(line.new, line.text) for line in file.added] == [(1, "a\x0cb\u2028c"), (2, "d")]


def test_a_context_line_whose_space_was_stripped_still_counts() -> None:
    file = one("--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n a\n\n+b\n c\n")
    assert [line.new for line in file.added] == [3]


def test_a_huge_line_is_cut() -> None:
    assert len(one(f"--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+{'y' * 100_000}\n").added[0].text) == MAX_LINE


def test_a_diff_that_was_cut_off_gives_what_is_there() -> None:
    file = one("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,50 +1,50 @@\n a\n+b\n")
    assert [(line.sign, line.new) for line in file.lines] == [(" ", 1), ("+", 2)]


def test_a_commit_message_before_the_diff_is_passed_over() -> None:
    diff = parse(
        "From 1 Mon\nSubject: [PATCH] x\n---\n x | 1 +\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n"
    )
    assert [file.path for file in diff.files] == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "diff --git ",
        "diff --git a b c d",
        'diff --git "a/x',
        f"--- a/x\n+++ b/x\n@@ -{'9' * 5000} +1 @@\n+a\n",
        "--- \n+++ \n@@ -1 +1 @@\n-a\n+b\n",
        "@@@ -1,2 -1,2 +1,3 @@@\n++a\n",
        "diff --git a/x b/x\nnew file mode\nrename from\ncopy\n",
        "--- a/\ud800\n+++ b/\ud800\n@@ -0,0 +1 @@\n+\udfff\n",
    ],
)
def test_nonsense_never_raises(text: str) -> None:
    review(parse(text))


ROWS = st.sampled_from(
    [
        "diff --git a/x.py b/x.py",
        "diff --git a/y b/z",
        "--- a/x.py",
        "+++ b/x.py",
        "--- /dev/null",
        "+++ /dev/null",
        "@@ -1,3 +1,9 @@",
        "@@ -0,0 +1 @@",
        "@@ -5 +0,0 @@",
        "rename from x",
        "rename to y",
        "new file mode 100644",
        "deleted file mode 100644",
        "Binary files differ",
        "\\ No newline at end of file",
        "+print(1)",
        "+def f(a):",
        "+password = 'hunter2222'",
        "+<<<<<<< a",
        "-class A:",
        " x",
        "",
        "+",
    ]
)


def places(diff: Diff) -> set[tuple[str, int | None]]:
    return {(file.path, line.new) for file in diff.files for line in file.lines if line.new} | {
        (file.path, None) for file in diff.files
    }


@example(["diff --git a/x.py b/x.py", "@@ -5 +0,0 @@", "+print(1)"])
@given(st.lists(st.one_of(ROWS, st.text(max_size=30)), max_size=40))
def test_findings_point_at_lines_that_the_diff_shows(rows: list[str]) -> None:
    diff = parse("\n".join(rows))
    assert {(finding.path, finding.line) for finding in review(diff)} <= places(diff)


@given(st.text())
def test_arbitrary_text_never_raises(text: str) -> None:
    review(parse(text))


@given(st.lists(ROWS, max_size=40))
def test_the_files_texts_parse_to_the_same_files(rows: list[str]) -> None:
    diff = parse("\n".join(rows))
    again = parse("".join(file.text for file in diff.files))
    assert [(file.path, file.hunks) for file in again.files] == [(file.path, file.hunks) for file in diff.files]
