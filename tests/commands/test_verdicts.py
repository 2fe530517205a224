"""`planmark verdict`: afterwards the state is the requested one, or nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixture import write_files
from planmark.cli.commands.verdict import issues_in
from planmark.cli.main import main
from planmark.formats.planmark.documents.document import parse
from planmark.formats.planmark.documents.verdict import Verdict
from planmark.queries.authoring import ReportedIssue
from state_helpers import judged

P = "work-space/plans/PAY"
F = f"{P}/execution/feedbacks"
PLAN = "# PLAN: PAY\n\n**Achievement 1.1**: Charge once\n\n**Achievement 1.2**: Refund\n"
DONE = {
    f"{P}/PLAN_PAY.md": PLAN,
    f"{P}/subplans/SUBPLAN_PAY_11.md": "# SUBPLAN\n\n## Objective\n\nx\n\n## Approach\n\nx\n",
    f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": "# T\n\n**Status**: ✅ Complete\n",
}
FIX = {f"{F}/FIX_11.md": "# FIX REQUIRED: Achievement 1.1\n\n**Review Date**: 2026-01-02\n"}


class Shell:
    """The CLI in a workspace."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._capsys = root, capsys
        self.said = ""

    def verdict(self, decision: str, *arguments: str, about: str = "1.1") -> int:
        """Run a verdict and return the exit code; `said` holds its standard error."""
        who = () if decision == "resolve" else ("--reviewer", "Ada")
        code = main(["--workspace", str(self.root), "verdict", decision, "@PAY", about, *who, *arguments])
        self.said = self._capsys.readouterr().err
        return code

    @property
    def files(self) -> dict[str, str]:
        """The verdicts, by name."""
        return {path.name: path.read_text("utf-8") for path in sorted((self.root / F).glob("*.md"))}

    @property
    def state(self) -> str:
        """The state of 1.1."""
        return judged(self.root, {}).achievements[0].state


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    write_files(tmp_path, DONE)
    return Shell(tmp_path, capsys)


def facts(name: str, text: str) -> Verdict:
    document = parse(name, text)
    assert document is not None and isinstance(document.facts, Verdict)
    return document.facts


def test_round_after_round(shell: Shell) -> None:
    steps = [
        ("approve", (), "APPROVED_11.md", "approved"),
        ("fix", ("--note", "charged twice"), "FIX_11_R2.md", "needs_fix"),
        ("resolve", (), "FIX_11_R2_RESOLUTION.md", "fix_resolved"),
        ("fix", ("--note", "still charged twice"), "FIX_11_R3.md", "needs_fix"),
        ("fix", ("--note", "and slow"), "FIX_11_R4.md", "needs_fix"),
        ("resolve", ("--note", "done"), "FIX_11_R4_RESOLUTION.md", "fix_resolved"),
    ]
    for decision, arguments, name, state in steps:
        before = shell.files
        assert shell.verdict(decision, *arguments) == 0, shell.said
        assert set(shell.files) - set(before) == {name}
        assert {known: text for known, text in shell.files.items() if known in before} == before
        assert shell.state == state


@pytest.mark.parametrize("date", ["**Review Date**: 2062-01-01", "**Review Date**: 06.09.2062", ""])
def test_a_fix_reopens_whatever_the_dates_say(shell: Shell, date: str) -> None:
    write_files(shell.root, {f"{F}/APPROVED_11.md": f"# APPROVED: Achievement 1.1\n\n{date}\n"})
    assert shell.verdict("fix", "--note", "it loses data") == 0
    assert shell.state == "needs_fix"
    assert facts("FIX_11_R2.md", shell.files["FIX_11_R2.md"]).reopens == ("APPROVED_11.md",)


def test_the_next_round_is_behind_every_verdict_that_is_there(shell: Shell) -> None:
    write_files(shell.root, {f"{F}/FIX_11_R2_RESOLUTION.md": "# FIX RESOLUTION: Achievement 1.1\n"})
    assert shell.verdict("fix", "--note", "lost") == 0
    assert set(shell.files) == {"FIX_11_R2_RESOLUTION.md", "FIX_11_R3.md"}
    assert shell.state == "needs_fix"


