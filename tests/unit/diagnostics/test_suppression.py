"""Suppressed diagnostics are not shown; a suppression that matches nothing is a diagnostic."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.diagnostics.codes import RENAMED_CODES, catalogue
from planmark.formats.planmark.documents.suppressions import suppressions
from planmark.markdown.sections import split_into_sections
from planmark.queries.workspace_view import build_view
from planmark.workspace.index import Index

PLAN = "plans/PAY/PLAN_PAY.md"
FIX = "plans/PAY/execution/feedbacks/FIX_11.md"
TEXT = "# PLAN\n\n{}**Achievement 1.1**: A\n"


def codes(root: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    write_files(root, {FIX: "x\n", **files})
    index = Index(root)
    view = build_view(index.refresh(), index.text_reader())
    others = ("index-missing", "missing-section")
    return [(d.path.rpartition("/")[2], d.line, d.code) for d in view.diagnostics if d.code not in others]


def test_a_comment_above_the_line(tmp_path: Path) -> None:
    text = TEXT.format("<!-- planmark: ignore fix-unresolved -->\n\n")
    assert codes(tmp_path, {PLAN: text}) == []


def test_a_comment_at_the_top_of_the_file(tmp_path: Path) -> None:
    text = "<!-- planmark: ignore fix-unresolved, plan-complete -->\n" + TEXT.format("")
    assert codes(tmp_path, {PLAN: text}) == [("PLAN_PAY.md", 1, "unused-suppression")]


def test_a_comment_in_the_fix_counts_although_the_plan_shows_the_finding(tmp_path: Path) -> None:
    assert codes(tmp_path, {PLAN: TEXT.format(""), FIX: "<!-- planmark: ignore fix-unresolved -->\nx\n"}) == []


def test_a_comment_above_another_line_does_not_count(tmp_path: Path) -> None:
    text = TEXT.format("<!-- planmark: ignore fix-unresolved -->\nA line.\n\n")
    assert ("PLAN_PAY.md", 6, "fix-unresolved") in codes(tmp_path, {PLAN: text})
    assert ("PLAN_PAY.md", 3, "unused-suppression") in codes(tmp_path, {PLAN: text})


def test_settings_leave_out_codes_for_files(tmp_path: Path) -> None:
    settings = '[diagnostics.ignore]\n"**/feedbacks/" = ["fix-unresolved"]\n'
    assert codes(tmp_path, {PLAN: TEXT.format(""), "planmark.toml": settings}) == [("PLAN_PAY.md", 3, "fix-unresolved")]
    everything = '[diagnostics.ignore]\n"plans/" = ["*"]\n'
    assert codes(tmp_path, {"planmark.toml": everything}) == []


def test_a_code_that_does_not_exist(tmp_path: Path) -> None:
    write_files(tmp_path, {PLAN: TEXT.format("<!-- planmark: ignore fix-unresolve -->\n")})
    index = Index(tmp_path)
    found = next(
        d for d in build_view(index.refresh(), index.text_reader()).diagnostics if d.code == "unused-suppression"
    )
    assert found.message == "there is no diagnostic code fix-unresolve; did you mean fix-unresolved?"


@pytest.mark.parametrize(
    "text",
    [
        "```\n<!-- planmark: ignore plan-name -->\n```\n",
        "<!-- planmark: ignored plan-name -->\n",
        "<!-- planmark: ignore -->\n",
        "x <!-- planmark: ignore plan-name -->\n",
        "planmark: ignore plan-name\n",
    ],
)
def test_what_is_no_suppression(text: str) -> None:
    assert suppressions(split_into_sections(text)) == ()


def test_several_comments_are_about_the_same_line() -> None:
    text = "# T\n\n<!-- planmark: ignore plan-name -->\n<!-- planmark: ignore fix-unresolved -->\n\nA line.\n"
    assert [(s.codes, s.line, s.line_about) for s in suppressions(split_into_sections(text))] == [
        (("plan-name",), 2, 5),
        (("fix-unresolved",), 3, 5),
    ]


MISNAMED = "plans/PAY/execution/feedbacks/approved-1.1.md"
FORMER = "<!-- planmark: ignore verdict-name -->\n"


@pytest.mark.parametrize(
    ("toml", "comment", "severity"),
    [
        ("", "", "warning"),
        ('[diagnostics.severity]\nverdict-name = "error"\n', "", "error"),
        ('[diagnostics.severity]\nverdict-name = "off"\n', "", None),
        ('[diagnostics.severity]\nverdict-name = "off"\ndocument-name = "hint"\n', "", "hint"),
        ('[diagnostics.severity]\ndocument-name = "hint"\nverdict-name = "off"\n', "", "hint"),
        ('[diagnostics.ignore]\n"plans/" = ["verdict-name"]\n', "", None),
        ("", FORMER, None),
    ],
)
def test_a_former_code_stands_for_the_one_that_replaces_it(
    tmp_path: Path, toml: str, comment: str, severity: str | None
) -> None:
    verdict = f"{comment}# APPROVED: Achievement 1.1\n"
    write_files(tmp_path, {PLAN: TEXT.format(""), MISNAMED: verdict, "planmark.toml": toml})
    index = Index(tmp_path)
    found = build_view(index.refresh(), index.text_reader()).diagnostics
    assert [d.severity for d in found if d.code == "document-name"] == ([severity] if severity else [])
    assert not {d.code for d in found} & {"configuration", "unused-suppression"}


def test_a_former_code_that_suppresses_nothing_is_known(tmp_path: Path) -> None:
    write_files(tmp_path, {PLAN: TEXT.format(FORMER)})
    index = Index(tmp_path)
    found = next(
        d for d in build_view(index.refresh(), index.text_reader()).diagnostics if d.code == "unused-suppression"
    )
    assert found.message == "there is no verdict-name to suppress here: remove the comment"


def test_every_former_code_leads_to_a_check() -> None:
    assert set(RENAMED_CODES.values()) <= set(catalogue()) and not set(RENAMED_CODES) & set(catalogue())
