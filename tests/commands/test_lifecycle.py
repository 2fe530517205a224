"""`planmark close`, `archive`, `pause` and `resume`: their changes, and the cases in which they change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Run, runner
from fixture import write_files
from planmark.workspace import together
from planmark.workspace.atomic_write import WriteError

PLAN = "work-space/plans/PAY/PLAN_PAY.md"
VERDICT = "work-space/plans/PAY/execution/feedbacks/APPROVED_11.md"
OTHER = "work-space/plans/TILL/PLAN_TILL.md"
HEAD = "# PLAN: Pay\n\n**Status**: {status}\n\n"
INDEX = "## Achievement Index\n\n- Achievement 1.1: Charge\n\n## Priority 1\n\n**Achievement 1.1**: Charge\n\n"
HANDOFF = "## Current Status & Handoff\n\n**Status**: In Progress\n\n**Next**: Achievement 1.1\n"
APPROVED = "# APPROVED: Achievement 1.1\n\n**Status**: ✅ Approved\n**Reviewer**: Ada\n**Review Date**: 2026-06-03\n"
SUBPLAN = "# SUBPLAN: Charge\n\n**Achievement Addressed**: 1.1\n\n## Objective\n\nCharge.\n"
TILL = "# PLAN: Till\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\nSee [pay](../PAY/PLAN_PAY.md), [notes](../PAY/notes.md#a) and `work-space/plans/PAY/PLAN_PAY.md`.\n\n```\n[notes](../PAY/notes.md)\n```\n"


def files(status: str = "🚀 In Progress", *, head: str = HEAD, handoff: str = HANDOFF) -> dict[str, str]:
    return {PLAN: head.format(status=status) + INDEX + handoff, VERDICT: APPROVED}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(root))


def texts(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_close_sets_the_status_and_the_handoff(root: Path, run: Run) -> None:
    write_files(root, files())
    shown = run("close", "@PAY", "--dry-run")
    assert (shown.code, texts(root)[PLAN].decode()) == (0, files()[PLAN])
    assert "-**Status**: 🚀 In Progress\n+**Status**: ✅ Complete\n" in shown.out
    closed = run("close", "@PAY")
    assert (closed.code, closed.out) == (0, f"{PLAN}\n")
    text = texts(root)[PLAN].decode()
    assert text == HEAD.format(status="✅ Complete") + INDEX + HANDOFF.replace("In Progress", "✅ Complete").replace(
        "Achievement 1.1", "nothing, the plan is closed"
    )
    again = run("close", "@PAY")
    assert again.code == 3
    assert run("next", "@PAY", "--json").data["step"] == "closed"
    assert run("status", "--json").data["workspaces"][0]["plans"][0]["closed"] is True


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        (HEAD.format(status="Planning") + INDEX, HEAD.format(status="✅ Complete") + INDEX + "{}"),
        ("# PLAN: Pay\n\n" + INDEX, "# PLAN: Pay\n\n**Status**: ✅ Complete\n\n" + INDEX + "{}"),
        (HEAD.format(status="") + INDEX, HEAD.format(status="") + INDEX + "{}"),
        (
            "# PLAN：Pay\n\n**Status**：Planning\n\n" + INDEX,
            "# PLAN：Pay\n\n**Status**：✅ Complete\n\n" + INDEX + "{}",
        ),
    ],
)
def test_close_adds_what_is_not_there(root: Path, run: Run, plan: str, wanted: str) -> None:
    write_files(root, files() | {PLAN: plan})
    assert run("close", "@PAY").code == 0
    made = texts(root)[PLAN].decode()
    if "**Status**: \n" in plan:
        assert "**Status**: ✅ Complete\n" in made
    else:
        assert made == wanted.format("## 📝 Current Status & Handoff\n\n**Status**: ✅ Complete\n")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_stay(root: Path, run: Run, mark: str, end: str) -> None:
    before = mark + files()[PLAN].replace("\n", end)
    write_files(root, files() | {PLAN: before})
    assert run("close", "@PAY").code == 0
    after = texts(root)[PLAN].decode()
    lines = after.split(end)
    assert after.startswith(mark + "# PLAN")
    assert len(after.split("\n")) == len(lines)
    changed = [line for line, old in zip(lines, before.split(end), strict=True) if line != old]
    assert changed == ["**Status**: ✅ Complete", "**Status**: ✅ Complete", "**Next**: nothing, the plan is closed"]


def test_close_refuses_while_something_is_open(root: Path, run: Run) -> None:
    write_files(root, {PLAN: files()[PLAN]})
    refused = run("close", "@PAY")
    assert (refused.code, refused.out) == (4, "")
    assert "1.1 has no SUBPLAN" in refused.err
    write_files(root, {PLAN: files()[PLAN] + "\n## More\n\n**Achievement 1.2**: Refund\n", VERDICT: APPROVED})
    outside = run("close", "@PAY")
    assert outside.code == 4
    assert "1.2 is defined outside the index" in outside.err


def test_close_changes_no_line_that_it_cannot_change_safely(root: Path, run: Run) -> None:
    """Check that the prose of a handoff stays unchanged, and that the message names its line."""
    write_files(root, files(handoff="## Current Status & Handoff\n\n- ⏳ Next: do Achievement 1.1 first\n"))
    closed = run("close", "@PAY")
    assert closed.code == 0
    if "do Achievement 1.1 first" in texts(root)[PLAN].decode():
        assert f"{PLAN} line" in closed.err


def closed() -> dict[str, str]:
    return files("✅ Complete") | {
        OTHER: TILL,
        "work-space/plans/PAY/notes.md": "x",
        "work-space/plans/PAY/images/a.png": "x",
    }


def test_archive_moves_the_folder_with_every_link(root: Path, run: Run) -> None:
    write_files(root, closed())
    before = texts(root)
    shown = run("archive", "@PAY", "--dry-run")
    assert (shown.code, texts(root)) == (0, before)
    assert "rename to work-space/archive/PAY/PLAN_PAY.md\n" in shown.out
    moved = run("archive", "@PAY")
    assert (moved.code, moved.out) == (0, "work-space/archive/PAY/PLAN_PAY.md\n")
    wanted = {path.replace("plans/PAY/", "archive/PAY/"): text for path, text in before.items()}
    first, fence, rest = TILL.partition("```")
    changed = first.replace("](../PAY/", "](../../archive/PAY/").replace("plans/PAY/", "archive/PAY/")
    assert texts(root) == wanted | {OTHER: (changed + fence + rest).encode()}
    assert run("archive", "@PAY").code == 3
    assert run("check", "--select", "reference-missing").code == 0


def test_archive_follows_links_in_other_markdown_files(root: Path, run: Run) -> None:
    """Follow links in other Markdown files, too. Links in ignored files and in code stay; the command names code."""
    others = {
        "README.md": "See [pay](work-space/plans/PAY/PLAN_PAY.md#goal), `work-space/plans/PAY/`.\n\n"
        "[plan]: ./work-space/plans/PAY/notes.md\n\n```\ncat work-space/plans/PAY/notes.md\n```\n",
        "docs/design.md": "[a](../work-space/plans/PAY/images/a.png) and [b](../work-space/plans/TILL/PLAN_TILL.md)\r\n",
        "docs/other.md": "work-space/plans/PAYMENTS/ and old/work-space/plans/PAY/ are other folders\n",
        "build/README.md": "[pay](../work-space/plans/PAY/PLAN_PAY.md)\n",
        ".gitignore": "build/\n",
        "work-space/plans/PAY/notes.md": "[till](../TILL/PLAN_TILL.md), [own](PLAN_PAY.md)\n",
    }
    write_files(root, closed() | others)
    (root / "latin.md").write_bytes(b"caf\xe9 [pay](work-space/plans/PAY/PLAN_PAY.md)\n")
    before = texts(root)
    shown = run("archive", "@PAY", "--dry-run")
    assert "+See [pay](work-space/archive/PAY/PLAN_PAY.md#goal), `work-space/archive/PAY/`.\n" in shown.out
    assert texts(root) == before
    moved = run("archive", "@PAY")
    after = texts(root)
    assert moved.code == 0
    assert after["README.md"].decode() == (
        "See [pay](work-space/archive/PAY/PLAN_PAY.md#goal), `work-space/archive/PAY/`.\n\n"
        "[plan]: work-space/archive/PAY/notes.md\n\n```\ncat work-space/plans/PAY/notes.md\n```\n"
    )
    wanted = others["docs/design.md"].replace("plans/PAY", "archive/PAY")
    assert after["docs/design.md"].decode() == wanted
    assert after["work-space/archive/PAY/notes.md"] == b"[till](../../plans/TILL/PLAN_TILL.md), [own](PLAN_PAY.md)\n"
    for same in ("docs/other.md", "build/README.md", "latin.md"):
        assert after[same] == before[same]
    assert "README.md line 6 still names work-space/plans/PAY/: write work-space/archive/PAY/ there" in moved.err
    assert "latin.md line 1 still leads to work-space/plans/PAY/" in moved.err
    assert "build/" not in moved.err


@pytest.mark.parametrize(
    ("named", "target"),
    [
        ("documentation/archive/pay-2026/", "documentation/archive/pay-2026"),
        ("`./archive/`", "archive/PAY"),
        ("../../archive/", "work-space/archive/PAY"),
    ],
)
def test_the_plan_names_its_archive(root: Path, run: Run, named: str, target: str) -> None:
    write_files(root, files("✅ Complete", head=HEAD + f"**Archive Location**: {named}\n\n"))
    assert run("archive", "@PAY").out == f"{target}/PLAN_PAY.md\n"


def test_the_settings_name_the_archive(root: Path, run: Run) -> None:
    write_files(root, files("✅ Complete") | {"planmark.toml": '[archive]\nfolder = "old/archives"\n'})
    assert run("archive", "@PAY").out == "old/archives/PAY/PLAN_PAY.md\n"


@pytest.mark.parametrize(
    ("more", "says", "code"),
    [
        ({PLAN: files()[PLAN]}, "close it first", 4),
        ({"work-space/archive/PAY/a.txt": "x"}, "exists already", 2),
        (
            {PLAN: files("Complete", head=HEAD + "**Archive Location**: ../../../../out/archive/x\n\n")[PLAN]},
            "outside",
            2,
        ),
        (
            {PLAN: files("Complete", head=HEAD + "**Archive Location**: work-space/plans/PAY/archive/x\n\n")[PLAN]},
            "own folder",
            2,
        ),
        ({PLAN: files("Complete", head=HEAD + "**Archive Location**: done/pay\n\n")[PLAN]}, "lifecycle.archived", 4),
        ({"work-space/plans/PAY/sub/PLAN_DEEP.md": TILL}, "belongs to a different plan", 2),
        ({"planmark.toml": '[files]\nexclude = ["archive/"]\n'}, "would not be read", 2),
    ],
)
def test_archive_changes_nothing_where_it_refuses(
    root: Path, run: Run, more: dict[str, str], says: str, code: int
) -> None:
    write_files(root, closed() | more)
    before = texts(root)
    for arguments in (("archive", "@PAY", "--dry-run"), ("archive", "@PAY")):
        refused = run(*arguments)
        assert says in refused.err
        assert (refused.code, texts(root)) == (code, before)


def test_a_plan_in_a_folder_of_several_is_not_moved(root: Path, run: Run) -> None:
    write_files(
        root,
        {
            "work-space/plans/PLAN_PAY.md": files("Complete")[PLAN],
            "work-space/execution/feedbacks/APPROVED_11.md": APPROVED,
        },
    )
    refused = run("archive", "@PAY")
    assert refused.code == 2
    assert "no folder of its own" in refused.err


def test_what_fails_takes_back_what_was_done(root: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(root, closed() | {"work-space/plans/A/PLAN_A.md": TILL})
    before = texts(root)
    rewrite, written = together.rewrite_file, []

    def fail_at_the_second(root: Path, path: str, old: str, new: str) -> None:
        written.append(path)
        if len(written) == 2:
            raise WriteError(f"{path} cannot be written")
        rewrite(root, path, old, new)

    monkeypatch.setattr(together, "rewrite_file", fail_at_the_second)
    assert run("archive", "@PAY").code == 5
    assert len(written) == 3
    assert texts(root) == before


@pytest.mark.parametrize("done", range(3))
def test_what_is_killed_goes_on_when_it_is_asked_for_again(
    root: Path, run: Run, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    """Kill the command after each step. Texts change one by one and the folder moves last: each step is valid."""
    write_files(root, closed() | {"work-space/plans/A/PLAN_A.md": TILL})
    rewrite, written = together.rewrite_file, []

    class Killed(BaseException):
        pass

    def end(root: Path, path: str, old: str, new: str) -> None:
        if len(written) == done:
            raise Killed
        written.append(path)
        rewrite(root, path, old, new)

    with monkeypatch.context() as patched:
        patched.setattr(together, "rewrite_file", end)
        patched.setattr(together, "_restore_text", lambda *_: None)
        if done < 2:
            with pytest.raises(Killed):
                run("archive", "@PAY")
    assert run("archive", "@PAY").code == 0
    monkeypatch.undo()
    after = texts(root)
    assert "work-space/archive/PAY/images/a.png" in after
    assert after[OTHER] == after["work-space/plans/A/PLAN_A.md"]
    assert after[OTHER].count(b"archive/PAY/") == 3


def test_a_folder_that_pauses_a_plan_is_named(root: Path, run: Run) -> None:
    write_files(root, {"work-space/paused/PAY/PLAN_PAY.md": files("Paused")[PLAN]})
    refused = run("resume", "@PAY")
    assert refused.code == 4
    assert "the folder work-space/paused/ makes PAY paused" in refused.err
    assert run("pause", "@PAY").code == 3


def test_resume_has_nothing_to_do_for_an_active_plan(root: Path, run: Run) -> None:
    write_files(root, {PLAN: files()[PLAN]})
    assert run("resume", "@PAY").code == 3


@pytest.mark.parametrize(
    ("more", "before", "after"),
    [
        ({}, "📋 Planning", "📋 Planning"),
        ({"work-space/plans/PAY/subplans/SUBPLAN_PAY_11.md": SUBPLAN}, "🚧 In Progress", "🚧 In Progress"),
        ({}, "In Progress (Phase 2)", "📋 Planning"),
    ],
)
def test_what_is_paused_goes_on_as_it_was(root: Path, run: Run, more: dict[str, str], before: str, after: str) -> None:
    """Check that pausing and resuming changes one line of the PLAN, and that every achievement keeps its state."""
    write_files(root, {PLAN: files(before)[PLAN]} | more)
    first, step = texts(root), run("next", "@PAY", "--json").data["step"]
    shown = run("pause", "@PAY", "--dry-run")
    assert f"-**Status**: {before}\n+**Status**: ⏸️ Paused\n" in shown.out
    assert texts(root) == first
    assert run("pause", "@PAY").code == 0
    assert _lifecycle(run) == "paused"
    assert run("next").code == 4
    assert run("next", "@PAY", "--json").data["step"] == step
    assert run("pause", "@PAY").code == 3
    assert run("resume", "@PAY").code == 0
    assert (_lifecycle(run), run("next", "--json").data["step"]) == ("active", step)
    assert texts(root) == first | {PLAN: files(after)[PLAN].encode()}
    assert run("resume", "@PAY").code == 3


@pytest.mark.parametrize("status", ["Abandoned", "Superseded by PLAN_TILL"])
def test_what_is_stopped_can_be_archived_or_taken_up_again(root: Path, run: Run, status: str) -> None:
    write_files(root, {PLAN: files(status)[PLAN]})
    assert (run("pause", "@PAY").code, run("close", "@PAY").code) == (4, 4)
    assert run("resume", "@PAY", "--dry-run").code == 0
    assert run("archive", "@PAY").out == "work-space/archive/PAY/PLAN_PAY.md\n"
    assert _lifecycle(run) == "archived"
    assert run("resume", "@PAY").code == 4


def _lifecycle(run: Run) -> str:
    lifecycle: str = run("status", "--json").data["workspaces"][0]["plans"][0]["lifecycle"]
    return lifecycle
