"""`planmark report`: Markdown, HTML and JSON, and the day since which it reports."""

from __future__ import annotations

import html.parser
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest

from check_cases import leased
from command_line import Run, runner
from fixture import write_files
from planmark.cli.commands import report
from planmark.cli.errors import CommandError
from planmark.cli.report_output import code_span, html_report, markdown_report
from planmark.cli.report_sections import MAX_ROWS, ReportPage, ReportRow, ReportSection
from planmark.cli.since_day import since_day
from planmark.queries.schemas import json_schema
from sample_plan import FEEDBACKS, PLAN, TEXT

TODAY = "2026-01-14"
HOSTILE = '<script>alert(1)</script> **[x](http://evil.example)** @team #12 a/b#3 `code` | & "q" \u202e\x1b[31m'


def verdict(kind: str, date: str, by: str = "Ada") -> str:
    return f"# {kind}: Refunds receipts\n\n**Reviewer**: {by}\n**Review Date**: {date}\n"


FILES = {
    PLAN: TEXT,
    f"{FEEDBACKS}/APPROVED_11.md": verdict("APPROVED", "2026-01-09"),
    f"{FEEDBACKS}/FIX_12.md": verdict("FIX", "2026-01-10"),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace with an approval and a FIX, on a fixed day."""
    monkeypatch.setattr(report, "local_day", lambda: TODAY)
    write_files(tmp_path / "shop", FILES)
    return tmp_path / "shop"


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys, "--workspace", str(root), "report")


def test_the_whole_report(run: Run) -> None:
    assert run().out == (
        "# shop, 2026-01-07 to 2026-01-14\n"
        "\n"
        "1 approved, 1 step waits, 0 risks.\n"
        "\n"
        "## Approved (1)\n"
        "\n"
        "- 2026-01-09 `@PAY` 1.1 Refunds (by Ada)\n"
        "\n"
        "## Waiting (1)\n"
        "\n"
        "- 4 days **executor** `@PAY` 1.2 Receipts: address the fix\n"
        "\n"
        "## Risks\n"
        "\n"
        "None.\n"
        "\n"
        "## Progress (1)\n"
        "\n"
        "- `@PAY` 1/2: 1 more since then\n"
    )


def test_the_same_day_gives_the_same_bytes(run: Run) -> None:
    for arguments in ([], ["--format", "html"], ["--json"]):
        assert run(*arguments).out == run(*arguments).out


def test_an_approval_before_the_first_day_is_not_reported(run: Run) -> None:
    shown = run("--since", "2026-01-10").out
    assert "Nothing was approved." in shown
    assert "- `@PAY` 1/2\n" in shown
    assert "by Ada" in run("--since", "2026-01-09").out


def test_a_reopened_achievement(root: Path, run: Run) -> None:
    write_files(root, {f"{FEEDBACKS}/FIX_11_R2.md": verdict("FIX", "2026-01-12", "Bo")})
    shown = run().out
    assert "## Reopened (1)\n\n- 2026-01-12 `@PAY` 1.1 Refunds (by Bo, round 2)\n" in shown
    assert "0 approved, 1 reopened" in shown
    assert "fewer since then" not in shown
    assert "1 fewer since then" in run("--since", "2026-01-12").out


def test_a_plan_by_name(root: Path, run: Run) -> None:
    write_files(root, {"work-space/plans/TILL/PLAN_TILL.md": TEXT.replace("Payments", "Till")})
    assert "@TILL" in run().out
    shown = run("@PAY").out
    assert shown.startswith("# `@PAY`, 2026")
    assert "@TILL" not in shown
    assert run("@NONE").code == 2


def test_the_result_has_its_schema(run: Run) -> None:
    data = run("--json").data
    jsonschema.Draft202012Validator(msgspec.json.decode(json_schema("report"))).validate(data)
    assert (data["schema"], data["since"], data["today"], data["only"]) == (
        *("planmark.report/1", "2026-01-07", TODAY),
        None,
    )
    assert [(item["achievement"], item["by"]) for item in data["approved"]] == [("1.1", "Ada")]


def test_risks(root: Path, run: Run) -> None:
    task = "# EXECUTION_TASK\n\n**Status**: Blocked\n\n**Blocker**: no key\n"
    name = "work-space/plans/PAY/execution/EXECUTION_TASK_PAY_12_01.md"
    (root / f"{FEEDBACKS}/FIX_12.md").unlink()
    write_files(root, {name: task})
    assert "- `@PAY` 1.2 Receipts: blocked: Status: Blocked" in run().out
    write_files(root, {name: task.replace("Blocked\n\n**Blocker**: no key", "Failed")})
    assert "its last execution failed" in run().out


def test_a_lease_that_was_not_renewed_is_a_risk(root: Path, run: Run) -> None:
    (root / f"{FEEDBACKS}/FIX_12.md").unlink()
    write_files(root, leased("2026-01-01T00:15:00Z", plan=PLAN))
    shown = run().out
    assert "## Risks (1)\n\n- `@PAY` 1.2 Receipts: " in shown
    assert "holds a lease of 1.2, which was not renewed" in " ".join(shown.split())


def test_plans_with_boxes_are_done_instead_of_approved(root: Path, run: Run) -> None:
    write_files(root, {"openspec/changes/add-a/tasks.md": "- [x] 1.1 Begin\n- [x] 1.2 Create `src/a.py`\n"})
    shown = run().out
    assert "1 approved or done, " in shown
    assert "## Approved or done (1)" in shown
    assert "- `@add-a`: 1 ticked task lacks its file: src/a.py" in shown
    assert "- `@add-a` 2/2: 2 at an unknown time" in shown
    assert "## Done\n\nNothing was done.\n" in run("@add-a").out


def test_long_sections_name_the_command_that_shows_all(root: Path, run: Run) -> None:
    names = [f"P{number:02}" for number in range(MAX_ROWS + 3)]
    write_files(root, {f"work-space/plans/{name}/PLAN_{name}.md": TEXT for name in names})
    shown = run("--since", "monday").out
    assert shown.count("- and 4 more: `planmark report --since 2026-01-12 --all`\n") == 2
    assert len(shown.splitlines()) < 60
    assert "more: `" not in run("--all").out


def test_an_unknown_time_is_said(root: Path, run: Run) -> None:
    write_files(root, {f"{FEEDBACKS}/APPROVED_11.md": "# APPROVED: Refunds\n"})
    shown = run().out
    assert "1/2: 1 at an unknown time" in shown
    assert "`@PAY`: 1 of 1 approved at an unknown time." in shown


def test_a_workspace_without_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = runner(capsys, "--workspace", str(tmp_path))("report")
    assert (result.code, "no plan in" in result.err) == (5, True)


class Page(html.parser.HTMLParser):
    """The tags and the text of a page. Void elements need no end."""

    VOID = frozenset({"meta"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


OWN_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "section"),
    *("p", "ul", "li", "span", "strong", "code", "bdi", "progress"),
}


def test_html_is_one_file_without_scripts(run: Run) -> None:
    shown = run("--format", "html").out
    page = Page(shown)
    assert page.open == []
    assert page.tags <= OWN_TAGS
    assert not page.attributes & {"src", "href", "style", "onclick"}
    assert "prefers-color-scheme: dark" in shown
    assert "default-src 'none'" in shown
    assert "2026-01-09" in page.text


def hostile_page(text: str = HOSTILE) -> ReportPage:
    rows = [ReportRow("2026-01-09", "", "PAY`<b>", text, text), ReportRow("", "executor", "PAY", "", text)]
    return ReportPage(text, "1 approved", [ReportSection("Approved (2)", rows, 3, "")], "planmark report '@a`b' --all")


def test_hostile_titles_are_text_in_html() -> None:
    shown = html_report(hostile_page())
    page = Page(shown)
    assert page.open == []
    assert page.tags <= OWN_TAGS
    assert "<script" not in shown
    assert "<script>alert(1)</script>" in page.text


def test_hostile_titles_are_text_in_markdown(root: Path, run: Run) -> None:
    write_files(root, {PLAN: TEXT.replace("Receipts", HOSTILE)})
    shown = run().out
    bare = re.sub(r"`+[^`]*`+", "", shown)
    assert not re.search(r"(?<!\\)<script|(?<!\\)\]\(|(?<!\\)\[x|@team|#12|a/b#3|https?:", bare)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", shown)


@pytest.mark.parametrize("mark", ["-", "+", "*", "1.", "12)", "#", ">", "```", "---", "===", "|"])
def test_a_word_at_the_begin_of_a_line_is_no_mark(mark: str) -> None:
    row = ReportRow("", "", "", "", " ".join(["word"] * 15 + [mark] * 30))
    page = ReportPage("t", "s", [ReportSection("Risks", [row], 0, "")], "c")
    item = markdown_report(page).split("## Risks\n\n", 1)[1]
    lines = item.splitlines()
    assert len(lines) > 1
    assert not any(re.match(r"\s+(?:[-+*>#|`=]|\d+[.)])(?:\s|$|[-=`])", line) for line in lines)


@pytest.mark.parametrize(
    ("text", "span"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a``", "``` `a`` ```"), ("@team", "`@team`")]
)
def test_code(text: str, span: str) -> None:
    assert code_span(text) == span


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (None, "2026-01-07"),
        ("2026-01-03", "2026-01-03"),
        ("2026-01-14", "2026-01-14"),
        ("7d", "2026-01-07"),
        ("0d", "2026-01-14"),
        ("2w", "2025-12-31"),
        ("3 days ago", "2026-01-11"),
        ("1 week", "2026-01-07"),
        ("today", "2026-01-14"),
        (" Yesterday ", "2026-01-13"),
        ("monday", "2026-01-12"),
        ("TUESDAY", "2026-01-13"),
        ("wednesday", "2026-01-07"),
        ("99999d", "1752-04-01"),
    ],
)
def test_the_first_day(text: str | None, day: str) -> None:
    assert since_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    ["", "soon", "03/05/2026", "2026-1-3", "2026-02-30", "2026-01-15", "9999999d", "-7d", "7", "main", "HEAD~3", "7dd"],
)
def test_a_day_that_cannot_be_read(run: Run, text: str) -> None:
    with pytest.raises(CommandError, match="2026-11-24"):
        since_day(text, TODAY)
    result = run(f"--since={text}")
    assert (result.code, "`monday`" in result.err) == (2, True)
