"""The names that an editor offers in documents of other formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.ide.document import EditorDocument
from planmark.ide.item_names import complete
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

KIRO = ".kiro/specs/cart"
SPECKIT = "specs/001-cart"
FILES = {
    f"{KIRO}/requirements.md": "# R\n\n### Requirement 1: Sum\n\n#### Acceptance Criteria\n\n1. WHEN a THEN b\n2. WHEN c THEN d\n",
    f"{SPECKIT}/spec.md": "# S\n\n### User Story 1 - Sum (Priority: P1)\n\n- **FR-001**: Sum it up\n- **SC-001**: Fast\n",
}
TASKS = {KIRO: "- [ ] 1. Sum\n- [ ] 2. Show\n", SPECKIT: "- [ ] T001 Sum\n- [ ] T002 Show\n"}


@pytest.mark.parametrize(
    ("folder", "line", "offered"),
    [
        (KIRO, "  - _Requirements: ", ["1", "1.1", "1.2"]),
        (KIRO, "  - _Requirements: 1.1, 1.", ["1", "1.1", "1.2"]),
        (KIRO, "  - _Depends: ", ["1", "2"]),
        (KIRO, "  - nothing of it ", []),
        (SPECKIT, "- [ ] T003 [", ["US1"]),
        (SPECKIT, "- [ ] T003 [U", ["US1"]),
        (SPECKIT, "- [ ] T003 for FR-", ["FR-001"]),
        (SPECKIT, "- [ ] T003 for SC-0", ["SC-001"]),
        (SPECKIT, "- [ ] T003 (depends on T", ["T001", "T002"]),
        (SPECKIT, "- [ ] T003 for XFR-", []),
    ],
)
def test_names_are_offered_where_they_belong(tmp_path: Path, folder: str, line: str, offered: list[str]) -> None:
    tasks = f"{folder}/tasks.md"
    write_files(tmp_path, {**FILES, tasks: f"{TASKS[folder]}{line}\n"})
    index = Index(tmp_path)
    view = build_view(index.refresh(), index.text_reader(), exists=index.exists)
    page = EditorDocument(view, tasks)
    assert page.site
    found = complete(page, page.site, 2, len(line))
    assert [one.text for one in found] == offered
    assert all(
        line[one.span.start : one.span.end] == one.text[: one.span.end - one.span.start]
        for one in found
        if line.endswith(("[U", "-", "-0"))
    )
