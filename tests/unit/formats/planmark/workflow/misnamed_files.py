"""A workspace with a file whose name is almost that of a document, and its diagnostics before and after the rename."""

from __future__ import annotations

from pathlib import Path

from fixture import write_files
from planmark.diagnostics.fixes import fixes_for
from planmark.plans.diagnostic import Diagnostic
from planmark.queries.workspace_view import View, build_view
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import RenamePath

P = "plans/PAY"
PLAN = (
    "# PLAN\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n\n**Achievement 10.1**: C\n"
)
SUBPLAN = "# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\ny\n"
TASK = "# EXECUTION_TASK\n\n**Status**: ✅ Complete\n"
S, E, F = f"{P}/subplans", f"{P}/execution", f"{P}/execution/feedbacks"


def seen(root: Path, files: dict[str, str]) -> View:
    write_files(root, {f"{P}/PLAN_PAY.md": PLAN, **files})
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


def text_of(name: str) -> str:
    return SUBPLAN if name.lower().startswith("sub") else TASK if name.lower().startswith("exec") else "# Review\n"


def named(view: View, path: str) -> list[Diagnostic]:
    return [diagnostic for diagnostic in view.diagnostics_at(path) if diagnostic.code == "document-name"]


def states(view: View) -> list[tuple[str, str, str]]:
    (files,) = view.snapshot.plans
    return [(known.id, known.state, known.step) for known in view.evaluations[files.path].state.achievements]


def renamed(root: Path, view: View, path: str) -> str:
    """Apply the only fix of a misnamed file, and return its new path."""
    (diagnostic,) = named(view, path)
    (fix,) = fixes_for(view.snapshot, diagnostic, view.text)
    (rename,) = fix.changes
    assert isinstance(rename, RenamePath) and not fix.is_preferred
    (root / rename.new).parent.mkdir(parents=True, exist_ok=True)
    (root / rename.old).rename(root / rename.new)
    return rename.new
