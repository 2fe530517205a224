"""The achievement at a position: what contains the position, and nothing else."""

from __future__ import annotations

import pytest

from editor_checks import page_at
from planmark.ide.editor import editor_of

HEAD = """# PLAN: Payments

**Status**: In Progress {head}

## Achievement Index

- Achievement 1.1: Refunds {index}
- Achievement 1.2: Receipts

## Priority 1

What matters most. {priority}

**Achievement 1.1**: Refunds {definition}

- Effort: 2 hours {body}

**Achievement 1.2**: Receipts

- **Dependencies**: {dependency}1.1

## Goal

Money goes both ways, as 1.1 says. {goal} See Achievement {mention}1.2.
"""
OTHER = """
//- /work-space/plans/OTHER/PLAN_OTHER.md
**Achievement 3.1**: Limits
"""
FOLDER = "/work-space/plans/PAY"
SUBPLAN = f"""
//- {FOLDER}/subplans/SUBPLAN_PAY_12.md
# SUBPLAN: Receipts
{{inside}}
After Achievement {{mention}}1.1. As @OTHER {{other}}3.1 says.
"""
NOTES = """
//- /NOTES.md
Nothing. {nothing}
"""
KIRO = """
//- /.kiro/specs/cache/requirements.md
# Requirements {requirements}
//- /.kiro/specs/cache/tasks.md
# Implementation Plan

{above}
- [ ] 1. Set up the cache {item}
  - Choose a library {note}
  - [ ] 1.1 Write the adapter {child}

    Keep it small. {child_body}

- [ ] 2. Measure it

Text that belongs to no task. {between}

## Notes {heading}

More. {after}
"""


def _at(part: str, where: str) -> tuple[str, str] | str | None:
    parts = {"PLAN": HEAD, "SUBPLAN": SUBPLAN, "NOTES": NOTES, "KIRO": KIRO}
    texts = {name: text.replace("{" + where + "}", "$0", 1) if name == part else text for name, text in parts.items()}
    fixture = f"//- {FOLDER}/PLAN_PAY.md\n{texts['PLAN']}{OTHER}{texts['SUBPLAN']}{texts['NOTES']}{texts['KIRO']}"
    for name in ("head", "index", "priority", "definition", "body", "dependency", "goal", "mention", "inside", "other"):
        fixture = fixture.replace("{" + name + "}", "")
    for name in (
        "nothing",
        "requirements",
        "above",
        "item",
        "note",
        "child",
        "child_body",
        "between",
        "heading",
        "after",
    ):
        fixture = fixture.replace("{" + name + "}", "")
    page, line, column = page_at(fixture)
    found = editor_of(page).place_at_line(page, line, column)
    if found is None:
        return None
    return (found.plan.feature, found.achievement.id) if found.achievement else found.plan.feature


@pytest.mark.parametrize(
    ("part", "where", "expected"),
    [
        ("PLAN", "head", "PAY"),
        ("PLAN", "index", ("PAY", "1.1")),
        ("PLAN", "priority", "PAY"),
        ("PLAN", "definition", ("PAY", "1.1")),
        ("PLAN", "body", ("PAY", "1.1")),
        ("PLAN", "dependency", ("PAY", "1.1")),
        ("PLAN", "goal", "PAY"),
        ("PLAN", "mention", ("PAY", "1.2")),
        ("SUBPLAN", "inside", ("PAY", "1.2")),
        ("SUBPLAN", "mention", ("PAY", "1.1")),
        ("SUBPLAN", "other", ("OTHER", "3.1")),
        ("NOTES", "nothing", None),
        ("KIRO", "requirements", "cache"),
        ("KIRO", "above", "cache"),
        ("KIRO", "item", ("cache", "1")),
        ("KIRO", "note", ("cache", "1")),
        ("KIRO", "child", ("cache", "1.1")),
        ("KIRO", "child_body", ("cache", "1.1")),
        ("KIRO", "between", "cache"),
        ("KIRO", "heading", "cache"),
        ("KIRO", "after", "cache"),
    ],
)
def test_only_what_contains_the_position_is_meant(
    part: str, where: str, expected: tuple[str, str] | str | None
) -> None:
    assert _at(part, where) == expected


def test_a_whole_document_means_the_achievement_that_it_is_about() -> None:
    page, _, _ = page_at(f"//- {FOLDER}/PLAN_PAY.md\n{HEAD}\n{SUBPLAN.replace('{inside}', '$0')}")
    found = editor_of(page).place_at_line(page, None, 0)
    assert found is not None and found.achievement is not None and found.achievement.id == "1.2"
