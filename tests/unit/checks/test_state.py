"""Each check of the state: what triggers it, and what nearly does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.answers.view import view_of
from planmark.checks.catalogue import CATALOGUE
from planmark.checks.diagnostic import Diagnostic, at_least
from planmark.workspace.index import Index

P = "plans/PAY"
TWO = "# PLAN\n\n**Status**: In Progress\n\n**Achievement 1.1**: A\n\n**Achievement 1.2**: B\n"
APPROVED = {f"{P}/execution/feedbacks/APPROVED_{number}.md": "**Review Date**: 2026-01-02\n" for number in (11, 12)}
INDEXED = "## Achievement Index\n\n- {}Achievement 1.1: A\n- {}Achievement 1.2: B\n"
TEMPLATES = {"planmark.toml": '[prompts]\ntemplates = "own"\n'}
FIX = f"{P}/execution/feedbacks/FIX_11.md"


def found(root: Path, files: dict[str, str]) -> list[Diagnostic]:
    write_files(root, {f"{P}/PLAN_PAY.md": TWO, **files})
    index = Index(root)
    return list(view_of(index.refresh(), index.reader()).diagnostics)


CASES = [
    ("claimed-without-evidence", {f"{P}/PLAN_PAY.md": TWO + "\n- ✅ Achievement 1.1\n"}, (f"{P}/PLAN_PAY.md", 9)),
    ("no-achievements", {f"{P}/PLAN_PAY.md": "# PLAN\n\n### Achievement 1: A\n"}, (f"{P}/PLAN_PAY.md", 3)),
    ("achievement-format", {f"{P}/PLAN_PAY.md": TWO + "\n### Achievement A: C\n"}, (f"{P}/PLAN_PAY.md", 9)),
    ("fix-unresolved", {FIX: "x"}, (FIX, 1)),
    ("fix-superseded", {FIX: "x", **APPROVED}, (FIX, 1)),
    ("fix-reopened", {FIX: "**Review Date**: 2026-01-03\n", **APPROVED}, (FIX, 1)),
    ("review-missing", {f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: Done\n"}, (f"{P}/PLAN_PAY.md", 5)),
    ("plan-complete", APPROVED, (f"{P}/PLAN_PAY.md", 3)),
    (
        "blocked-work",
        {
            f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n",
            f"{P}/subplans/SUBPLAN_PAY_12.md": "## Objective\n\nx\n",
        },
        (f"{P}/PLAN_PAY.md", 7),
    ),
    ("plan-name", {f"{P}/PLAN_A_NOTE.md": "x"}, (f"{P}/PLAN_A_NOTE.md", 1)),
    ("dependency-unknown", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 9.9\n"}, (f"{P}/PLAN_PAY.md", 9)),
    (
        "dependency-cycle",
        {
            f"{P}/parallel.json": '{"achievements": [{"achievement_id": "1.1", "dependencies": ["1.2"]},\n{"achievement_id": "1.2", "dependencies": ["1.1"]}]}'
        },
        (f"{P}/parallel.json", 1),
    ),
    ("parallel-json-invalid", {f"{P}/parallel.json": '{\n"achievements": ['}, (f"{P}/parallel.json", 2)),
    ("file-unreadable", {f"{P}/PLAN_B.md": "\0"}, (f"{P}/PLAN_B.md", 1)),
    ("index-tick-without-verdict", {f"{P}/PLAN_PAY.md": INDEXED.format("✅ ", "")}, (f"{P}/PLAN_PAY.md", 3)),
    (
        "index-tick-missing",
        {f"{P}/PLAN_PAY.md": INDEXED.format("✅ ", ""), **APPROVED},
        (f"{P}/PLAN_PAY.md", 4),
    ),
    (
        "handoff-stale",
        {f"{P}/PLAN_PAY.md": TWO + "\n## Current Status & Handoff\n\n**Next**: Achievement 1.1\n", **APPROVED},
        (f"{P}/PLAN_PAY.md", 11),
    ),
    (
        "number-mismatch",
        {f"{P}/subplans/SUBPLAN_PAY_11.md": "**Achievement Addressed**: 1.2\n\n## Objective\n\nx\n"},
        (f"{P}/subplans/SUBPLAN_PAY_11.md", 1),
    ),
    ("orphan-subplan", {f"{P}/subplans/SUBPLAN_PAY_77.md": "x"}, (f"{P}/subplans/SUBPLAN_PAY_77.md", 1)),
    ("orphan-subplan", {"subplans/SUBPLAN_OLD_11.md": "x"}, ("subplans/SUBPLAN_OLD_11.md", 1)),
    (
        "orphan-execution",
        {f"{P}/execution/EXECUTION_TASK_PAY_77_01.md": "x"},
        (f"{P}/execution/EXECUTION_TASK_PAY_77_01.md", 1),
    ),
    (
        "orphan-verdict",
        {f"{P}/execution/feedbacks/APPROVED_77.md": "x"},
        (f"{P}/execution/feedbacks/APPROVED_77.md", 1),
    ),
    (
        "verdict-empty",
        {f"{P}/execution/feedbacks/APPROVED_11.md": "# APPROVED: Achievement 1.2\n"},
        (f"{P}/execution/feedbacks/APPROVED_11.md", 1),
    ),
    (
        "verdict-ambiguous",
        {f"{P}/PLAN_TILL.md": TWO, f"{P}/subplans/SUBPLAN_TILL_11.md": "x", **APPROVED},
        (f"{P}/execution/feedbacks/APPROVED_11.md", 1),
    ),
    (
        "duplicate-document",
        {f"{P}/subplans/SUBPLAN_PAY_11.md": "x", "work-space/subplans/SUBPLAN_PAY_11.md": "x"},
        ("work-space/subplans/SUBPLAN_PAY_11.md", 1),
    ),
    ("unused-suppression", {FIX: "<!-- planmark: ignore plan-complete -->\nx"}, (FIX, 1)),
    ("template-broken", {**TEMPLATES, "own/wait.md.j2": "x\n{% if %}"}, ("own/wait.md.j2", 2)),
    (
        "number-ambiguous",
        {
            f"{P}/PLAN_PAY.md": "**Achievement 1.11**: A\n\n**Achievement 11.1**: B\n",
            f"{P}/execution/feedbacks/APPROVED_111.md": "x",
        },
        (f"{P}/execution/feedbacks/APPROVED_111.md", 1),
    ),
]
NEAR_MISSES = [
    (
        "claimed-without-evidence",
        {f"{P}/PLAN_PAY.md": TWO + "\n- ✅ Achievement 1.1\n", f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "x"},
    ),
    ("no-achievements", {}),
    ("achievement-format", {f"{P}/PLAN_PAY.md": TWO + "\n- Achievement 1.1 is done\n"}),
    ("fix-unresolved", {FIX: "x", **APPROVED}),
    ("fix-superseded", {FIX: "x"}),
    ("fix-reopened", {FIX: "**Review Date**: 2026-01-02\n", **APPROVED}),
    ("review-missing", {f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "**Status**: In Progress\n"}),
    ("plan-complete", {**APPROVED, f"{P}/PLAN_PAY.md": TWO.replace("In Progress", "✅ Complete")}),
    ("blocked-work", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n"}),
    ("plan-name", {f"{P}/PLAN-NOTE.md": "x"}),
    ("dependency-unknown", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n"}),
    ("dependency-cycle", {f"{P}/PLAN_PAY.md": TWO + "\n- **Dependencies**: 1.1\n"}),
    ("parallel-json-invalid", {f"{P}/parallel.json": '{"achievements": []}'}),
    ("file-unreadable", {f"{P}/PLAN_B.md": ""}),
    ("index-tick-without-verdict", {f"{P}/PLAN_PAY.md": INDEXED.format("✅ ", "✅ "), **APPROVED}),
    ("index-tick-missing", {f"{P}/PLAN_PAY.md": INDEXED.format("", ""), **APPROVED}),
    ("handoff-stale", {f"{P}/PLAN_PAY.md": TWO + "\n## Current Status & Handoff\n\n**Next**: Achievement 1.2\n"}),
    ("number-mismatch", {f"{P}/subplans/SUBPLAN_PAY_11.md": "**Achievement Addressed**: 1.1\n"}),
    ("orphan-subplan", {f"{P}/subplans/SUBPLAN_PAY_12.md": "x"}),
    ("orphan-execution", {f"{P}/execution/EXECUTION_TASK_PAY_12_01.md": "x"}),
    ("orphan-verdict", APPROVED),
    ("verdict-empty", {f"{P}/execution/feedbacks/APPROVED_11.md": "# APPROVED: Achievement 1.1\n"}),
    (
        "verdict-ambiguous",
        {
            f"{P}/PLAN_TILL.md": TWO,
            f"{P}/subplans/SUBPLAN_TILL_11.md": "x",
            f"{P}/execution/feedbacks/APPROVED_11.md": "**Plan**: PAY\n",
        },
    ),
    ("duplicate-document", {f"{P}/subplans/SUBPLAN_PAY_11.md": "x", f"{P}/subplans/SUBPLAN_PAY_12.md": "x"}),
    ("unused-suppression", {FIX: "<!-- planmark: ignore fix-unresolved -->\nx"}),
    ("template-broken", {**TEMPLATES, "own/wait.md.j2": "{% if true %}x{% endif %}"}),
    ("number-ambiguous", {f"{P}/execution/feedbacks/APPROVED_11.md": "x"}),
]


@pytest.mark.parametrize(
    ("code", "files", "place"), CASES, ids=[f"{number}-{case[0]}" for number, case in enumerate(CASES)]
)
def test_what_triggers(tmp_path: Path, code: str, files: dict[str, str], place: tuple[str, int]) -> None:
    diagnostics = [diagnostic for diagnostic in found(tmp_path, files) if diagnostic.code == code]
    assert place in [(diagnostic.path, diagnostic.line) for diagnostic in diagnostics]
    assert all(diagnostic.severity == CATALOGUE[code].severity for diagnostic in diagnostics)


@pytest.mark.parametrize(("code", "files"), NEAR_MISSES, ids=[case[0] for case in NEAR_MISSES])
def test_what_nearly_does(tmp_path: Path, code: str, files: dict[str, str]) -> None:
    assert code not in [diagnostic.code for diagnostic in found(tmp_path, files)]


def test_every_code_has_both() -> None:
    assert {case[0] for case in CASES} == {case[0] for case in NEAR_MISSES} == set(CATALOGUE)


def test_a_cycle_is_spelt_out_once(tmp_path: Path) -> None:
    files = {
        f"{P}/PLAN_PAY.md": "**Achievement 1.1**: A\n\n- **Depends on**: 1.2\n\n**Achievement 1.2**: B\n\n- **Depends on**: 1.3\n\n**Achievement 1.3**: C\n\n- **Depends on**: 1.1\n"
    }
    messages = [d.message for d in found(tmp_path, files) if d.code == "dependency-cycle"]
    assert len(messages) == 1
    assert messages[0].startswith("1.1 → 1.2 → 1.3 → 1.1:")


def test_severities_have_an_order() -> None:
    assert at_least("error", "warning")
    assert not at_least("hint", "warning")


def test_why_a_line_is_no_achievement(tmp_path: Path) -> None:
    text = """
## Achievement Index

- Achievement 1.1: A

## Priority 1

**Achievement 1.1**: A

More.

**Achievement 1.1**: A

**Achievement 1.2**: B

## Progress Tracking

**Achievement 1.1**: A
"""
    found_at = {
        d.line: d.message for d in found(tmp_path, {f"{P}/PLAN_PAY.md": text}) if d.code == "achievement-format"
    }
    assert "defined twice" in found_at[12]
    assert "does not list it" in found_at[14]
    assert "only reports" in found_at[18]
    assert len(found_at) == 3


def test_a_severity_can_be_set_and_a_check_switched_off(tmp_path: Path) -> None:
    settings = '[diagnostics.severity]\nfix-unresolved = "hint"\nplan-name = "off"\n'
    files = {FIX: "x", f"{P}/PLAN_A_NOTE.md": "x", "planmark.toml": settings}
    severities = {d.code: d.severity for d in found(tmp_path, files)}
    assert severities["fix-unresolved"] == "hint"
    assert "plan-name" not in severities
