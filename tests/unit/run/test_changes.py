"""Tables of changed files: those that are outside of the work on an item."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lease_helpers import asker, taken, work
from planmark.coordination.lease import Lease
from planmark.queries.meant import plan_meant_by_name
from planmark.queries.workspace_view import View
from planmark.run.changes import WorkFiles, work_files
from planmark.run.reading import LeasedItem
from rename_helpers import view_of_files

HOME = "work-space/plans/PAY"
PLAN = "# PLAN\n\n**Achievement 1.1**: A\n\n- Success: it works\n"
FILES = {
    f"{HOME}/PLAN_PAY.md": PLAN,
    f"{HOME}/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN\n\n**Status**: Executing\n",
    f"{HOME}/execution/EXECUTION_TASK_PAY_11_01.md": "# EXECUTION_TASK\n\n**Status**: Complete\n",
    f"{HOME}/execution/feedbacks/FIX_11.md": "# FIX\n\n**Achievement**: 1.1\n",
    "work-space/plans/SHIP/PLAN_SHIP.md": PLAN,
    "openspec/changes/add-a/tasks.md": "- [ ] 1.1 Create `src/a.py`\n",
}


@pytest.fixture(scope="module")
def view() -> View:
    return view_of_files(FILES)


def outside(view: View, paths: list[str], **lease: Any) -> WorkFiles:
    plan = plan_meant_by_name(view, lease.pop("plan", "PAY")).plan
    state = view.state(plan.path)
    given: Lease = msgspec.structs.replace(taken({}, work("1.1"), asker()), **lease)
    return work_files(paths, view, LeasedItem(plan, state, state.achievements[0]), given, lease.get("prefix", ""))


@pytest.mark.parametrize(
    "path",
    [
        *(".gitignore", "src/.gitattributes", ".gitmodules", ".github/workflows/ci.yml", ".gitlab-ci.yml"),
        *(
            "planmark.toml",
            "sub/planmark.toml",
            "AGENTS.md",
            "CLAUDE.md",
            "CLAUDE.local.md",
            "GEMINI.md",
            "AGENTS.override.md",
            "AGENT.md",
            "sub/deep/AGENTS.md",
            "sub/CLAUDE.md",
            "agents.md",
            "Claude.md",
            "CONVENTIONS.md",
        ),
        *(
            ".claude/settings.json",
            ".codex/config.toml",
            ".cursor/mcp.json",
            ".cursorrules",
            ".mcp.json",
            "opencode.json",
        ),
        *(".vscode/tasks.json", ".devcontainer/devcontainer.json", ".husky/pre-commit", ".pre-commit-config.yaml"),
        *(".circleci/config.yml", "azure-pipelines.yml", "Jenkinsfile", ".envrc", ".kiro/hooks/x.json", "lefthook.yml"),
        *("work-space/plans/SHIP/PLAN_SHIP.md", "work-space/plans/SHIP/notes.md", "work-space/plans/NEW/PLAN_NEW.md"),
        *(f"{HOME}/execution/feedbacks/APPROVED_11.md", f"{HOME}/execution/feedbacks/FIX_11.md", "APPROVED_11.md"),
        *("openspec/changes/add-a/tasks.md", f"{HOME}/subplans/SUBPLAN_SHIP_11.md"),
    ],
)
@pytest.mark.parametrize("is_known", [False, True])
def test_what_no_step_may_change(view: View, path: str, is_known: bool) -> None:
    files = ("src/pay.py",) if is_known else ()
    assert outside(view, [path], files=files, files_known=is_known).outside == (path,)


@pytest.mark.parametrize(
    "path",
    [
        *(f"{HOME}/PLAN_PAY.md", f"{HOME}/subplans/SUBPLAN_PAY_11.md", f"{HOME}/execution/EXECUTION_TASK_PAY_11_02.md"),
        *(f"{HOME}/execution/feedbacks/FIX_11_RESOLUTION.md", f"{HOME}/notes.md", "src/pay.py", "src/refund/two.py"),
        *("tests/deep/test_pay.py", "a space.py"),
    ],
)
def test_what_a_step_may_change(view: View, path: str) -> None:
    files = outside(view, [path], files=("src/pay.py", "src/refund", "test_pay.py", "a space.py"), files_known=True)
    assert (files.outside, files.listed) == ((), ())


@pytest.mark.parametrize(
    "path",
    [
        *("docs/agents.md", "docs/Agents.md", "docs/claude.md", "docs/CONVENTIONS.md", "docs/AGENTS.md.txt"),
        *("AGENTS.zh.md", "AGENTS.mdx", "docs/MY_AGENTS.md", "docs/gemini.md", "docs/AGENTS.overview.md"),
    ],
)
def test_a_document_is_not_the_configuration_of_an_agent(view: View, path: str) -> None:
    files = outside(view, [path], files=(), files_known=False)
    assert (files.outside, files.listed) == ((), (path,))


@pytest.mark.parametrize("path", ["shop/agents.md", "agents.md", "shop/docs/AGENTS.md", "elsewhere/CLAUDE.md"])
def test_the_top_of_a_workspace_below_the_repository_counts(view: View, path: str) -> None:
    state = view.state(plan_meant_by_name(view, "PAY").plan.path)
    lease: Lease = msgspec.structs.replace(taken({}, work("1.1"), asker()), files=(), files_known=False)
    about = LeasedItem(plan_meant_by_name(view, "PAY").plan, state, state.achievements[0])
    assert work_files([path], view, about, lease, "shop/").outside == (path,)


def test_other_files_are_outside_or_listed(view: View) -> None:
    assert outside(view, ["src/x.py"], files=("src/pay.py",), files_known=True).outside == ("src/x.py",)
    unknown = outside(view, ["src/x.py"], files=(), files_known=False)
    assert (unknown.outside, unknown.listed, unknown.beside) == ((), ("src/x.py",), ("src/x.py",))


def test_a_file_that_the_plan_names_may_be_configuration(view: View) -> None:
    named = outside(view, [".github/workflows/ci.yml"], files=(".github/workflows/ci.yml",), files_known=True)
    assert named.outside == ()


def test_a_reviewer_writes_verdicts(view: View) -> None:
    verdict = f"{HOME}/execution/feedbacks/APPROVED_11.md"
    assert outside(view, [verdict], role="reviewer").outside == ()
    assert outside(view, [verdict], role="executor").verdicts == (verdict,)
    assert outside(view, ["work-space/plans/SHIP/APPROVED_11.md"], role="reviewer").outside != ()


def test_documents_of_a_format_with_boxes(view: View) -> None:
    files = outside(
        view, ["openspec/changes/add-a/tasks.md", "src/a.py"], plan="add-a", files=("src/a.py",), files_known=True
    )
    assert (files.outside, files.beside) == ((), ("src/a.py",))
    assert outside(view, [f"{HOME}/PLAN_PAY.md"], plan="add-a").outside == (f"{HOME}/PLAN_PAY.md",)