def test_after_the_last_round_nothing_is_written(shell: Shell) -> None:
    write_files(shell.root, {f"{F}/FIX_11_R99.md": "# FIX REQUIRED: Achievement 1.1\n"})
    assert shell.verdict("fix", "--note", "lost") == 4
    assert "the highest round is 99" in shell.said
    assert set(shell.files) == {"FIX_11_R99.md"}


def test_an_approval_closes_a_fix_of_the_future(shell: Shell) -> None:
    write_files(shell.root, {f"{F}/FIX_11.md": FIX[f"{F}/FIX_11.md"].replace("2026", "2062")})
    assert shell.verdict("resolve") == 4
    assert "would be needs fix" in shell.said
    assert shell.verdict("approve", "--force", "--note", "Mended by hand.") == 0
    assert shell.state == "approved"


def test_issues_with_severities_are_read_back(shell: Shell) -> None:
    note = "charged twice\n\n## Critical Issues\n\n1. **not an issue**\n```\nnever closed"
    arguments = ["--note", note, "--issue", "slow", "--severity", "minor", "--issue", "lost\nin March"]
    assert shell.verdict("fix", *arguments) == 0
    text = shell.files["FIX_11.md"]
    found = [(issue.severity, issue.title.replace("**", "")) for issue in facts("FIX_11.md", text).issues]
    assert found == [("critical", "charged twice"), ("critical", "lost"), ("minor", "slow")]
    assert all(line.strip() in text for line in note.splitlines())
    assert "[" not in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "say what is wrong"),
        (("--note", " "), "say what is wrong"),
        (("--issue", " "), "needs its text"),
        (("--severity", "minor"), "each --severity needs an --issue"),
        (("--issue", "a", "--severity", "grave"), "grave"),
        (("--issue", "a", "--force"), "--force is for"),
    ],
)
def test_a_fix_that_says_nothing_is_not_written(shell: Shell, arguments: tuple[str, ...], says: str) -> None:
    assert shell.verdict("fix", *arguments) == 2
    assert says in shell.said
    assert shell.files == {}


def test_severities_belong_to_the_issues_that_they_stand_by(shell: Shell) -> None:
    assert shell.verdict("fix", "--issue", "a", "--issue", "b", "--severity", "major", "--issue", "c") == 0
    found = [(issue.severity, issue.title) for issue in facts("FIX_11.md", shell.files["FIX_11.md"]).issues]
    assert found == [("critical", "**a**"), ("critical", "**c**"), ("major", "**b**")]


def test_what_an_editor_holds_becomes_issues() -> None:
    text = "\ncharged twice\n\n  see the log\nMinor: slow\nmajor:\nlost\nnote: no severity\n\n"
    assert issues_in(text) == (
        ReportedIssue("charged twice\n\n  see the log"),
        ReportedIssue("slow", "minor"),
        ReportedIssue("lost\nnote: no severity", "major"),
    )
    assert issues_in("\n \nminor:\n") == ()


LACKING = [
    ("no execution", {f"{P}/execution/EXECUTION_TASK_PAY_11_01.md": ""}, "open"),
    ("one is open", {f"{P}/execution/EXECUTION_TASK_PAY_11_02.md": "**Status**: In Progress\n"}, "open"),
    ("one is blocked", {f"{P}/execution/EXECUTION_TASK_PAY_11_02.md": "**Status**: Blocked\n"}, "blocked"),
    (
        "a deliverable is missing",
        {f"{P}/PLAN_PAY.md": PLAN.replace("once\n", "once\n\n- **Deliverables**: `pay/charge.py`\n")},
        "deliverable `pay/charge.py` does not exist",
    ),
    ("a fix is not answered", FIX, "FIX_11.md is not answered"),
]


