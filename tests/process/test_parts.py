"""`next --review` and `next --step research`: a prompt for each part, from real repositories."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from command_line import Run, runner
from conftest import REPOSITORY
from fixture import write
from planmark.cli.commands.schema import schema_names
from planmark.formats.planmark.prompts.part_questions import PART_HEADING, PARTS_BY_STEP, RESERVED_TOKENS
from planmark.prompts.prompt import Counter
from planmark.prompts.tokens import estimate_tokens
from planmark.queries.parts import PartTerms, part_prompts
from planmark.queries.role_costs import ROLE_PRESETS, role_costs
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

LEAST_PREFIX = 1024
"""Number of tokens from which on providers cache the beginning of a prompt."""
WORKSPACE = """
//- /plans/PAY/PLAN_PAY.md
# PLAN: Payments

**Status**: In Progress

**Achievement 1.1**: Refunds

- Success: money is back in a day
- **Deliverables**: `src/refund.py`

**Achievement 1.2**: Receipts

- Success: a receipt by mail
//- /plans/PAY/subplans/SUBPLAN_PAY_11.md
# SUBPLAN: Refunds

**Execution Count**: 1

## Objective

Money goes back.

## Approach

By the refund call of the provider.
//- /plans/PAY/execution/EXECUTION_TASK_PAY_11_01.md
# EXECUTION_TASK: Refunds

**Status**: ✅ Complete

## Learning Summary

