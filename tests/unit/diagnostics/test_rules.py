"""Each check: what triggers it, and what nearly triggers it."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_cases import CASES, FIX, NEAR_MISSES, TWO, P
from fixture import write_files
from planmark.coordination.lease_store import LeaseStore
from planmark.diagnostics.codes import CORE_CODES, catalogue
from planmark.diagnostics.rules import methodology
from planmark.formats.planmark.rules import preflight
from planmark.plans.diagnostic import Diagnostic, is_at_least_as_grave
from planmark.queries.budget_check import with_prompt_and_lease_diagnostics
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

OWN_CODES = [check.code for check in (*methodology().codes, *CORE_CODES) if check not in preflight.TOPIC.codes]
"""The codes of the methodology and of the core; preflight and the other formats test their own."""


OF_VIEWS = ("prompt-over-budget", "lease-stale", "lease-unreadable")
"""The codes that no rule finds, because they depend on more than documents."""


def found(root: Path, files: dict[str, str], code: str = "") -> list[Diagnostic]:
    """Return the diagnostics of a workspace. Prompts, which take longer than all rules, are made only for their code."""
    write_files(root, {f"{P}/PLAN_PAY.md": TWO, **files})
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader(), leases=LeaseStore(root.resolve()).look())
    return list((with_prompt_and_lease_diagnostics(view) if code in OF_VIEWS else view).diagnostics)


def shown(diagnostics: list[Diagnostic]) -> str:
    """Return the diagnostics as `planmark check` shows them, for a failing test."""
    return "\n".join(f"{d.path}:{d.line}: {d.severity} {d.code}: {d.message}" for d in diagnostics) or "no diagnostics"


@pytest.mark.parametrize(
    ("code", "files", "place"), CASES, ids=[f"{number}-{case[0]}" for number, case in enumerate(CASES)]
)
def test_what_triggers(tmp_path: Path, code: str, files: dict[str, str], place: tuple[str, int]) -> None:
    diagnostics = found(tmp_path, files, code)
    assert (code, *place) in [(d.code, d.path, d.line) for d in diagnostics], shown(diagnostics)


@pytest.mark.parametrize(
    ("code", "files"), NEAR_MISSES, ids=[f"{number}-{case[0]}" for number, case in enumerate(NEAR_MISSES)]
)
def test_what_nearly_does(tmp_path: Path, code: str, files: dict[str, str]) -> None:
    diagnostics = found(tmp_path, files, code)
    assert code not in [diagnostic.code for diagnostic in diagnostics], shown(diagnostics)


@pytest.mark.parametrize("code", OWN_CODES)
def test_a_code_has_its_severity_by_default(tmp_path: Path, code: str) -> None:
    """Compare the first case of each code; other cases may have a higher or lower severity than the default."""
    files, place = next((files, place) for known, files, place in CASES if known == code)
    severities = {d.severity for d in found(tmp_path, files, code) if (d.code, d.path, d.line) == (code, *place)}
    assert severities == {catalogue()[code].severity}


DEPENDS = TWO + "\n- **Dependencies**: 1.1\n"
WORK = {f"{P}/subplans/SUBPLAN_PAY_12.md": "## Objective\n\nx\n"}
TWICE = "**Achievement 1.1**: Refunds in parts\n\nMore.\n\n**Achievement 1.1**: Something else altogether\n"


@pytest.mark.parametrize(
    ("declared", "severity"),
    [
        ("", "warning"),
        ('"dependencies": ["1.1"]', "warning"),
        ('"dependencies": []', "warning"),
        ('"dependencies": ["2.1"]', "hint"),
    ],
)
def test_dependencies_that_are_disputed_are_a_hint(tmp_path: Path, declared: str, severity: str) -> None:
    entry = f'{{"achievement_id": "1.2"{declared and ", "}{declared}}}'
    files = {
        f"{P}/PLAN_PAY.md": DEPENDS + "\n**Achievement 2.1**: C\n",
        f"{P}/parallel.json": f'{{"achievements": [{entry}]}}',
        **WORK,
    }
    (blocked,) = [d for d in found(tmp_path, files) if d.code == "blocked-work" and "1.1" in d.message]
    assert blocked.severity == severity


@pytest.mark.parametrize(
    ("index", "severity"),
    [("", "error"), ("## Achievement Index\n\n- Achievement 1.1: Refunds in parts\n\n## Details\n\n", "warning")],
)
def test_where_the_index_says_which_is_meant_a_second_text_is_no_error(
    tmp_path: Path, index: str, severity: str
) -> None:
    (twice,) = [d for d in found(tmp_path, {f"{P}/PLAN_PAY.md": index + TWICE}) if d.code == "duplicate-achievement"]
    assert twice.severity == severity


def test_every_code_has_both() -> None:
    assert {case[0] for case in CASES} == {case[0] for case in NEAR_MISSES} == set(OWN_CODES)


def test_a_cycle_is_spelt_out_once(tmp_path: Path) -> None:
    files = {
        f"{P}/PLAN_PAY.md": "**Achievement 1.1**: A\n\n- **Depends on**: 1.2\n\n**Achievement 1.2**: B\n\n- **Depends on**: 1.3\n\n**Achievement 1.3**: C\n\n- **Depends on**: 1.1\n"
    }
    messages = [d.message for d in found(tmp_path, files) if d.code == "dependency-cycle"]
    assert len(messages) == 1
    assert messages[0].startswith("1.1 → 1.2 → 1.3 → 1.1:")


def test_severities_have_an_order() -> None:
    assert is_at_least_as_grave("error", "warning")
    assert not is_at_least_as_grave("hint", "warning")


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

**Achievement 1.1**: Another title

**Achievement 1.2**: B ✅ and its review
"""
    found_at = {
        d.line: d.message for d in found(tmp_path, {f"{P}/PLAN_PAY.md": text}) if d.code == "achievement-format"
    }
    assert "defined twice" in found_at[12]
    assert "only reports" in found_at[18]
    assert len(found_at) == 2


def test_a_severity_can_be_set_and_a_check_switched_off(tmp_path: Path) -> None:
    settings = '[diagnostics.severity]\nfix-unresolved = "hint"\nplan-name = "off"\n'
    files = {FIX: "x", f"{P}/PLAN_A_NOTE.md": "x", "planmark.toml": settings}
    severities = {d.code: d.severity for d in found(tmp_path, files)}
    assert severities["fix-unresolved"] == "hint"
    assert "plan-name" not in severities