@pytest.mark.parametrize(("files", "missing"), [row[1:] for row in LACKING], ids=[row[0] for row in LACKING])
def test_an_approval_needs_what_files_prove(shell: Shell, files: dict[str, str], missing: str) -> None:
    write_files(shell.root, files)
    before = shell.files
    for arguments in ((), ("--force",), ("--note", "Fine."), ("--force", "--note", " ")):
        assert shell.verdict("approve", *arguments) == 4
        assert missing in shell.said
        assert shell.files == before
    assert shell.verdict("approve", "--force", "--note", "Seen with Bob.") == 0
    (text,) = (text for name, text in shell.files.items() if name.startswith("APPROVED"))
    assert "Seen with Bob." in text and missing in text.partition("## Missing when it was approved")[2]
    assert shell.state == "approved"


def test_an_approval_says_nothing_that_the_reviewer_did_not_say(shell: Shell) -> None:
    assert shell.verdict("approve") == 0
    assert "done: **Status**: ✅ Complete" in shell.said
    lines = [line for line in shell.files["APPROVED_11.md"].splitlines() if line]
    assert lines[0] == "# APPROVED: Achievement 1.1"
    assert [line.partition(":")[0] for line in lines[1:]] == [
        *("**Achievement**", "**Plan**", "**Status**", "**Reviewer**", "**Review Date**")
    ]


def test_a_resolution_has_an_entry_for_each_issue(shell: Shell) -> None:
    assert shell.verdict("fix", "--issue", "lost", "--issue", "slow", "--severity", "minor") == 0
    assert shell.verdict("resolve", "--note", "Sent again.") == 0
    entries = [line for line in shell.files["FIX_11_RESOLUTION.md"].splitlines() if line[:1].isdigit()]
    assert [entry.partition(" (")[0] for entry in entries] == ["1. **lost**", "2. **slow**"]


@pytest.mark.parametrize(("decision", "code"), [("approve", 3), ("resolve", 4)])
def test_what_is_so_already_is_not_written_again(shell: Shell, decision: str, code: int) -> None:
    assert shell.verdict("approve") == 0
    before = shell.files
    assert shell.verdict(decision) == code
    assert shell.files == before


def test_where_no_verdict_would_be_read_none_is_written(shell: Shell) -> None:
    write_files(shell.root, {".gitignore": "feedbacks/\n"})
    assert shell.verdict("fix", "--note", "lost") == 5
    assert "would not be read" in shell.said
    assert shell.files == {}


@pytest.mark.parametrize(
    "name",
    [
        "Ada\n**Status**: Rejected",
        "Ada\r\n## Critical Issues",
        "Ada\x0b\x0cLovelace",
        "Ada\u2028# FIX: Achievement 1.2\u2029",
        "Ada\x85\x1c\x1d\x1eLovelace",
        "Ada\x1b[2J\x07\u202eLovelace",
        "\t Ada \n",
    ],
)
@pytest.mark.parametrize("decision", ["approve", "fix", "resolve"])
def test_a_reviewer_is_one_line_whatever_the_name_holds(shell: Shell, name: str, decision: str) -> None:
    """Check that no name adds a field, a heading or a control character, and that the state is right."""
    if decision == "resolve":
        assert shell.verdict("fix", "--note", "It loses refunds") == 0
    before = shell.files
    assert shell.verdict(decision, "--note", "seen", "--reviewer", name) == 0, shell.said
    (text,) = [text for known, text in shell.files.items() if known not in before]
    (line,) = [line for line in text.splitlines() if "Ada" in line]
    assert line.isprintable() and text.splitlines() == text.split("\n")[:-1]
    assert shell.state == {"approve": "approved", "fix": "needs_fix", "resolve": "fix_resolved"}[decision]


@pytest.mark.parametrize("name", ["", " \n", "\u200b", "\u202e\u2066", "**", "\x1b"])
def test_an_invisible_reviewer_name_is_refused(shell: Shell, name: str) -> None:
    assert shell.verdict("approve", "--reviewer", name) == 2
    assert "needs its reviewer" in shell.said
    assert not shell.files
