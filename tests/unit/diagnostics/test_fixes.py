"""The fix of a diagnostic: afterwards the diagnostic is gone, and everything else is the same."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from broken_lines import BROKEN, contents, fix_all
from check_cases import (
    CASES,
    NEAR_MISSES,
    PLAN,
    SUBPLAN,
    SUBPLAN_TEXT,
    TASK,
    TASK_TEXT,
    TWO,
    VERDICT,
    WHOLE,
    P,
)
from fixture import write_files
from planmark.diagnostics.codes import catalogue
from planmark.diagnostics.document_diagnostics import pack, unpack
from planmark.diagnostics.fixes import SHARED_FIXES, fixes_for
from planmark.diagnostics.rule_inputs import Fix
from planmark.diagnostics.rules import methodology
from planmark.formats.planmark.rules.formatting import CloseFence, RepairEncoding, UnifyLineEnds
from planmark.formats.planmark.rules.parallel_json import AddToList
from planmark.formats.planmark.rules.structure import AddSection
from planmark.ide.code_actions import repairs
from planmark.ide.document import EditorDocument
from planmark.plans.diagnostic import Diagnostic, FixKind, TargetFix, TextFix
from planmark.queries.budget_check import with_prompt_and_lease_diagnostics
from planmark.queries.workspace_view import View, build_view
from planmark.text.lines import line_end_counts
from planmark.workspace.atomic_write import create_file, rewrite_file
from planmark.workspace.index import Index
from planmark.workspace.workspace_edits import CreateFile, RenamePath, TextChange, changed_text, in_order

MENDED = {
    *("index-tick-without-verdict", "index-tick-missing", "missing-section", "index-missing", "index-mismatch"),
    *("no-achievements", "unclosed-fence", "encoding", "parallel-status-stored", "dependency-asymmetric"),
    *("document-name", "verdict-location", "plan-name", "number-ambiguous", "feature-mismatch", "number-mismatch"),
    *("orphan-subplan", "orphan-execution"),
    "achievement-format",
    "broken-table",
    "checkbox-form",
    "configuration",
    "grammaplan-stale",
    "handoff-stale",
    "line-range-stale",
    "lookalike-character",
    "parallel-json-invalid",
    "plan-complete",
    "reference-missing",
    "statistics-wrong",
    "status-contradicts-files",
    "status-unknown",
}
"""The codes that have a fix, including fixes that only a person chooses."""
UNCERTAIN = {
    *("document-name", "verdict-location", "number-ambiguous", "number-mismatch"),
    *("index-tick-without-verdict", "feature-mismatch", "plan-name", "no-achievements", "missing-section"),
    *("index-missing", "index-mismatch", "unclosed-fence", "reference-missing", "configuration", "status-unknown"),
    *("parallel-json-invalid", "line-range-stale", "orphan-subplan", "orphan-execution", "plan-complete"),
    "lookalike-character",
}
"""The codes whose fixes `check --fix` does not apply."""
FIXABLE = [case for case in CASES if case[0] in MENDED]
OF_ONE_END = [case for case in FIXABLE if "\r" not in "".join(case[1].values())]
"""The cases whose files do not already mix kinds of line ends."""


def seen(root: Path) -> View:
    index = Index(root)
    return build_view(index.refresh(), index.text_reader(), exists=index.exists)


@pytest.fixture(scope="session")
def case_view(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], View]:
    """A function that returns the view of a case by its number in `CASES`. No test changes the files of these views."""

    @functools.cache
    def view(number: int) -> View:
        root = tmp_path_factory.mktemp("case")
        write_files(root, {PLAN: TWO, **CASES[number][1]})
        return seen(root)

    return view


def carry_out(root: Path, view: View, fix: Fix) -> None:
    """Apply the changes of a fix, as `check --fix` and an editor do."""
    changes = in_order(fix.changes)
    for path in dict.fromkeys(change.path for change in changes if isinstance(change, TextChange)):
        own = [change for change in changes if isinstance(change, TextChange) and change.path == path]
        rewrite_file(root, path, view.text(path), changed_text(view.text(path), own))
    for change in changes:
        if isinstance(change, CreateFile):
            create_file(root, change)
        elif isinstance(change, RenamePath):
            (root / change.new).parent.mkdir(parents=True, exist_ok=True)
            (root / change.old).rename(root / change.new)


def same(one: Diagnostic, other: Diagnostic) -> bool:
    return (one.code, one.path, one.message) == (other.code, other.path, other.message)


@pytest.mark.parametrize(
    ("code", "files", "place"), FIXABLE, ids=[f"{number}-{case[0]}" for number, case in enumerate(FIXABLE)]
)
def test_after_a_fix_its_finding_is_gone(
    tmp_path: Path, case_view: Callable[[int], View], code: str, files: dict[str, str], place: tuple[str, int]
) -> None:
    everything = {PLAN: TWO, **files}
    view = case_view(CASES.index((code, files, place)))
    (diagnostic, *_) = [d for d in view.diagnostics if (d.code, d.path, d.line) == (code, *place)]
    for number, fix in enumerate(fixes_for(view.snapshot, diagnostic, view.text), 1):
        root = (tmp_path / str(number)).resolve()
        write_files(root, everything)
        carry_out(root, view, fix)
        assert not any(same(diagnostic, other) for other in seen(root).diagnostics), fix.title
        touched = {change.path for change in fix.changes if isinstance(change, TextChange)}
        moved = [change.old for change in fix.changes if isinstance(change, RenamePath)]
        for path, text in everything.items():
            if path not in touched and not any(path == old or path.startswith(f"{old}/") for old in moved):
                assert (root / path).read_bytes() == text.encode("utf-8")


def test_the_codes_that_have_a_fix(case_view: Callable[[int], View]) -> None:
    found: dict[str, set[bool]] = {}
    for number, (code, _, place) in enumerate(CASES):
        view = case_view(number)
        view = with_prompt_and_lease_diagnostics(view) if code == "prompt-over-budget" else view
        for diagnostic in view.diagnostics:
            if (diagnostic.code, diagnostic.path, diagnostic.line) == (code, *place):
                for fix in fixes_for(view.snapshot, diagnostic, view.text):
                    found.setdefault(code, set()).add(fix.is_preferred)
    assert found.keys() == MENDED
    assert {code for code, preferred in found.items() if True not in preferred} == UNCERTAIN
    assert set(catalogue()) >= MENDED


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


@pytest.mark.parametrize(
    "change", [crlf, lambda text: "\ufeff" + text, lambda text: text.rstrip("\n")], ids=["crlf", "bom", "no end"]
)
@pytest.mark.parametrize(
    ("code", "files", "place"), OF_ONE_END, ids=[f"{number}-{case[0]}" for number, case in enumerate(OF_ONE_END)]
)
def test_line_ends_marks_and_ends_stay(
    tmp_path: Path, change: Callable[[str], str], code: str, files: dict[str, str], place: tuple[str, int]
) -> None:
    root = tmp_path.resolve()
    everything = {path: change(text) if path.endswith(".md") else text for path, text in {PLAN: TWO, **files}.items()}
    write_files(root, {path: text.replace("\ufeff\ufeff", "\ufeff") for path, text in everything.items()})
    view = seen(root)
    for diagnostic in view.diagnostics:
        if (diagnostic.code, diagnostic.path, diagnostic.line) != (code, *place):
            continue
        for fix in fixes_for(view.snapshot, diagnostic, view.text)[:1]:
            carry_out(root, view, fix)
            for path in {c.path for c in fix.changes if isinstance(c, TextChange) and c.path.endswith(".md")}:
                before, after = everything[path], (root / path).read_bytes().decode("utf-8")
                assert line_end_counts(after).keys() <= (line_end_counts(before) or line_end_counts(after)).keys()
                assert after.startswith("\ufeff") == before.startswith("\ufeff")
        return


def test_everything_that_can_be_wrong_at_once(tmp_path: Path) -> None:
    """Check and fix a PLAN with every kind of broken line, in a workspace with all near misses: nothing crashes."""
    root = tmp_path.resolve()
    files = {path: text for _, texts in NEAR_MISSES for path, text in texts.items()}
    files |= {path: text for _, texts, _place in CASES for path, text in texts.items() if path != "planmark.toml"}
    files |= {
        PLAN: WHOLE + "".join(BROKEN),
        SUBPLAN: SUBPLAN_TEXT + "".join(BROKEN),
        TASK: TASK_TEXT.format("x", "".join(BROKEN)),
    }
    write_files(root, files)
    codes = {diagnostic.code for diagnostic in seen(root).diagnostics}
    assert len(codes) >= 20
    once = contents(root)
    fix_all(root)
    assert contents(root).keys() == once.keys()


@pytest.mark.parametrize("verdict", ["APPROVED_11.md", "FIX_11.md"])
def test_a_target_that_has_changed_is_not_mended(tmp_path: Path, verdict: str) -> None:
    root = tmp_path.resolve()
    write_files(root, {PLAN: TWO + "\n- [X] done\n", f"{P}/execution/feedbacks/{verdict}": VERDICT.format("1.1")})
    view = seen(root)
    (found,) = [d for d in view.diagnostics if d.code == "checkbox-form"]
    assert fixes_for(view.snapshot, found, lambda _: TWO + "\n- [x] done\n") == ()
    assert fixes_for(view.snapshot, found, lambda _: "") == ()


@pytest.mark.parametrize(
    ("line", "wanted", "preferred"),
    [
        ("**Achievement 1.1: Refunds** (4-6 hours)", "**Achievement 1.1** (4-6 hours): Refunds", True),
        ("**Achievement 1.1: Refunds** ⏱️ 4-6 hours", None, True),
        ("✅ **Achievement 1.1: Refunds**", "✅ **Achievement 1.1**: Refunds", True),
        ("### Achievement 1.1: Refunds ✅", "**Achievement 1.1**: Refunds ✅", False),
        ("### 🎯 Achievement 1.1 - Refunds", None, False),
        ("#### **Achievement 1.1**: Refunds", "**Achievement 1.1**: Refunds", False),
        ("**Achievement 1.1**: Refunds", None, False),
        ("**Achievement 1.1: A** — **done** (see `**`) | **x**  ", None, True),
        ("**Achievement 1.1: A**  ", "**Achievement 1.1**: A  ", True),
    ],
)
def test_nothing_of_a_definition_is_lost(tmp_path: Path, line: str, wanted: str | None, preferred: bool) -> None:
    text = f"# PLAN\n\n{line}\n"
    write_files(tmp_path, {PLAN: text})
    view = seen(tmp_path)
    found = [d for d in view.diagnostics if d.code == "achievement-format"]
    fixes = [fix for d in found for fix in fixes_for(view.snapshot, d, view.text)]
    assert [(changed_text(text, fix.changes), fix.is_preferred) for fix in fixes] == (  # type: ignore[arg-type]  # of one text
        [(f"# PLAN\n\n{wanted}\n", preferred)] if wanted else []
    )


def test_what_only_reports_is_not_made_a_definition(tmp_path: Path) -> None:
    write_files(tmp_path, {PLAN: TWO + "\n## Progress Tracking\n\n### Achievement 1.1: Another\n"})
    view = seen(tmp_path)
    (found,) = [d for d in view.diagnostics if d.code == "achievement-format"]
    assert "only reports" in found.message
    assert fixes_for(view.snapshot, found, view.text) == ()


def replaced(root: Path, text: str, fix: TextFix) -> str | None:
    """Return the text of a document after a fix that a format describes as columns; None if the fix does not apply."""
    write_files(root, {PLAN: text})
    view = seen(root)
    made = fixes_for(view.snapshot, Diagnostic(PLAN, fix.line, "hint", "task-id-missing", "x", fix=fix), view.text)
    return changed_text(view.text(PLAN), [c for c in made[0].changes if isinstance(c, TextChange)]) if made else None


@pytest.mark.parametrize(
    ("text", "fix", "after"),
    [
        ("- [ ] a\n- [ ] b\n", TextFix("Tick it", 2, 2, 5, "[x]"), "- [ ] a\n- [x] b\n"),
        ("- [ ] a\n- [ ] b", TextFix("Insert", 1, 7, 7, "\n- [ ] new"), "- [ ] a\n- [ ] new\n- [ ] b"),
        ("- [ ] a\r\n- [ ] b\r\n", TextFix("Insert", 1, 7, 7, "\n- [ ] new"), "- [ ] a\r\n- [ ] new\r\n- [ ] b\r\n"),
        ("- [ ] a\n", TextFix("Tick it", 1, 2, 9, "[x]"), None),
        ("- [ ] a\n", TextFix("Tick it", 3, 0, 0, "[x]"), None),
    ],
    ids=["columns", "new line", "line ends", "short line", "no line"],
)
def test_a_fix_may_name_its_columns(tmp_path: Path, text: str, fix: TextFix, after: str | None) -> None:
    assert replaced(tmp_path, text, fix) == after


@pytest.mark.parametrize(("box", "after"), [("[ ]\\*", "[ ]*"), ("[?]", "[?]")], ids=["safe", "not safe"])
def test_a_safe_fix_of_another_format_is_applied(tmp_path: Path, box: str, after: str) -> None:
    tasks = "- [ ] 1. A\n- {} 2. B\n"
    write_files(tmp_path, {".kiro/specs/pay/tasks.md": tasks.format(box)})
    fix_all(tmp_path)
    assert (tmp_path / ".kiro/specs/pay/tasks.md").read_text(encoding="utf-8") == tasks.format(after)


def test_each_kind_of_fix_has_a_function() -> None:
    kinds = set(FixKind.__subclasses__())
    assert kinds == {*methodology().fixes, *SHARED_FIXES}


def test_a_packed_result_keeps_every_fix(tmp_path: Path) -> None:
    """Pack the fixes of documents alone, and expect each kind of fix that a case has."""
    kinds: set[type[FixKind]] = set()
    for number, (_, files, _place) in enumerate(FIXABLE):
        root = tmp_path / str(number)
        write_files(root, {PLAN: TWO, **files})
        for checked in seen(root).checked.documents.values():
            assert unpack(pack(checked.document_diagnostics)) == checked.document_diagnostics
            kinds |= {type(diagnostic.fix) for diagnostic in checked.document_diagnostics.own if diagnostic.fix}
    assert kinds == {TargetFix, AddSection, AddToList, CloseFence, RepairEncoding, UnifyLineEnds}


def test_an_editor_offers_the_fix_of_another_format(tmp_path: Path) -> None:
    write_files(tmp_path, {".kiro/specs/pay/tasks.md": "- [ ] 1. A\n- [ ]\\* 2. B\n"})
    (repair,) = repairs(EditorDocument(seen(tmp_path), ".kiro/specs/pay/tasks.md"), 1, 1)
    change = TextChange(".kiro/specs/pay/tasks.md", 1, 5, 7, "*")
    assert (repair.diagnostic.code, repair.fix) == ("task-optional-escaped", Fix("Write `*`", True, (change,)))
