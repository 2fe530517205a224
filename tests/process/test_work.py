"""`planmark work` and `planmark finish`: a step in a git worktree of its own, from its begin to its integration."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from command_line import Result, Run, runner
from work_helpers import (
    CHARGE,
    RESOLUTION,
    commit_all,
    git,
    isolate_git,
    needs_git,
    repository,
    resolve_fix,
    shown,
    tick_line,
    write_below,
)

pytestmark = needs_git
MAIN = "planmark/CHECKOUT/main"


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate_git(tmp_path, monkeypatch)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return the example workspace in a repository of its own."""
    return repository(tmp_path)


def planmark(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(root))


def begin(run: Run, *arguments: str, agent: str = "ada") -> Path:
    """Begin work, and return the workspace of its tree."""
    begun = run("work", *arguments, "--agent", agent, "--json")
    assert begun.code == 0, begun
    return Path(begun.data["workspace"])


def finished(run: Run, *arguments: str) -> Result:
    return run("finish", *arguments, "--json")


def trees(root: Path) -> list[str]:
    return [Path(line.split()[0]).name for line in git(root, "worktree", "list").splitlines()]


def test_a_step_of_the_example_goes_from_its_begin_to_the_main_branch(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = planmark(shop, capsys)
    begun = run("work", "@CHECKOUT", "--agent", "ada")
    folder = shop.parent / "shop.planmark" / "CHECKOUT-1.2-g1"
    assert begun.code == 0
    assert f"folder: {folder}" in begun.err
    assert "branch: planmark/CHECKOUT/1.2-g1" in begun.err
    assert begun.out.startswith("# CHECKOUT 1.2: Idempotent charges")
    assert "Do not push, switch branches, use `git stash`" in begun.out
    assert git(shop, "status", "--porcelain") == ""

    early = run("finish", "@CHECKOUT", "1.2")
    assert early.code == 1
    assert "not done, nothing was integrated (needs_fix)" in early.out
    assert git(shop, "rev-parse", MAIN) == git(shop, "rev-parse", "main")

    resolve_fix(folder)
    done = run("finish", "@CHECKOUT", "1.2")
    assert done.code == 0, done
    assert "done (needs_fix → fix_resolved)" in done.out
    assert shown(shop, MAIN, CHARGE) == "KEYS = {}"
    assert not folder.exists()
    assert trees(shop) == ["shop", "CHECKOUT-main"]
    assert git(shop, "branch", "--list", "planmark/CHECKOUT/1.2*") == ""
    message = git(shop, "log", "-1", "--format=%B", MAIN)
    assert message.startswith("plan(CHECKOUT 1.2): address the fix")
    assert "Planmark-Step: address_fix\nPlanmark-Agent: ada" in message
    assert run("lease", "list").out == "no lease is held\n"

    merge = run("work", "merge", "@CHECKOUT")
    assert merge.out == f"git -C {shop} merge {MAIN}\n"
    git(shop, "merge", "-q", MAIN)
    assert run("work", "merge", "@CHECKOUT").code == 3
    assert run("next", "@CHECKOUT", "1.2", "--json").data["step"] == "re_review"


def test_the_next_step_is_chosen_by_the_integration_branch(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    resolve_fix(begin(run, "@CHECKOUT", "1.2"))
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    again = run("work", "@CHECKOUT", "1.2", "--agent", "bob", "--json")
    assert again.code == 0, again
    assert again.data["step"] == "re_review"
    assert (Path(again.data["workspace"]) / RESOLUTION).is_file()


def test_work_begun_again_is_the_same_work(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    write_below(folder, CHARGE, "x = 1\n")
    assert begin(run, "@CHECKOUT", "1.2") == folder
    assert (folder / CHARGE).read_text(encoding="utf-8") == "x = 1\n"
    other = run("work", "@CHECKOUT", "1.2", "--agent", "bob")
    assert (other.code, "held by ada" in other.err) == (4, True)


@pytest.mark.parametrize(
    ("example", "feature", "item", "tasks", "words", "code"),
    [
        ("openspec", "@add-link-cache", "2.2", "openspec/changes/add-link-cache/tasks.md", "2.2 Do", "links/cache.py"),
        ("kiro", "@reminders", "2.1", ".kiro/specs/reminders/tasks.md", "2.1 Create", "src/reminders/schedule.ts"),
        (
            "superpowers",
            "@2026-03-09-alerts",
            "2/1",
            "docs/superpowers/plans/2026-03-09-alerts.md",
            "Write the failing test",
            "tests/test_alerts.py",
        ),
    ],
)
def test_a_task_with_a_box_is_done_by_its_box_and_its_files(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    example: str,
    feature: str,
    item: str,
    tasks: str,
    words: str,
    code: str,
) -> None:
    root = repository(tmp_path, example)
    run = planmark(root, capsys)
    folder = begin(run, feature, item)
    tick_line(folder, tasks, words)
    only_ticked = finished(run, feature, item)
    assert (only_ticked.code, only_ticked.data["kind"]) == (1, "no_progress")
    write_below(folder, code, "the work\n")
    done = finished(run, feature, item)
    assert (done.code, done.data["kind"]) == (0, "ok"), done
    text = shown(root, done.data["into"], tasks)
    assert next(line for line in text.splitlines() if words in line).strip().startswith("- [x]")
    assert shown(root, done.data["into"], code) == "the work"


@pytest.mark.parametrize("reverse", [False, True])
def test_neighbouring_boxes_integrate_in_both_orders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reverse: bool
) -> None:
    tasks = "openspec/changes/add-a/tasks.md"
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n- [ ] 1.1 Create `a.py`\n- [ ] 1.2 Create `b.py`\n")
    write_below(tmp_path / "shop", "planmark.toml", '[leases]\norder = "none"\n')
    commit_all(tmp_path / "shop", begins=True)
    run = planmark(tmp_path / "shop", capsys)
    first, second = begin(run, "@add-a", "1.1"), begin(run, "@add-a", "1.2", agent="bob")
    for folder, words, name in ((first, "1.1", "a.py"), (second, "1.2", "b.py")):
        tick_line(folder, tasks, words)
        write_below(folder, name, "1\n")
    for item in ("1.2", "1.1") if reverse else ("1.1", "1.2"):
        done = finished(run, "@add-a", item)
        assert (done.code, done.data["kind"]) == (0, "ok"), done
    assert shown(first.parent.parent / "shop", "planmark/add-a/main", tasks).count("[x]") == 2


def test_boxes_of_other_items_do_not_travel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = "openspec/changes/add-a/tasks.md"
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n- [ ] 1.1 Create `a.py`\n- [ ] 1.2 Create `b.py`\n")
    commit_all(tmp_path / "shop", begins=True)
    run = planmark(tmp_path / "shop", capsys)
    folder = begin(run, "@add-a", "1.1")
    write_below(folder, tasks, "# Tasks\n\n- [x] 1.1 Create `a.py`\n- [x] 1.2 Create `b.py`\n- [x] 1.3 More\n")
    write_below(folder, "a.py", "1\n")
    done = finished(run, "@add-a", "1.1")
    assert done.data["kind"] == "ok", done
    assert shown(folder.parent.parent / "shop", "planmark/add-a/main", tasks) == (
        "# Tasks\n\n- [x] 1.1 Create `a.py`\n- [ ] 1.2 Create `b.py`\n- [ ] 1.3 More"
    )


def test_a_conflict_changes_nothing_and_a_rebase_resolves_it(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    write_below(shop, CHARGE, "OTHER = 1\n")
    commit_all(shop, message="the person changes the same file")
    begin(run, "@CHECKOUT", "1.3", agent="bob")  # It takes in what the person has committed.
    before = git(shop, "rev-parse", MAIN)
    conflict = run("finish", "@CHECKOUT", "1.2")
    assert conflict.code == 1
    assert f"- `{CHARGE}`" in conflict.out
    assert f"git rebase {MAIN}" in conflict.out
    assert git(shop, "rev-parse", MAIN) == before
    with pytest.raises(subprocess.CalledProcessError):
        git(folder, "rebase", MAIN)
    write_below(folder, CHARGE, "OTHER = 1\nKEYS = {}\n")
    git(folder, "add", "-A")
    git(folder, "-c", "core.editor=true", "rebase", "--continue")
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    assert shown(shop, MAIN, CHARGE) == "OTHER = 1\nKEYS = {}"


@pytest.mark.parametrize("commits", [False, True])
def test_the_verdict_of_an_executor_is_taken_out_and_nothing_is_integrated(
    shop: Path, capsys: pytest.CaptureFixture[str], commits: bool
) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    verdict = "work-space/plans/CHECKOUT/execution/feedbacks/APPROVED_12.md"
    write_below(folder, verdict, "# APPROVED\n\n**Achievement**: 1.2\n**Status**: APPROVED\n")
    if commits:
        commit_all(folder, message="all done")
    outside = run("finish", "@CHECKOUT", "1.2")
    assert outside.code == 4
    assert f"the executor has written a verdict, which only a reviewer does: {verdict}" in outside.out
    assert verdict not in git(shop, "ls-tree", "-r", "--name-only", "planmark/CHECKOUT/1.2-g1")
    assert git(shop, "rev-parse", MAIN) == git(shop, "rev-parse", "main")
    assert (folder / verdict).is_file()
    (folder / verdict).unlink()
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    assert verdict not in git(shop, "ls-tree", "-r", "--name-only", MAIN)


@pytest.mark.parametrize(
    "path",
    [
        "shop/notify/mail.py",
        ".github/workflows/ci.yml",
        ".gitattributes",
        "CLAUDE.md",
        ".claude/settings.json",
        "planmark.toml",
        ".vscode/tasks.json",
        "work-space/plans/SEARCH/PLAN_SEARCH.md",
        "work-space/plans/NEW/PLAN_NEW.md",
    ],
)
def test_changes_outside_of_the_step_are_kept_and_not_integrated(
    shop: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    write_below(folder, path, "changed\n")
    outside = finished(run, "@CHECKOUT", "1.2")
    assert (outside.code, outside.data["kind"], outside.data["paths"]) == (4, "outside", [path])
    assert git(shop, "rev-parse", MAIN) == git(shop, "rev-parse", "main")
    assert (folder / path).read_text(encoding="utf-8") == "changed\n"


def test_files_that_no_document_names_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = "openspec/changes/add-a/tasks.md"
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n- [ ] 1.1 Remove old answers\n")
    commit_all(tmp_path / "shop", begins=True)
    run = planmark(tmp_path / "shop", capsys)
    folder = begin(run, "@add-a", "1.1")
    tick_line(folder, tasks, "1.1")
    write_below(folder, "src/answers.py", "new\n")
    write_below(folder, "src/__pycache__/answers.pyc", "generated\n")
    done = finished(run, "@add-a", "1.1")
    assert (done.data["kind"], done.data["listed"]) == ("ok", ["src/answers.py"])
    assert not folder.exists()
    listed = git(tmp_path / "shop", "ls-tree", "-r", "--name-only", "planmark/add-a/main").splitlines()
    assert listed == [tasks, "src/answers.py"]


def test_the_workspace_may_be_a_folder_of_the_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(tmp_path, below="backend/shop")
    run = planmark(root, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    assert folder == tmp_path / "shop.planmark" / "CHECKOUT-1.2-g1" / "backend/shop"
    resolve_fix(folder)
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    assert shown(root, MAIN, f"backend/shop/{CHARGE}") == "KEYS = {}"


def test_a_dirty_checkout_is_left_alone_and_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    write_below(shop, CHARGE, "dirty = 1\n")
    write_below(shop, "notes.txt", "mine\n")
    before = git(shop, "status", "--porcelain")
    begun = run("work", "@CHECKOUT", "--agent", "ada")
    assert begun.code == 0
    assert "2 uncommitted files of this checkout will not be in the work tree" in begun.err
    resolve_fix(shop.parent / "shop.planmark" / "CHECKOUT-1.2-g1")
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    assert git(shop, "status", "--porcelain") == before


@pytest.mark.parametrize("how", ["untracked", "changed", "ignored", "deleted"])
def test_uncommitted_documents_are_refused_before_anything_is_made(
    shop: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    run = planmark(shop, capsys)
    plans = "work-space/plans/CHECKOUT"
    if how in ("untracked", "ignored"):
        git(shop, "rm", "-r", "-q", "--cached", plans)
        write_below(shop, ".gitignore", "work-space/\n" if how == "ignored" else "")
        git(shop, "add", ".gitignore")
        git(shop, "commit", "-q", "-m", "without the plan")
        write_below(shop, "planmark.toml", "[files]\nrespectGitignore = false\n")
    elif how == "changed":
        write_below(shop, f"{plans}/execution/feedbacks/APPROVED_12.md", "# APPROVED\n\n**Achievement**: 1.2\n")
    else:
        (shop / plans / "execution/feedbacks/FIX_12.md").unlink()
    refused = run("work", "@CHECKOUT", "--agent", "ada")
    assert refused.code == 4, refused
    assert "not committed, and a work tree shows only what is" in refused.err
    assert "git add" in refused.err
    assert "planmark work @CHECKOUT --no-worktree" in refused.err
    assert trees(shop) == ["shop"]
    assert git(shop, "branch", "--list", "planmark/*") == ""
    assert not list((shop / ".git" / "planmark").rglob("*.json"))


def test_work_in_the_workspace_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "plain"
    shutil.copytree(Path(__file__).parents[2] / "examples/workspace", root)
    run = planmark(root, capsys)
    refused = run("work", "@CHECKOUT", "--agent", "ada")
    assert refused.code == 5
    assert "is in no git repository" in refused.err
    assert "--no-worktree" in refused.err
    assert begin(run, "@CHECKOUT", "--no-worktree") == root
    assert finished(run, "@CHECKOUT", "1.2").data["kind"] == "no_progress"
    resolve_fix(root)
    done = finished(run, "@CHECKOUT", "1.2")
    assert (done.code, done.data["after"]) == (0, "fix_resolved")


def test_what_the_person_commits_meanwhile_is_taken_in(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    resolve_fix(begin(run, "@CHECKOUT", "1.2"))
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    write_below(shop, "README.md", "of the person\n")
    commit_all(shop)
    folder = begin(run, "@CHECKOUT", agent="bob")
    assert (folder / "README.md").read_text(encoding="utf-8") == "of the person\n"
    assert (folder / RESOLUTION).is_file()


def test_a_plan_that_is_gone_ends_the_lease(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    shutil.rmtree(shop / "work-space/plans/CHECKOUT")
    gone = finished(run, "@CHECKOUT", "1.2")
    assert (gone.code, gone.data["kind"]) == (3, "gone"), gone
    assert git(shop, "rev-parse", MAIN) == git(shop, "rev-parse", "main")
    assert str(folder) in gone.data["kept"]
    assert "no lease is held" in run("lease", "list").out


def test_a_stolen_lease_integrates_nothing(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    begun = run("work", "@CHECKOUT", "1.2", "--agent", "ada", "--json").data
    resolve_fix(Path(begun["workspace"]))
    stolen = run("lease", "steal", "@CHECKOUT", "1.2", "--agent", "bob", "--force", "--reason", "it hangs")
    assert stolen.code == 0, stolen
    refused = run("finish", "--lease", begun["lease"]["id"])
    assert refused.code == 4
    assert "was taken by bob" in refused.err
    assert "Stop; commit nothing" in refused.err
    assert git(shop, "rev-parse", MAIN) == git(shop, "rev-parse", "main")


def test_a_branch_that_is_checked_out_is_never_moved(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    git(shop, "switch", "-q", MAIN)
    refused = finished(run, "@CHECKOUT", "1.2")
    assert refused.code == 4
    assert f"{MAIN} is checked out in {shop}" in refused.data["message"] if "message" in refused.data else refused.err
    git(shop, "switch", "-q", "main")
    assert finished(run, "@CHECKOUT", "1.2").code == 0


def test_finish_in_the_folder_of_the_work_needs_no_name(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    monkeypatch.chdir(folder)
    done = runner(capsys)("finish", "--json")
    assert done.code == 0, done
    assert "it is the current folder" in done.data["kept"]
    monkeypatch.chdir(shop)
    again = finished(run, "@CHECKOUT", "1.2")
    assert (again.code, again.data["kept"], folder.exists()) == (0, "", False)


def test_a_hook_that_refuses_is_shown_and_nothing_is_integrated(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hook = shop / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho the tests fail >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    run = planmark(shop, capsys)
    resolve_fix(begin(run, "@CHECKOUT", "1.2"))
    refused = finished(run, "@CHECKOUT", "1.2")
    assert (refused.code, refused.data["kind"]) == (1, "no_progress")
    assert "the tests fail" in refused.data["by"]
    assert git(shop, "rev-parse", MAIN) == git(shop, "rev-parse", "main")
    hook.unlink()
    assert finished(run, "@CHECKOUT", "1.2").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["work", "@CHECKOUT", "--agent", ""], 2, "name the agent"),
        (["work", "@NOTHING", "--agent", "ada"], 2, "no plan @NOTHING"),
        (["work", "@CHECKOUT", "9.9", "--agent", "ada"], 2, "no achievement 9.9"),
        (["work", "@CHECKOUT", "1.1", "--agent", "ada"], 3, "1.1 is approved"),
        (["work", "@CHECKOUT", "1.2", "1.3", "--agent", "ada"], 2, "takes a plan and an achievement"),
        (["work", "@CHECKOUT", "--agent", "a/b"], 2, "is not a name of an agent"),
        (["work", "@CHECKOUT", "--agent", "ada", "--json", "--out", "x"], 2, "exclude each other"),
        (["work", "merge"], 2, "takes a plan"),
        (["work", "merge", "@CHECKOUT"], 3, "does not exist"),
        (["finish"], 2, "name the work"),
        (["finish", "@CHECKOUT", "1.2"], 3, "is not leased"),
        (["finish", "--lease", "lse_0"], 2, "there is no lease lse_0"),
    ],
)
def test_bad_arguments_are_explained(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    result = planmark(shop, capsys)(*arguments)
    assert (result.code, says in result.err) == (code, True), result
    assert trees(shop) in (["shop"], ["shop", "CHECKOUT-main"])


def test_a_repository_that_cannot_have_trees_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "shop"
    shutil.copytree(Path(__file__).parents[2] / "examples/workspace", root)
    run = planmark(root, capsys)
    git(root, "init", "-q", "-b", "main")
    unborn = run("work", "@CHECKOUT", "--agent", "ada")
    assert (unborn.code, "has no commit yet" in unborn.err) == (4, True)
    commit_all(root)

    programs = tmp_path / "programs"
    write_below(programs, "git", "#!/bin/sh\necho git version 2.34.1\n")
    (programs / "git").chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        old = run("work", "@CHECKOUT", "--agent", "ada")
        assert (old.code, "git version 2.34.1" in old.err, "2.38" in old.err) == (5, True, True)
        patched.setenv("PATH", str(tmp_path))
        missing = run("work", "@CHECKOUT", "--agent", "ada")
        assert (missing.code, "git was not found" in missing.err) == (5, True)
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    git(root, "config", "user.useConfigOnly", "true")
    author = run("work", "@CHECKOUT", "--agent", "ada")
    assert (author.code, "git config user.name" in author.err) == (5, True)
    assert trees(root) == ["shop"]


def test_a_bare_repository_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    write_below(bare, "openspec/changes/add-a/tasks.md", "- [ ] 1.1 Create `a.py`\n")
    refused = planmark(bare, capsys)("work", "@add-a", "--agent", "ada")
    assert (refused.code, "is a bare repository" in refused.err) == (5, True), refused


def test_a_versioned_file_chooses_neither_folder_nor_branch(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_below(shop, "planmark.toml", '[work]\nfolder = "/tmp/elsewhere"\ninto = "main"\n')
    commit_all(shop)
    run = planmark(shop, capsys)
    assert begin(run, "@CHECKOUT", "1.2").parent == shop.parent / "shop.planmark"
    git(shop, "config", "planmark.workFolder", "../trees")
    git(shop, "config", "planmark.workInto", "work/{feature}")
    assert begin(run, "@CHECKOUT", "1.3", agent="bob").parent == shop.parent / "trees"
    assert git(shop, "branch", "--list", "work/*") != ""


def test_the_person_edits_the_plan_meanwhile(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    resolve_fix(begin(run, "@CHECKOUT", "1.2"))
    plan = "work-space/plans/CHECKOUT/PLAN_CHECKOUT.md"
    text = (shop / plan).read_text(encoding="utf-8")
    write_below(shop, plan, text.replace("# PLAN", "<!-- of the person -->\n# PLAN", 1))
    commit_all(shop)
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    begin(run, "@CHECKOUT", agent="bob")
    assert "<!-- of the person -->" in shown(shop, MAIN, plan)
    assert shown(shop, MAIN, CHARGE) == "KEYS = {}"


def test_ticks_of_the_person_and_of_the_integration_are_no_conflict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = "openspec/changes/add-a/tasks.md"
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n" + "".join(f"- [ ] 1.{n} Create `{n}.py`\n" for n in (1, 2, 3)))
    write_below(tmp_path / "shop", "planmark.toml", '[leases]\norder = "none"\n')
    commit_all(tmp_path / "shop", begins=True)
    run = planmark(tmp_path / "shop", capsys)
    folder = begin(run, "@add-a", "1.1")
    tick_line(folder, tasks, "1.1")
    write_below(folder, "1.py", "1\n")
    assert finished(run, "@add-a", "1.1").code == 0
    tick_line(tmp_path / "shop", tasks, "1.2")
    write_below(tmp_path / "shop", "2.py", "2\n")
    commit_all(tmp_path / "shop")
    begun = run("work", "@add-a", "1.3", "--agent", "bob", "--json")
    assert begun.code == 0, begun
    assert shown(tmp_path / "shop", "planmark/add-a/main", tasks).count("[x]") == 2


def test_a_conflict_of_the_person_with_the_integration_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    resolve_fix(begin(run, "@CHECKOUT", "1.2"))
    assert finished(run, "@CHECKOUT", "1.2").code == 0
    write_below(shop, CHARGE, "OTHER = 1\n")
    commit_all(shop)
    before = git(shop, "rev-parse", MAIN)
    refused = run("work", "@CHECKOUT", "1.3", "--agent", "bob")
    assert (refused.code, f"{MAIN} and main are in conflict in {CHARGE}" in refused.err) == (4, True), refused
    assert git(shop, "rev-parse", MAIN) == before
    merge = run("work", "merge", "@CHECKOUT")
    assert f"conflicts in {CHARGE}" in merge.err


def test_submodules_filters_and_sparse_checkouts_are_those_of_git(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    write_below(other, "a.txt", "a\n")
    commit_all(other, begins=True)
    shop = repository(tmp_path)
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "vendored")
    git(shop, "config", "filter.shout.clean", "tr a-z A-Z")
    git(shop, "config", "filter.shout.smudge", "tr A-Z a-z")
    write_below(shop, ".gitattributes", "*.loud filter=shout\n")
    write_below(shop, "x.loud", "hello\n")
    commit_all(shop)
    git(shop, "config", "core.sparseCheckout", "true")
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    assert (folder / "x.loud").read_text(encoding="utf-8") == "hello\n"
    resolve_fix(folder)
    done = finished(run, "@CHECKOUT", "1.2")
    assert done.code == 0, done
    assert shown(shop, MAIN, "x.loud") == "HELLO"
    assert shown(shop, MAIN, CHARGE) == "KEYS = {}"


def test_a_full_disk_leaves_the_branch_as_it_was(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    programs = tmp_path / "programs"
    script = '#!/bin/sh\nfor word in "$@"; do\n  if [ "$word" = "$FAILS" ]; then\n    echo "fatal: No space left on device" >&2\n'
    write_below(programs, "git", f'{script}    exit 128\n  fi\ndone\nexec {real} "$@"\n')
    (programs / "git").chmod(0o755)
    run = planmark(shop, capsys)
    path = os.environ["PATH"]
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{path}")
    monkeypatch.setenv("FAILS", "--lock")
    full = run("work", "@CHECKOUT", "1.2", "--agent", "ada")
    assert (full.code, "No space left on device" in full.err) == (5, True), full
    monkeypatch.setenv("FAILS", "")
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    before = git(shop, "rev-parse", MAIN)
    for fails in ("add", "write-tree", "commit", "merge-tree", "commit-tree", "update-ref"):
        monkeypatch.setenv("FAILS", fails)
        full = finished(run, "@CHECKOUT", "1.2")
        assert full.code in (1, 4, 5), (fails, full)
        assert "No space left on device" in full.out + full.err
        assert git(shop, "log", "-1", "--format=%H", MAIN) == before
    monkeypatch.setenv("FAILS", "")
    assert finished(run, "@CHECKOUT", "1.2").code == 0


def test_names_reach_git_unchanged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = "--exec=;$(touch pwned)`x`"
    tasks = f"openspec/changes/{plan}/tasks.md"
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n- [ ] Create `a b.py`; $(touch pwned) --force\n")
    commit_all(tmp_path / "shop", begins=True)
    run = planmark(tmp_path / "shop", capsys)
    folder = begin(run, tasks)
    tick_line(folder, tasks, "Create")
    write_below(folder, "a b.py", "1\n")
    done = finished(run, tasks)
    assert (done.code, done.data["kind"]) == (0, "ok"), done
    merge = run("work", "merge", tasks)
    assert merge.code == 0, merge
    assert not list(tmp_path.rglob("pwned"))


def test_a_folder_that_was_deleted_by_hand_comes_back(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    commit_all(folder, message="CHECKOUT 1.2")
    shutil.rmtree(shop.parent / "shop.planmark")
    refused = run("finish", "@CHECKOUT", "1.2")
    assert (refused.code, "git worktree add" in refused.err) == (4, True), refused
    assert begin(run, "@CHECKOUT", "1.2") == folder
    assert (folder / RESOLUTION).is_file()
    assert finished(run, "@CHECKOUT", "1.2").code == 0


def test_a_checkout_of_the_integration_that_was_edited_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    begin(run, "@CHECKOUT", "1.2")
    write_below(shop.parent / "shop.planmark/CHECKOUT-main", "work-space/plans/CHECKOUT/APPROVED_12.md", "# APPROVED\n")
    refused = run("work", "@CHECKOUT", "1.3", "--agent", "bob")
    assert refused.code == 4
    assert f"{shop.parent}/shop.planmark/CHECKOUT-main shows {MAIN}, and has changes" in refused.err


def test_work_without_a_name_never_shares_a_tree(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    first, second = run("work", "@CHECKOUT", "--json").data, run("work", "@CHECKOUT", "--json").data
    assert first["lease"]["agent"] != second["lease"]["agent"]
    assert first["workspace"] != second["workspace"]
    resolve_fix(Path(first["workspace"]))
    assert run("finish", "@CHECKOUT", "1.2").code == 0


def test_a_reviewer_gives_a_verdict(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.3", agent="noor")
    verdict = "work-space/plans/CHECKOUT/execution/feedbacks/APPROVED_13.md"
    text = (folder / verdict.replace("_13", "_01")).read_text(encoding="utf-8")
    write_below(folder, verdict, text.replace("0.1", "1.3").replace("2026-09", "2026-11"))
    done = finished(run, "@CHECKOUT", "1.3")
    assert (done.code, done.data["before"], done.data["after"]) == (0, "fix_resolved", "approved"), done
    assert verdict in git(shop, "ls-tree", "-r", "--name-only", MAIN)


def test_a_step_about_the_whole_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository(tmp_path, "kiro")
    run = planmark(root, capsys)
    begun = run("work", "@sharing", "--agent", "ada", "--json").data
    folder = Path(begun["workspace"])
    assert (begun["achievement"], begun["step"]) == ("", "write_design")
    assert finished(run, "@sharing").data["kind"] == "no_progress"
    write_below(folder, ".kiro/specs/sharing/design.md", "# Design\n\n## Overview\n\nA link shares a habit.\n")
    done = finished(run, "@sharing")
    assert (done.code, done.data["before"], done.data["after"]) == (0, "write_design", "write_tasks"), done


def test_an_item_that_the_person_deletes_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = "openspec/changes/add-a/tasks.md"
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n- [ ] 1.1 Create `a.py`\n- [ ] 1.2 Create `b.py`\n")
    write_below(tmp_path / "shop", "planmark.toml", '[leases]\norder = "none"\n')
    commit_all(tmp_path / "shop", begins=True)
    run = planmark(tmp_path / "shop", capsys)
    folder = begin(run, "@add-a", "1.1")
    tick_line(folder, tasks, "1.1")
    write_below(folder, "a.py", "1\n")
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n- [ ] 1.2 Create `b.py`\n")
    commit_all(tmp_path / "shop")
    begin(run, "@add-a", "1.2", agent="bob")
    before = git(tmp_path / "shop", "rev-parse", "planmark/add-a/main")
    gone = finished(run, "@add-a", "1.1")
    assert (gone.code, gone.data["kind"]) == (3, "gone"), gone
    assert git(tmp_path / "shop", "rev-parse", "planmark/add-a/main") == before
    assert (folder / "a.py").is_file()


@pytest.mark.parametrize("text", ["# Tasks\n\n- [x] 1.9 Create `a.py`\n", "", "# Tasks\n"])
def test_an_item_that_only_its_agent_deletes_is_not_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    tasks = "openspec/changes/add-a/tasks.md"
    write_below(tmp_path / "shop", tasks, "# Tasks\n\n- [ ] 1.1 Create `a.py`\n")
    commit_all(tmp_path / "shop", begins=True)
    run = planmark(tmp_path / "shop", capsys)
    folder = begin(run, "@add-a", "1.1")
    write_below(folder, "a.py", "1\n")
    write_below(folder, tasks, text)
    result = finished(run, "@add-a", "1.1")
    assert (result.code, result.data["kind"]) == (1, "no_progress"), result
    assert "is not in" in result.data["by"]
    assert "held" in run("lease", "list").out


def test_a_lease_of_a_different_workspace_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        write_below(tmp_path / "shop", f"{name}/planmark.toml", "")
        write_below(tmp_path / "shop", f"{name}/openspec/changes/add-{name}/tasks.md", "- [ ] 1.1 Create `x.py`\n")
    commit_all(tmp_path / "shop", begins=True)
    begun = planmark(tmp_path / "shop/a", capsys)("work", "@add-a", "--agent", "ada", "--json").data
    refused = planmark(tmp_path / "shop/b", capsys)("finish", "--lease", begun["lease"]["id"])
    assert (refused.code, "is not in the workspace" in refused.err) == (2, True), refused
    assert "held" in planmark(tmp_path / "shop/a", capsys)("lease", "list").out


@pytest.mark.parametrize("state", ["other branch", "detached", "merge", "rebase"])
def test_a_tree_whose_branch_cannot_get_the_work_is_explained(
    shop: Path, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    resolve_fix(folder)
    if state == "other branch":
        git(folder, "switch", "-q", "-c", "mine")
    elif state == "detached":
        git(folder, "switch", "-q", "--detach")
    else:
        commit_all(folder, message="CHECKOUT 1.2")
        write_below(shop, CHARGE, "OTHER = 1\n")
        commit_all(shop)
        with pytest.raises(subprocess.CalledProcessError):
            git(folder, state, "main")
    before = git(shop, "rev-parse", MAIN)
    result = finished(run, "@CHECKOUT", "1.2")
    assert (result.code, result.data["kind"]) == (1, "no_progress"), result
    assert ("unresolved files" if state in ("merge", "rebase") else "checked out, not") in result.data["by"]
    assert git(shop, "rev-parse", MAIN) == before
    if state in ("merge", "rebase"):
        git(folder, state, "--abort")
    else:
        git(folder, "switch", "-q", "planmark/CHECKOUT/1.2-g1")
    assert finished(run, "@CHECKOUT", "1.2").code == 0


def test_documents_on_a_different_branch_are_not_overlooked(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    begin(run, "@CHECKOUT", "1.3")
    git(shop, "switch", "-q", "-c", "topic")
    write_below(shop, "README.md", "only words\n")
    commit_all(shop)
    assert run("work", "@CHECKOUT", "1.3", "--agent", "ada").code == 0
    resolve_fix(shop)
    commit_all(shop)
    refused = run("work", "@CHECKOUT", "1.2", "--agent", "bob")
    assert (refused.code, "topic has 1 document of the plan that" in refused.err) == (4, True), refused
    git(shop, "branch", "-q", "--set-upstream-to=topic", MAIN)
    assert run("work", "@CHECKOUT", "1.2", "--agent", "bob", "--json").data["step"] == "re_review"


def test_work_with_a_tree_goes_on_in_it(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = planmark(shop, capsys)
    folder = begin(run, "@CHECKOUT", "1.2")
    refused = run("work", "@CHECKOUT", "1.2", "--agent", "ada", "--no-worktree")
    assert (refused.code, f"go on in {folder}" in refused.err) == (4, True), refused
