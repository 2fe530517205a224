"""The files that Planmark reads: ignore files, nested checkouts, and the settings that override them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.queries.lookup import no_plans_message
from planmark.workspace import ignore_patterns
from planmark.workspace.ignore_patterns import deciding_rule, patterns_of_ignore_file
from planmark.workspace.index import Index, load_snapshot

PLAN = "**Achievement 1.1**: A\n"
PAY = "work-space/plans/PAY/PLAN_PAY.md"


def plans(root: Path, files: dict[str, str]) -> list[str]:
    write_files(root, files)
    return [plan.path for plan in load_snapshot(root).plans]


@pytest.mark.parametrize("mark", ["file", "folder"])
def test_a_checkout_below_the_root_is_not_read(tmp_path: Path, mark: str) -> None:
    files = {PAY: PLAN, f"agents/one/{PAY}": PLAN, f"agents/one/deeper/{PAY}": PLAN}
    git = {"agents/one/.git": "gitdir: x\n"} if mark == "file" else {"agents/one/.git/HEAD": "x\n"}
    assert plans(tmp_path, {**files, **git}) == [PAY]
    assert load_snapshot(tmp_path).checkouts == ("agents/one/",)
    assert plans(tmp_path, {"planmark.toml": "files.nestedCheckouts = true\n"}) == sorted(files)


def test_the_root_may_be_a_checkout_itself(tmp_path: Path) -> None:
    assert plans(tmp_path, {PAY: PLAN, ".git": "gitdir: elsewhere\n"}) == [PAY]


def test_a_checkout_comes_and_goes(tmp_path: Path) -> None:
    inner = f"agents/one/{PAY}"
    write_files(tmp_path, {PAY: PLAN, inner: PLAN})
    index = Index(tmp_path)
    index.refresh()
    write_files(tmp_path, {"agents/one/.git": "gitdir: x\n"})
    assert not index.mark_stale(["agents/one/.git"])
    assert [plan.path for plan in index.refresh().plans] == [PAY]
    index.mark_stale([inner])
    assert [plan.path for plan in index.snapshot().plans] == [PAY]
    (tmp_path / "agents/one/.git").unlink()
    assert not index.mark_stale(["agents/one/.git"])
    assert len(index.refresh().plans) == 2


def test_what_git_does_at_the_root_asks_for_no_look(tmp_path: Path) -> None:
    write_files(tmp_path, {PAY: PLAN, ".git/HEAD": "x\n"})
    index = Index(tmp_path)
    index.refresh()
    assert index.mark_stale([".git"])


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ("", []),
        ("respectGitignore = false", [PAY, "work-space/plans/TILL/PLAN_TILL.md"]),
        ('include = ["work-space/"]', [PAY, "work-space/plans/TILL/PLAN_TILL.md"]),
        ('include = ["work-space/plans/PAY/"]', [PAY]),
        ('include = ["PLAN_PAY.md"]', [PAY]),
        ('include = ["work-space/", "!work-space/plans/TILL/"]', [PAY]),
        ('include = ["work-space/"]\nexclude = ["TILL/"]', [PAY]),
        ('include = ["**/PAY/**"]', [PAY]),
        ('include = ["other/"]', []),
    ],
)
def test_what_is_taken_in_although_git_ignores_it(tmp_path: Path, settings: str, found: list[str]) -> None:
    files = {PAY: PLAN, "work-space/plans/TILL/PLAN_TILL.md": PLAN, ".gitignore": "work-space\n"}
    assert plans(tmp_path, {**files, "planmark.toml": f"[files]\n{settings}\n"}) == found
    index = Index(tmp_path)
    index.refresh()
    index.mark_stale([PAY, "work-space/plans/TILL/PLAN_TILL.md"])
    assert [plan.path for plan in index.snapshot().plans] == found


def test_an_ignore_file_takes_nothing_in_that_the_settings_exclude(tmp_path: Path) -> None:
    files = {"planmark.toml": '[files]\nexclude = ["work-space/"]\n', ".gitignore": "!work-space/\n", PAY: PLAN}
    assert plans(tmp_path, files) == []


def test_no_plan_says_what_was_left_out_and_by_which_line(tmp_path: Path) -> None:
    files = {
        ".gitignore": "# ours\n\nwork-space/\n",
        "docs/.gitignore": "PLAN_*.md\n",
        "planmark.toml": '[files]\nexclude = ["vendor"]\n',
        PAY: PLAN,
        "docs/PLAN_DOCS.md": PLAN,
        "vendor/PLAN_VENDOR.md": PLAN,
        "tree/.git": "gitdir: x\n",
    }
    assert plans(tmp_path, files) == []
    said = no_plans_message(load_snapshot(tmp_path))
    for line in (
        "  work-space/: .gitignore:3 says `work-space/`",
        "  docs/PLAN_DOCS.md: docs/.gitignore:1 says `PLAN_*.md`",
        "  vendor/: the setting `files.exclude` has `vendor`",
        "  tree/",
    ):
        assert line in said.split("\n")


def test_few_of_many_folders_are_named(tmp_path: Path) -> None:
    files = {f"f{number:03}/x.txt": "" for number in range(300)}
    assert plans(tmp_path, {**files, ".gitignore": "f*/\n"}) == []
    said = no_plans_message(load_snapshot(tmp_path)).split("\n")
    assert len(said) < 30
    assert said[-1] == "  and 280 more folders"


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\n", b"\0\n[\n", b"x" * 1_200_000, b"[" * 5_000 + b"\n" + b"*" * 5_000 + b"z", b"!\n/\n"]
)
def test_an_ignore_file_is_never_an_error(tmp_path: Path, data: bytes) -> None:
    write_files(tmp_path, {PAY: PLAN})
    (tmp_path / ".gitignore").write_bytes(data)
    snapshot = load_snapshot(tmp_path)
    assert [plan.path for plan in snapshot.plans] == [PAY]
    assert snapshot.problems == ()


def test_what_is_called_so_and_is_no_ignore_file(tmp_path: Path) -> None:
    (tmp_path / "a/.gitignore").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    write_files(tmp_path, {"c/rules": "*\n"})
    (tmp_path / "b/.gitignore").symlink_to(tmp_path / "c/rules")
    files = {f"{folder}/PLAN_{folder.upper()}.md": PLAN for folder in "abc"}
    assert plans(tmp_path, files) == sorted(files)
    assert load_snapshot(tmp_path).problems == ()


@pytest.mark.parametrize(
    "pattern",
    [
        b"*a" * 200 + b"b",
        b"**/a/" * 80 + b"b",
        b"*?" * 120,
        b"**/*a" * 80 + b"/b",
        b"*[ab]" * 100 + b"c",
        b"**/*[ab]a*/" * 40 + b"x",
    ],
)
def test_a_pattern_takes_at_most_length_by_length_steps(monkeypatch: pytest.MonkeyPatch, pattern: bytes) -> None:
    """Count the steps: a comparison at a place costs the length of the chunk, a search costs that for each place."""
    steps = 0
    stands_at, place_of = ignore_patterns._chunk_matches_at, ignore_patterns._find_chunk

    def size(chunk: ignore_patterns.Chunk) -> int:
        return len(chunk) if isinstance(chunk, bytes) else len(chunk.pattern)

    def counted_at(chunk: ignore_patterns.Chunk, name: bytes, at: int) -> bool:
        nonlocal steps
        steps += 1 + (size(chunk) if isinstance(chunk, bytes) else 1)
        return stands_at(chunk, name, at)

    def counted_place(chunk: ignore_patterns.Chunk, name: bytes, begin: int, end: int) -> int:
        nonlocal steps
        at = place_of(chunk, name, begin, end)
        steps += (size(chunk) if isinstance(chunk, bytes) else 1) * ((at if at >= 0 else end) - begin + 1)
        return at

    monkeypatch.setattr(ignore_patterns, "_chunk_matches_at", counted_at)
    monkeypatch.setattr(ignore_patterns, "_find_chunk", counted_place)
    for name in ("a" * 250 + ".md", "/".join("a" * 250) + "/x.md", "/".join(["a" * 30] * 8), "/".join("ab" * 60)):
        before = steps
        deciding_rule(patterns_of_ignore_file(pattern), name, is_folder=False)
        assert steps - before <= len(name) * len(pattern)
    assert steps > 0