- The provider answers late.
//- /src/refund.py
def refund(): ...
//- /.gitignore
*.log
"""
GIT = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, WORKSPACE)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "A")
    git(tmp_path, "checkout", "-qb", "work")
    return tmp_path


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(root))


def scope(run: Run, *more: str) -> dict[str, object]:
    result = run("next", "@PAY", "--achievement", "1.1", "--review", "auto", "--dry-run", "--json", *more)
    assert result.code == 0, result.err
    found: dict[str, object] = json.loads(result.out)
    assert found["schema"] == "planmark.review/1"
    return found


@GIT
def test_the_scope_follows_the_files(run: Run, root: Path) -> None:
    assert scope(run)["type"] == "none"
    (root / "plans" / "PAY" / "PLAN_PAY.md").write_text("# PLAN: Payments\n\n**Achievement 1.1**: Refunds\n")
    assert scope(run)["type"] == "none", "the documents of plans are no work to review"
    (root / "notes.log").write_text("ignored")
    assert scope(run)["type"] == "none"
    (root / "README.md").write_text("How to pay back.\n")
    assert scope(run)["type"] == "documentation"
    (root / "src" / "refund.py").write_text("def refund(): return 1\n")
    assert scope(run)["type"] == "full"
    (root / "README.md").unlink()
    assert scope(run)["type"] == "small"
    (root / "src" / "login.py").write_text("x = 1\n")
    assert scope(run) | {"base": ""} == scope(run) | {"base": "", "type": "sensitive", "skipped": []}


@GIT
def test_a_thousand_files_are_asked_for_in_a_few_calls(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1000):
        (root / "src" / f"part{number}.py").write_text(f"x = {number}\n")
    started = subprocess.Popen.__init__
    calls: list[object] = []

    def start(self: subprocess.Popen[bytes], args: object, *more: object, **named: object) -> None:
        calls.append(args)
        started(self, args, *more, **named)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", start)
    found = scope(run)
    assert (found["type"], found["reason"]) == ("full", "1000 changed lines in 1000 files")
    assert 0 < len(calls) <= 12
    assert all(isinstance(args, (list, tuple)) for args in calls), "never a shell"
    prompt = run("next", "@PAY", "--achievement", "1.1", "--review", "docs")
    assert prompt.code == 0 and estimate_tokens(prompt.out) <= 8000


@GIT
def test_a_file_with_another_name_counts_under_both(run: Run, root: Path) -> None:
    git(root, "mv", "src/refund.py", "src/login.py")
    assert scope(run)["type"] == "sensitive"
    git(root, "commit", "-qm", "B")
    git(root, "mv", "src/login.py", "src/back.py")
    assert scope(run, "--base", "HEAD")["type"] == "sensitive"


@GIT
def test_a_repository_without_commits_and_a_submodule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a", WORKSPACE)
    git(tmp_path / "a", "init", "-q", "-b", "main")
    run = runner(capsys, "--workspace", str(tmp_path / "a"))
    assert scope(run)["type"] in ("full", "sensitive")
    git(tmp_path / "a", "add", "-A")
    git(tmp_path / "a", "commit", "-qm", "A")
    git(tmp_path, "init", "-q", "-b", "main", "b")
    git(tmp_path / "b", "commit", "-q", "--allow-empty", "-m", "B")
    git(tmp_path / "a", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "b"), "vendor")
    assert scope(run)["type"] == "sensitive", "a list of submodules changed"


@GIT
def test_a_dry_run_says_which_and_why(run: Run, root: Path) -> None:
    (root / "src" / "refund.py").write_text("def refund(): return 1\n")
    result = run("next", "@PAY", "--achievement", "1.1", "--review", "auto", "--dry-run")
    assert "@PAY 1.1: small change: 1 changed line in one file" in result.out
    assert "  src/refund.py\n" in result.out
    assert "planmark next @PAY --achievement 1.1 --review quality" in result.out
    assert "Not needed: research" in result.out


@GIT
def test_auto_makes_the_prompts_that_the_change_needs(run: Run, root: Path) -> None:
    (root / "src" / "auth.py").write_text("x = 1\n")
    result = run("next", "@PAY", "--achievement", "1.1", "--review", "auto", "--json")
    prompts = json.loads(result.out)["prompts"]
    assert [prompt["part"] for prompt in prompts] == ["security", "quality", "docs"]
    assert [prompt["tier"] for prompt in prompts] == [3, 1, 1]
    assert all("`src/auth.py` (added, 1 line)" in prompt["prompt"] for prompt in prompts)


@GIT
def test_prompts_of_reviewers_begin_with_the_same_bytes(run: Run) -> None:
    for budget in range(700, 2100, 25):
        arguments = ("next", "@PAY", "--achievement", "1.1", "--review", "docs,security", "--json")
        result = run(*arguments, "--budget", str(budget))
        if result.code:
            assert "split" in result.err
            continue
        one, other = (prompt["prompt"] for prompt in json.loads(result.out)["prompts"])
        shared = one.partition(PART_HEADING)[0] + PART_HEADING
        assert other.startswith(shared)
        assert max(estimate_tokens(one), estimate_tokens(other)) <= budget
        assert estimate_tokens(one[len(shared) :]) < RESERVED_TOKENS


def test_reviewers_of_the_example_share_enough_for_a_cache_of_prefixes() -> None:
    index = Index(REPOSITORY / "examples" / "workspace")
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    reviewed = 0
    for plan in view.snapshot.plans:
        for item in view.state(plan.path).achievements:
            if item.state in ("awaiting_review", "fix_resolved"):
                first, *others = part_prompts(view, plan, "review", item, ["security", "quality", "docs"])
                shared = first.prompt.partition(PART_HEADING)[0] + PART_HEADING
                assert all(other.prompt.startswith(shared) for other in others)
                assert estimate_tokens(shared) >= LEAST_PREFIX, (plan.feature, item.id)
                reviewed += 1
    assert reviewed == 3


def test_the_end_of_each_part_fits() -> None:
    assert all(
        estimate_tokens(" ".join((part.asks, *part.questions))) < RESERVED_TOKENS / 2
        for parts in PARTS_BY_STEP.values()
        for part in parts
    )


@GIT
def test_several_prompts_as_text_and_as_files(run: Run, tmp_path: Path) -> None:
    result = run("next", "@PAY", "--achievement", "1.1", "--review", "docs,security")
    assert "──── 1 of 2: security (tier 3, begins first) ────" in result.out
    assert "──── 2 of 2: docs (tier 1, may run beside the others) ────" in result.out
    out = tmp_path / "p.log"
    result = run("next", "@PAY", "--achievement", "1.1", "--review", "docs,security", "--out", str(out))
    assert result.out == ""
    assert (tmp_path / "p.security.log").read_text(encoding="utf-8").startswith("# PAY 1.1: Refunds")
    assert (tmp_path / "p.docs.log").exists() and not out.exists()
    alone = run("next", "@PAY", "--achievement", "1.1", "--review", "docs").out
    assert alone == (tmp_path / "p.docs.log").read_text(encoding="utf-8")


@GIT
def test_nothing_changed_needs_no_review(run: Run) -> None:
    result = run("next", "@PAY", "--achievement", "1.1", "--review", "auto")
    assert (result.code, "No review is needed" in result.out) == (3, True)


def test_without_git_every_review_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, WORKSPACE)
    run = runner(capsys, "--workspace", str(tmp_path))
    known = scope(run)
    assert (known["type"], known["base"]) == ("full", None)
    assert "is in no git repository" in str(known["reason"]) or "git was not found" in str(known["reason"])
    prompt = run("next", "@PAY", "--achievement", "1.1", "--review", "quality").out
    assert "Git does not show what changed" in prompt


@GIT
@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--review", "securty"), 2, "did you mean security?"),
        (("--review", ","), 2, "name what to review: security, quality, docs"),
        (("--review", "auto", "--base", "nowhere"), 2, "--base: git knows no revision `nowhere`"),
        (("--review", "auto", "--step", "verify"), 2, "--review and --step exclude each other"),
        (("--review", "docs", "--copy"), 2, "use --out FILE"),
        (("--base", "nowhere"), 2, "--base: git knows no revision `nowhere`"),
        (("--dry-run",), 2, "--dry-run needs --review"),
        (("--kind", "web"), 2, "--kind needs --step research"),
        (("--step", "review"), 2, "planmark next --review security,quality,docs"),
        (("--step", "research", "--kind", "wep"), 2, "did you mean web?"),
        (("--step", "research"), 2, "1.1 waits for its review: there is nothing to research yet"),
    ],
)
def test_options_that_contradict(run: Run, arguments: tuple[str, ...], code: int, says: str) -> None:
    result = run("next", "@PAY", "--achievement", "1.1", *arguments)
    assert (result.code, says in result.err) == (code, True), result.err


@GIT
def test_the_prompt_for_the_review_shows_the_work_since_a_base(run: Run) -> None:
    prompt = run("next", "@PAY", "1.1", "--base", "HEAD").out
    assert re.search(r"- The work since .*: `git diff [0-9a-f]{12}`", prompt), prompt


@GIT
def test_a_review_of_what_has_no_work_is_refused(run: Run) -> None:
    result = run("next", "@PAY", "--achievement", "1.2", "--review", "docs")
    assert result.code == 2
    assert "1.2 has no SUBPLAN: there is nothing to review yet" in result.err


@GIT
def test_research_makes_two_prompts_for_one_design(run: Run, root: Path) -> None:
    result = run("next", "@PAY", "--achievement", "1.2", "--step", "research", "--json")
    known = json.loads(result.out)
    assert known["schema"] == "planmark.research/1"
    local, web = known["prompts"]
    assert (local["part"], web["part"]) == ("local", "web")
    assert local["writes"] == ["plans/PAY/research/PAY_12_local.md"]
    assert web["writes"] == ["plans/PAY/research/PAY_12_web.md"]
    write(root, "//- /plans/PAY/research/PAY_12_web.md\n# What others know\n")
    design = run("next", "@PAY", "--achievement", "1.2").out
    assert "`plans/PAY/research/PAY_12_web.md`" in design
    assert "PAY_12_local.md" not in design
    checked = json.loads(run("check", "--json").out)
    assert not [found for found in checked["diagnostics"] if "research" in found["path"]]


def test_the_results_have_schemas() -> None:
    assert {"review", "research"} <= set(schema_names())


def test_the_roles_of_a_feature_with_their_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, WORKSPACE)
    run = runner(capsys, "--workspace", str(tmp_path))
    rows = {
        words[0]: words[1:] for line in run("budget", "@PAY", "--roles").out.splitlines() if (words := line.split())
    }
    assert [name for name in rows if name in {preset.name for preset in ROLE_PRESETS}] == [
        preset.name for preset in ROLE_PRESETS
    ]
    assert rows["researcher-local"][:3] == ["1", "800", "1"], "1.2 has no design yet"
    assert rows["security-auditor"][:3] == ["3", "800", "1"], "1.1 waits for its review"
    assert rows["test-master"] == ["2", "1,500", "0", "-", "-"]
    prompt = json.loads(run("next", "@PAY", "--achievement", "1.2", "--json").out)
    assert rows["planner"][-1] == f"{prompt['tokens']['total']:,}"


def test_the_work_of_the_roles_tells_its_progress(tmp_path: Path) -> None:
    write(tmp_path, WORKSPACE)
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    told: list[tuple[int, int]] = []
    role_costs(view, view.snapshot.plans, lambda done, of: told.append((done, of)))
    assert told == [(0, 2), (1, 2)]


def test_the_beginning_that_parts_share_is_counted_once(tmp_path: Path) -> None:
    write(tmp_path, WORKSPACE)
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return estimate_tokens(text)

    plan = view.snapshot.plans[0]
    achievement = view.state(plan.path).achievements[0]
    terms = PartTerms(None, Counter("counted", count))
    prompts = [*part_prompts(view, plan, "review", achievement, ["security", "quality", "docs"], terms=terms)]
    shared = prompts[0].prompt.partition(PART_HEADING)[0]
    assert len(prompts) == 3 and counted.count(shared) == 1
    assert sum(map(len, counted)) < len(shared) + 3 * 4000


def test_the_shares_of_the_roles_fit_the_budget() -> None:
    assert sum(preset.share for preset in ROLE_PRESETS) <= 8000
    steps = [step for preset in ROLE_PRESETS for step in preset.steps]
    assert len(steps) == len(set(steps))
