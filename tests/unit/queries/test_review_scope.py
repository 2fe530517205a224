"""The type of a change and the reviews that it needs: a truth table of diffs, and what holds for every diff."""

from __future__ import annotations

from typing import get_args

import pytest

from planmark.queries.review_scope import SCOPES, ChangeType, review_scope, sensitive_topic, unknown_scope
from planmark.storage.git_diff import ChangedFile, ChangeKind


def modified(path: str, *added: str, lines: int = 0, kind: ChangeKind = "modified", before: str = "") -> ChangedFile:
    return ChangedFile(path, before or path, kind, lines or len(added), added)


def new(path: str, *added: str) -> ChangedFile:
    return ChangedFile(path, "", "added", len(added), added)


MANY = tuple(modified(f"src/part{number}.py", "x = 1") for number in range(1000))
DIFFS: dict[str, tuple[ChangeType, tuple[ChangedFile, ...]]] = {
    "nothing": ("none", ()),
    "a line of a manual": ("documentation", (modified("docs/guide.md", "Press the button."),)),
    "many lines of prose": ("documentation", (modified("README.md", lines=400), new("docs/a.rst", "A"))),
    "an image": ("documentation", (modified("docs/screen.png", kind="binary"),)),
    "prose that says password": ("documentation", (modified("docs/guide.md", "Choose a password."),)),
    "a manual with another name": ("documentation", (modified("docs/b.md", kind="renamed", before="docs/a.md"),)),
    "a manual that is gone": ("documentation", (modified("docs/a.md", lines=9, kind="deleted"),)),
    "a licence": ("documentation", (modified("LICENSE", "2026"),)),
    "prose and code": ("full", (modified("README.md", "A"), modified("src/a.py", "x"))),
    "a script with the name of a manual before": (
        "full",
        (modified("src/a.py", kind="renamed", before="docs/a.md"),),
    ),
    "a setting": ("configuration", (modified("config/app.yaml", "size: 3"),)),
    "two settings": ("configuration", (modified("tsconfig.json", lines=9), modified(".editorconfig", "a"))),
    "a setting with a secret": ("sensitive", (modified("config/app.yaml", "password: hunter2"),)),
    "a setting and code": ("full", (modified("config/app.yaml", "a: 1"), modified("src/a.py", "x"))),
    "a test": ("tests", (modified("tests/test_order.py", *["assert order"] * 9),)),
    "tests in other languages": (
        "tests",
        (new("src/order.spec.ts", "it()"), new("pkg/order_test.go", "a"), new("src/test/OrderTest.java", "b")),
    ),
    "data of a test": ("tests", (new("tests/fixtures/order.json", "{}"),)),
    "a test and code": ("full", (modified("tests/test_a.py", "x"), modified("src/a.py", "x"))),
    "a file that only sounds like a test": ("full", (modified("src/latest.py", lines=5),)),
    "one line": ("small", (modified("src/a.py", "x = 2"),)),
    "two lines": ("small", (modified("src/a.py", "x = 2", "y = 3"),)),
    "two lines that are gone": ("small", (modified("src/a.py", lines=2),)),
    "three lines": ("full", (modified("src/a.py", "x = 2", "y = 3", "z = 4"),)),
    "one line in two files": ("full", (modified("src/a.py", "x"), modified("src/b.py", "y"))),
    "one line in a new file": ("full", (new("src/a.py", "x = 2"),)),
    "a file that is gone": ("full", (modified("src/a.py", lines=1, kind="deleted"),)),
    "a file with another name": ("full", (modified("src/b.py", kind="renamed", before="src/a.py"),)),
    "a program": ("full", (modified("bin/tool", kind="binary"),)),
    "a submodule": ("full", (modified("vendor/lib", kind="submodule"),)),
    "a conflict": ("full", (modified("src/a.py", kind="unmerged"),)),
    "a link": ("full", (modified("src/a.py", kind="link", lines=1),)),
    "a manual and a submodule": ("full", (modified("README.md", "a"), modified("vendor/lib", kind="submodule"))),
    "two lines of the login": ("sensitive", (modified("src/auth.py", "x = 2", "y = 3"),)),
    "a page of the login": ("sensitive", (modified("web/LoginForm.tsx", "a"),)),
    "a migration": ("sensitive", (new("db/migrations/0002_names.py", "a"),)),
    "a statement of a database": ("sensitive", (new("db/names.sql", "a"),)),
    "a workflow": ("sensitive", (modified(".github/workflows/ci.yml", "a"),)),
    "locked dependencies": ("sensitive", (modified("web/package-lock.json", lines=2000),)),
    "pinned dependencies": ("sensitive", (modified("requirements-dev.txt", "a"),)),
    "a key": ("sensitive", (new("deploy/server.pem", "a"),)),
    "the settings of an environment": ("sensitive", (new(".env.local", "a"),)),
    "other permissions": ("sensitive", (ChangedFile("bin/run.sh", "bin/run.sh", "mode", has_new_mode=True),)),
    "a file that was about the login": ("sensitive", (modified("src/a.py", kind="renamed", before="src/auth/a.py"),)),
    "a line with a hash": ("sensitive", (modified("src/a.py", "name = hmac.new(key)"),)),
    "a line that starts a program": ("sensitive", (modified("src/a.py", "subprocess.run(command, shell=True)"),)),
    "a credential in prose": ("sensitive", (modified("docs/a.md", "ghp_" + "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2"),)),
    "a thousand files": ("full", MANY),
    "a thousand files and a key": ("sensitive", (*MANY, new("a.key", "x"))),
}


@pytest.mark.parametrize("name", DIFFS)
def test_the_type_of_a_diff(name: str) -> None:
    wanted, changed = DIFFS[name]
    scope = review_scope(changed)
    assert (scope.type, bool(scope.reason)) == (wanted, True)
    assert set(scope.evidence) <= {file.path for file in changed}


def test_the_table_has_every_type_and_at_least_forty_diffs() -> None:
    assert {wanted for wanted, _ in DIFFS.values()} == set(get_args(ChangeType)) == set(SCOPES)
    assert len(DIFFS) >= 40


def test_security_comes_first_and_is_deep() -> None:
    for row in SCOPES.values():
        names = [review.reviewer for review in row.reviews]
        assert "security" not in names[1:]
        assert all(review.tier == 3 for review in row.reviews if review.reviewer == "security")
        assert not set(names) & set(row.skipped)


def test_what_is_not_known_gets_every_review() -> None:
    scope = unknown_scope("git was not found")
    assert (scope.type, scope.reason) == ("full", "git was not found")
    assert [review.reviewer for review in scope.reviews] == ["security", "quality", "docs"]


HARMLESS = (
    *("src/author.py", "docs/authors.md", "src/tokenizer.py", "src/latest.js", "src/keyboard.ts", "src/monkey.py"),
    *("src/environment.py", "src/certainly.py", "styles/button.css", "src/secretary.py", "src/oauthor.py"),
)


@pytest.mark.parametrize("path", HARMLESS)
def test_a_path_that_only_sounds_sensitive(path: str) -> None:
    assert sensitive_topic(path) == ""
